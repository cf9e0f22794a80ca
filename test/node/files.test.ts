/** Files are written whole or not at all, whichever call fails. Refusals come in one line, before anything is lost. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareOut, readInput, writeFileAtomic } from '../../src/node/files.ts';
import { temporaryFolders } from '../support/folder.ts';

/** Counts the calls that write, or read a whole file; the one numbered `failing` fails as on a full disk, and all after it if that is lasting. */
const calls = vi.hoisted(() => {
  const state = { count: 0, failing: Number.POSITIVE_INFINITY, isLasting: false };
  const failable = <A extends unknown[], R>(call: (...args: A) => R) => {
    return async (...args: A): Promise<Awaited<R>> => {
      state.count++;
      if (state.count === state.failing || (state.isLasting && state.count > state.failing)) {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      }
      return await call(...args);
    };
  };
  return { state, failable };
});

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    rename: calls.failable(fs.rename),
    readFile: calls.failable(fs.readFile),
    rm: async (...args: Parameters<typeof fs.rm>) => {
      if (calls.state.isLasting) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
      return fs.rm(...args);
    },
    open: calls.failable(async (path: string, flags: string): Promise<Partial<FileHandle>> => {
      const file = await fs.open(path, flags);
      return {
        writeFile: calls.failable((data: string | Uint8Array) => file.writeFile(data)),
        sync: calls.failable(() => file.sync()),
        close: () => file.close(),
      };
    }),
  };
});

const newFolder = temporaryFolders();

beforeEach(() => {
  calls.state.count = 0;
  calls.state.failing = Number.POSITIVE_INFINITY;
  calls.state.isLasting = false;
});

describe('writeFileAtomic', () => {
  it('writes new files and replaces old ones, and leaves nothing else', async () => {
    const folder = newFolder();
    const path = join(folder, 'ä b.bin');
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    await writeFileAtomic(path, 'täxt');
    expect(readFileSync(path, 'utf8')).toBe('täxt');
    expect(readdirSync(folder)).toEqual(['ä b.bin']);
  });

  it('writes under names as long as the system takes', async () => {
    const folder = newFolder();
    const names = ['a'.repeat(230), 'é'.repeat(127), '😀'.repeat(63)];
    for (const name of names) await writeFileAtomic(join(folder, name), name);
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });

  it('refuses a path with the character 0', async () => {
    await expect(writeFileAtomic('a\0b', 'x')).rejects.toThrow(
      /^"a\\u0000b": expected a path without the character 0, got one with it\. Use another name\.$/,
    );
    await expect(readInput('a\0b')).rejects.toThrow(
      '"a\\u0000b": expected a path without the character 0, got one with it.',
    );
  });

  it('leaves the old file and no other, whichever call fails', async () => {
    let failures = 0;
    for (let failing = 1; ; failing++) {
      const folder = newFolder();
      const path = join(folder, 'model');
      writeFileSync(path, 'old');
      calls.state.count = 0;
      calls.state.failing = failing;
      const error = await writeFileAtomic(path, 'new').then(
        () => undefined,
        (error: Error) => error,
      );
      expect(readdirSync(folder)).toEqual(['model']);
      if (error === undefined) {
        expect(readFileSync(path, 'utf8')).toBe('new');
        break;
      }
      failures++;
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(error.message).toBe(
        `${path}: expected to write a file, got ENOSPC. Make room or choose another folder.`,
      );
    }
    expect(failures).toBe(4); // open, write, sync, rename
  });

  it.each([5, 6])(
    'has written the file if the folder cannot be synced (call %i)',
    async (failing) => {
      const path = join(newFolder(), 'model');
      calls.state.failing = failing; // opens the folder, syncs it
      await writeFileAtomic(path, 'new');
      expect(calls.state.count).toBe(failing);
      expect(readFileSync(path, 'utf8')).toBe('new');
    },
  );

  it('keeps the old file, and says why, if nothing works any more', async () => {
    for (let failing = 1; failing <= 4; failing++) {
      const path = join(newFolder(), 'model');
      writeFileSync(path, 'old');
      Object.assign(calls.state, { count: 0, failing, isLasting: true });
      await expect(writeFileAtomic(path, 'new')).rejects.toThrow(
        `${path}: expected to write a file, got ENOSPC.`,
      );
      expect(readFileSync(path, 'utf8')).toBe('old');
      calls.state.isLasting = false;
      calls.state.failing = Number.POSITIVE_INFINITY;
      await prepareOut(join(path, '..'), { overwrite: true });
      expect(readdirSync(join(path, '..'))).toEqual(['model']);
    }
  });

  it('leaves one whole file if many are written at once', async () => {
    const path = join(newFolder(), 'model');
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(join(path, '..'))).toEqual(['model']);
  });

  it('refuses a folder that is not there and a folder as the file', async () => {
    const folder = newFolder();
    await expect(writeFileAtomic(join(folder, 'none', 'f'), '')).rejects.toThrow('got ENOENT.');
    mkdirSync(join(folder, 'sub'));
    await expect(writeFileAtomic(join(folder, 'sub'), '')).rejects.toThrow('got EISDIR.');
    expect(readdirSync(folder)).toEqual(['sub']);
  });
});

