/** Convlet on a page's own thread, from the built files: the sources of its kernels, and their errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserKind } from '../support/browser.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { type Lab, serveLab } from '../support/lab.ts';
import type { TestServer } from '../support/server.ts';

declare const lab: Promise<Lab>;

const newFolder = temporaryFolders();
let server: TestServer;
let isolated: TestServer;
let forbidding: TestServer;
beforeAll(async () => {
  server = await serveLab(newFolder(), {
    pages: { '/page.html': '<!doctype html><title>Not found</title>' },
  });
  isolated = await serveLab(newFolder(), { isolated: true });
  const csp = "default-src 'self'; script-src 'self' 'unsafe-inline'; img-src data:";
  forbidding = await serveLab(newFolder(), { csp });
});
afterAll(() => Promise.all([server, isolated, forbidding].map((one) => one.close())));

describe.each<BrowserKind>(['chromium', 'firefox'])('%s', (kind) => {
  describeInBrowser(kind, 'a page', ({ browser, open }) => {
    it('trains on its own thread, with kernels from any source', async () => {
      const { page, problems } = await open(server.origin);
      const hashes = await page.evaluate(async () => {
        const { convlet, inline, spec, train } = await lab;
        const url = new URL('/dist/kernels.wasm', location.href);
        const bytes = await (await fetch(url)).arrayBuffer();
        const module = await WebAssembly.compile(bytes);
        const wrongType = () => new Response(bytes, { headers: { 'content-type': 'text/plain' } });
        const sources = [
          url,
          '/dist/kernels.wasm',
          bytes,
          new Uint8Array(bytes),
          await fetch(url),
          wrongType(),
          module,
          { kernels: module },
          {},
        ];
        const makers = [
          () => convlet.createBackend(),
          () => convlet.createBackend({ threads: 'auto' }), // one: the page may not wait
          () => inline.createBackend(),
          ...sources.map((wasm) => () => convlet.createBackend({ wasm })),
        ];
        const hashes = [];
        for (const make of makers) {
          const backend = await make();
          const model = convlet.createModel(backend, spec);
          await model.fit(train, { maxSteps: 3 });
          hashes.push(await model.weightsSha256());
          backend.dispose();
        }
        return hashes;
      });
      expect(hashes).toHaveLength(12);
      expect(new Set(hashes).size).toBe(1);
      expect(problems.all()).toEqual([]);
    });

    it('gives its workers the same choice', async () => {
      const { page, problems } = await open(isolated.origin);
      const hashes = await page.evaluate(async () => {
        const { worker, spec, train } = await lab;
        const url = (name: string) => new URL(`/dist/${name}`, location.href);
        const kernels = await WebAssembly.compileStreaming(fetch(url('kernels.wasm')));
        const bytes = await (await fetch(url('kernels.threads.wasm'))).arrayBuffer();
        const sources = [
          undefined,
          '/dist/kernels.wasm',
          await fetch(url('kernels.wasm')),
          { kernels, threads: url('kernels.threads.wasm') },
          { kernels: '/dist/kernels.wasm', threads: bytes },
        ];
        const hashes = [];
        for (const wasm of sources) {
          const backend = await worker.createWorkerBackend({ threads: 2, ...(wasm && { wasm }) });
          const model = await backend.createModel(spec);
          await model.fit(train, { maxSteps: 3 });
          hashes.push(await model.weightsSha256());
          backend.dispose();
        }
        return hashes;
      });
      expect(hashes).toHaveLength(5);
      expect(new Set(hashes).size).toBe(1);
      expect(problems.all()).toEqual([]);
    });

    it('fetches nothing for the inline kernels', async () => {
      const { page } = await open(server.origin);
      const fetched = await page.evaluate(async () => {
        const { createBackend } = (await lab).inline;
        await createBackend();
        return performance.getEntriesByType('resource').map(({ name }) => name);
      });
      expect(fetched.length).toBeGreaterThan(10);
      expect(fetched.filter((name) => name.endsWith('.wasm'))).toEqual([]);
    });

    it('tells in one line what it got instead of the kernels', async () => {
      const { page } = await open(server.origin);
      const met = {
        '/missing.wasm': 'got HTTP status 404',
        '/page.html': 'got HTML (text/html', // of a server that answers everything
        '/dist/index.js': 'bytes that begin with "/**',
        'http://127.0.0.1:1/kernels.wasm': 'could not get it',
        '/dist/kernels.threads.wasm': 'expected kernels.wasm, got',
      };
      const messages = await page.evaluate(async (paths) => {
        const { convlet, worker } = await lab;
        const messageOf = (error: Error) => error.message;
        return Promise.all(
          paths.flatMap((wasm) => [
            convlet.createBackend({ wasm }).then(() => '', messageOf),
            worker.createWorkerBackend({ wasm }).then(() => '', messageOf),
          ]),
        );
      }, Object.keys(met));
      for (const [i, part] of Object.values(met).entries()) {
        for (const message of messages.slice(2 * i, 2 * i + 2)) {
          expect(message).toContain(part);
          expect(message).not.toContain('\n');
        }
      }
      expect(messages).toHaveLength(10);
    });

    it('tells if the bytes are cut short or belong to another module', async () => {
      const { page } = await open(server.origin);
      const messages = await page.evaluate(async () => {
        const { createBackend } = (await lab).convlet;
        const bytes = await (await fetch('/dist/kernels.wasm')).arrayBuffer();
        const typed = (body: BodyInit) =>
          new Response(body, { headers: { 'content-type': 'application/wasm' } });
        const lost = new ReadableStream({
          start(controller) {
            controller.enqueue(new Uint8Array(bytes, 0, 5000));
            controller.error(new TypeError('connection lost'));
          },
        });
        const [streams, plain] = lost.tee();
        const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
        const sources = [
          bytes.slice(0, 5000),
          typed(bytes.slice(0, 5000)),
          typed(streams),
          new Response(plain),
          empty,
          new ArrayBuffer(0),
          5,
        ];
        return Promise.all(
          sources.map((wasm) =>
            createBackend({ wasm: wasm as never }).then(
              () => '',
              (error: Error) => `${error}`,
            ),
          ),
        );
      });
      const damaged = expect.stringMatching(
        /^Error: createBackend: expected the kernels of this release from the given/,
      );
      const lost = expect.stringMatching(/expected all of the given response, got a part/);
      expect(messages).toEqual([
        damaged,
        damaged,
        lost,
        lost,
        'Error: kernels: expected a module of ABI version 1, got one without. Use the .wasm and the JavaScript of one release.',
        expect.stringContaining('got 0 bytes'),
        expect.stringMatching(/^TypeError: createBackend: expected wasm as .*, got 5\./),
      ]);
    });

    it("asks for 'wasm-unsafe-eval' if the policy lacks it", async () => {
      const { page } = await open(forbidding.origin);
      const messages = await page.evaluate(async () => {
        const { convlet, inline, worker } = await lab;
        const messageOf = (error: Error) => error.message;
        return [
          await convlet.createBackend().then(() => '', messageOf),
          await inline.createBackend().then(() => '', messageOf),
          await worker.createWorkerBackend().then(() => '', messageOf),
        ];
      });
      for (const message of messages) expect(message).toContain("Add 'wasm-unsafe-eval'");
    });

    it('names the engines that have SIMD if this one has not', async () => {
      const page = await browser().newPage();
      await page.evaluateOnNewDocument(() => {
        // an engine without SIMD refuses what uses it
        const refuse = () => Promise.reject(new WebAssembly.CompileError('no v128'));
        Object.assign(WebAssembly, {
          compile: refuse,
          compileStreaming: refuse,
          validate: () => false,
        });
      });
      await page.goto(server.origin);
      const message = await page.evaluate(async () => {
        const { createBackend } = (await lab).convlet;
        return createBackend().then(
          () => '',
          (error: Error) => error.message,
        );
      });
      expect(message).toMatch(
        /expected an engine with WebAssembly SIMD, got one without\. Use .*Chrome 91/,
      );
    });

    it('has no hash of the weights if the page is not secure, and says so', async () => {
      const page = await browser().newPage();
      await page.evaluateOnNewDocument("Object.defineProperty(crypto, 'subtle', {})"); // as over plain http
      await page.goto(server.origin);
      const message = await page.evaluate(async () => {
        const { convlet, spec } = await lab;
        const model = convlet.createModel(await convlet.createBackend(), spec);
        return model.weightsSha256().catch((error: Error) => error.message);
      });
      expect(message).toMatch(/^weightsSha256: expected a secure context/);
    });

    it('refuses threads on its own thread, which may not wait', async () => {
      const { page } = await open(isolated.origin);
      const message = await page.evaluate(async () => {
        const { createBackend } = (await lab).convlet;
        return createBackend({ threads: 2 }).then(
          () => '',
          (error: Error) => `${error}`,
        );
      });
      expect(message).toMatch(/^RangeError: .*main thread may not wait/);
    });
  });
});
