/** `convlet/storage` in real browsers: files stay after the page is closed, in the file system and in IndexedDB. */
import { deleteFile, loadFile, saveFile } from 'convlet/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserKind } from '../support/browser.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { type Lab, serveLab } from '../support/lab.ts';
import type { TestServer } from '../support/server.ts';

declare const lab: Promise<Lab>;

const newFolder = temporaryFolders();
let server: TestServer;
beforeAll(async () => {
  server = await serveLab(newFolder());
});
afterAll(() => server.close());

/** Run in the page before its scripts: what a browser without the file system looks like. */
const WITHOUT_FILES = 'delete FileSystemFileHandle.prototype.createWritable';
const WITHOUT_ANY = `${WITHOUT_FILES}; Object.defineProperty(globalThis, 'indexedDB', { value: undefined })`;

describe.each<BrowserKind>(['chromium', 'firefox'])('%s', (kind) => {
  describeInBrowser(kind, 'storage', ({ browser, open }) => {
    async function openWith(script: string) {
      const page = await browser().newPage();
      await page.evaluateOnNewDocument(script);
      await page.goto(server.origin);
      return page;
    }

    it.each([
      ['the file system', ''],
      ['IndexedDB', WITHOUT_FILES],
    ])('%s keeps, replaces, lists and deletes files, also for the next page', async (_, script) => {
      const page = await openWith(script);
      const first = await page.evaluate(async () => {
        const { saveFile, loadFile, listFiles } = (await lab).storage;
        const bytes = new Uint8Array(100_000).map((_, i) => i);
        await saveFile('b.convlet', bytes.subarray(3, 99_000));
        await saveFile('a.convlet', Uint8Array.of(1, 2, 3));
        await saveFile('a.convlet', Uint8Array.of(4, 5).buffer);
        const loaded = await loadFile('b.convlet');
        return {
          names: await listFiles(),
          isWhole: loaded?.length === 98_997 && loaded.every((byte, i) => byte === (i + 3) % 256),
          missing: await loadFile('c.convlet'),
        };
      });
      expect(first).toEqual({
        names: ['a.convlet', 'b.convlet'],
        isWhole: true,
        missing: undefined,
      });
      await page.close();

      const next = await openWith(script);
      const second = await next.evaluate(async () => {
        const { loadFile, listFiles, deleteFile } = (await lab).storage;
        const kept = [...((await loadFile('a.convlet')) ?? [])];
        const deleted = [await deleteFile('a.convlet'), await deleteFile('a.convlet')];
        await deleteFile('b.convlet');
        return { kept, deleted, names: await listFiles() };
      });
      expect(second).toEqual({ kept: [4, 5], deleted: [true, false], names: [] });
      await next.close();
    });

    it('finds a file that was saved before the browser had a file system, and replaces it', async () => {
      const old = await openWith(WITHOUT_FILES);
      await old.evaluate(async () => (await lab).storage.saveFile('x', Uint8Array.of(1)));
      await old.close();
      const page = await openWith('');
      const seen = await page.evaluate(async () => {
        const { saveFile, loadFile, listFiles, deleteFile } = (await lab).storage;
        const before = (await loadFile('x'))?.[0];
        await saveFile('x', Uint8Array.of(2));
        const after = (await loadFile('x'))?.[0];
        const names = await listFiles();
        await deleteFile('x');
        return { before, after, names, left: await loadFile('x') };
      });
      expect(seen).toEqual({ before: 1, after: 2, names: ['x'], left: undefined });
      await page.close();
    });

    it('goes on in IndexedDB if the file system refuses, and leaves no older file there', async () => {
      const { page, problems } = await open(server.origin);
      const kept = await page.evaluate(async () => {
        const { saveFile, loadFile, listFiles } = (await lab).storage;
        await saveFile('x', Uint8Array.of(2));
        await saveFile('earlier', Uint8Array.of(9));
        FileSystemFileHandle.prototype.createWritable = () =>
          Promise.reject(new DOMException('no', 'NotAllowedError'));
        await saveFile('x', Uint8Array.of(3));
        return [(await loadFile('x'))?.[0], (await loadFile('earlier'))?.[0], await listFiles()];
      });
      expect(kept).toEqual([3, 9, ['earlier', 'x']]);
      expect(problems.all()).toEqual([]);
      const next = await openWith('');
      const seen = await next.evaluate(async () => {
        const { loadFile, deleteFile } = (await lab).storage;
        const first = (await loadFile('x'))?.[0];
        return [first, await deleteFile('x'), await deleteFile('earlier')];
      });
      expect(seen).toEqual([3, true, true]);
      await next.close();
    });

    it('tells in one line that there is no storage, or no room', async () => {
      const page = await openWith(WITHOUT_ANY);
      const none = await page.evaluate(async () => {
        const { saveFile } = (await lab).storage;
        return saveFile('x', new Uint8Array(1)).catch((error: Error) => error.message);
      });
      expect(none).toContain('expected the Origin Private File System or IndexedDB, got neither');
      await page.close();

      const { page: full } = await open(server.origin);
      const message = await full.evaluate(async () => {
        const { saveFile, loadFile, listFiles, deleteFile } = (await lab).storage;
        await saveFile('x', Uint8Array.of(7));
        const refuse = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
        FileSystemWritableFileStream.prototype.write = refuse;
        const thrown = await saveFile('x', new Uint8Array(9)).catch(
          (error: Error) => error.message,
        );
        const kept = (await loadFile('x'))?.[0];
        await deleteFile('x');
        await saveFile('y', new Uint8Array(9)).catch(() => {});
        return { thrown, kept, names: await listFiles(), half: (await loadFile('y')) ?? 'none' };
      });
      expect(message.thrown).toMatch(
        /^saveFile: expected room for x, got a full quota \(\d+ MiB of/,
      );
      // the old one is whole, and no part of the new one
      expect(message).toMatchObject({ kept: 7, names: [], half: 'none' });
    });
  });
});

it('refuses invalid names, and tells that Node has no such storage', async () => {
  for (const name of ['', '.', '..', 'a/b', 'a\\b', 'ä'.repeat(128), 5 as never]) {
    await expect(saveFile(name, new Uint8Array(1))).rejects.toThrow(TypeError);
    await expect(loadFile(name)).rejects.toThrow('loadFile: expected a file name');
    await expect(deleteFile(name)).rejects.toThrow('deleteFile: expected a file name');
  }
  await expect(saveFile('a', 'text' as never)).rejects.toThrow('expected bytes');
  await expect(saveFile('a', new Uint8Array(0))).rejects.toThrow(RangeError);
  await expect(loadFile('a')).rejects.toThrow('got neither');
});