describe('prepareOut', () => {
  it('makes the folder and its parents, and leaves it empty', async () => {
    const out = join(newFolder(), 'runs', 'first');
    await prepareOut(out, { overwrite: false });
    expect(readdirSync(out)).toEqual([]);
    await prepareOut(out);
  });

  it('keeps other files, and removes the files of a killed writer', async () => {
    const out = newFolder();
    writeFileSync(join(out, 'notes.txt'), '');
    writeFileSync(
      join(out, '.model.safetensors.01234567-89ab-cdef-0123-456789abcdef.unfinished'),
      '',
    );
    await prepareOut(out);
    expect(readdirSync(out)).toEqual(['notes.txt']);
  });

  it.each([
    'history.json',
    'history.csv',
    'model.safetensors',
    'report.html',
    'checkpoint.convlet',
  ])(
    'refuses a folder with %s unless overwriting is allowed, and keeps the file in both cases',
    async (name) => {
      const out = newFolder();
      writeFileSync(join(out, name), 'a run');
      await expect(prepareOut(out, { overwrite: false })).rejects.toThrow(
        `${out}: expected a folder without a run, got one with ${name}. Use another --out, or --overwrite.`,
      );
      await prepareOut(out, { overwrite: true });
      expect(readFileSync(join(out, name), 'utf8')).toBe('a run');
    },
  );

  it('refuses if a file is in the way, or nothing can be written', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(prepareOut(file)).rejects.toThrow(
      `${file}: expected a folder that can be written, got ENOTDIR. Use another --out.`,
    );
    await expect(prepareOut(join(file, 'out'))).rejects.toThrow('got ENOTDIR.');
    for (const failing of [1, 2, 3]) {
      const out = newFolder();
      calls.state.count = 0;
      calls.state.failing = failing;
      await expect(prepareOut(out)).rejects.toThrow(
        `${out}: expected a folder that can be written, got ENOSPC. Use another --out.`,
      );
      expect(readdirSync(out)).toEqual([]);
    }
  });
});

describe('readInput', () => {
  it('reads a file, through links too, as plain bytes', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'a'), Uint8Array.of(1, 2));
    symlinkSync('a', join(folder, 'b'));
    const bytes = await readInput(join(folder, 'b'));
    expect(bytes).toEqual(Uint8Array.of(1, 2));
    expect(bytes.constructor).toBe(Uint8Array);
  });

  it('refuses a missing file, a folder, and a device that never ends', async () => {
    const folder = newFolder();
    await expect(readInput(join(folder, 'none'))).rejects.toThrow(
      `${join(folder, 'none')}: expected a file that can be read, got ENOENT. Check the path.`,
    );
    await expect(readInput(folder)).rejects.toThrow(
      `${folder}: expected a file, got a folder. Check the path.`,
    );
    if (existsSync('/dev/zero')) {
      await expect(readInput('/dev/zero')).rejects.toThrow('got a device.');
    }
  });

  it('refuses a longer file than asked for, before it is read', async () => {
    const path = join(newFolder(), 'long');
    writeFileSync(path, 'four');
    calls.state.failing = 1;
    await expect(readInput(path, { most: 3 })).rejects.toThrow(
      `${path}: expected a file of at most 3 bytes, got 4. Check the path.`,
    );
  });

  it('refuses a file of which the whole or the beginning cannot be read', async () => {
    const path = join(newFolder(), 'bad');
    writeFileSync(path, 'four');
    for (const limits of [{}, { startBytes: 3, checkStart: () => {} }]) {
      calls.state.count = 0;
      calls.state.failing = 1;
      await expect(readInput(path, limits)).rejects.toThrow(
        `${path}: expected a file that can be read, got ENOSPC. Check the path.`,
      );
    }
  });
});
