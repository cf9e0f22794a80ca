/** Reads and writes whole files. Errors have one line. @module */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkBytes, checkText } from '../base/checks.ts';
import { fileError } from './fileErrors.ts';
import { makeFolder } from './folders.ts';

/** The files that a run leaves in its folder. */
const RUN_FILES = [
  'history.json',
  'history.csv',
  'recipe.json',
  'model.safetensors',
  'report.html',
  'checkpoint.convlet',
  'bench.json',
];
/** Names of the files that an interrupted write leaves. */
const UNFINISHED = /^\..+\.[0-9a-f-]{36}\.unfinished$/;

/**
 * Makes the folder of a run if there is none, and checks, before hours of training, that files can be written. Removes
 * the unfinished files of a killed writer.
 *
 * @param options `overwrite` allows a folder that holds a run.
 * @throws {Error} in one line, if the folder cannot be written or already holds a run.
 */
export async function prepareOut(
  folder: string,
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const names = await makeFolder(folder);
  const found = RUN_FILES.filter((name) => names.includes(name));
  if (found.length > 0 && !overwrite) {
    throw new Error(
      `${folder}: expected a folder without a run, got one with ${found.join(', ')}. Use another --out, or --overwrite.`,
    );
  }
  await removeUnfinished(folder, names);
  const probe = join(folder, unfinishedName('probe'));
  try {
    await writeSynced(probe, 'Convlet looked whether it can write here.\n');
  } catch (cause) {
    throw fileError(folder, 'a folder that can be written', cause, 'Use another --out');
  } finally {
    await rm(probe, { force: true });
  }
}

/** Removes the files of a killed writer, unless another run has done so by now. @param names What was in the folder. */
export async function removeUnfinished(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names.filter((name) => UNFINISHED.test(name))) {
    await rm(join(folder, name), { force: true });
  }
}

/**
 * Writes a file so that the whole old file or the whole new file is there at any moment, even after a loss of power. It
 * writes a file of another name in the same folder, makes it durable, and renames it (Pillai et al., "All file systems are
 * not created equal", OSDI 2014).
 * @throws {Error} in one line. The old file is then untouched.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  checkText('writeFileAtomic', 'path', path);
  if (typeof data !== 'string') checkBytes('writeFileAtomic', data);
  await writeFilesAtomic({ [path]: data });
}

/**
 * Writes files that belong together: none takes its name before all of them are written.
 * @param files Their content, by their paths.
 * @throws {Error} in one line that names the file. The old files are then untouched, unless it was a rename that failed: those
 * before it have the new content.
 */
export async function writeFilesAtomic(
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  const parts = Object.entries(files).map(([path, data]) => ({
    path,
    temporary: join(dirname(path), unfinishedName(basename(path))),
    data,
  }));
  let current = '';
  try {
    for (const { path, temporary, data } of parts) {
      current = path;
      await writeSynced(temporary, data);
    }
    for (const { path, temporary } of parts) {
      current = path;
      await rename(temporary, path);
    }
    for (const folder of new Set(parts.map(({ path }) => dirname(path)))) await syncFolder(folder);
  } catch (cause) {
    // what cannot be removed, the next run in the folder removes
    for (const { temporary } of parts) await rm(temporary, { force: true }).catch(() => {});
    throw fileError(current, 'to write a file', cause, 'Make room or choose another folder');
  }
}

/** Most bytes of a file: a read of Node takes no more. */
const MOST_BYTES = 2 ** 31 - 1;
/** Most bytes of a file of text that is read whole, such as a network as JSON. */
export const MOST_TEXT_BYTES: number = 2 ** 26;

export interface InputLimits {
  /** Largest number of bytes: a longer file is refused before it is read. */
  readonly most?: number;
  /** Of a longer file than `startBytes` looks at the start, and throws if it cannot be what is expected. */
  readonly startBytes?: number;
  readonly checkStart?: (start: Uint8Array, fileBytes: number, where: string) => void;
}

/** Reads a whole file. @throws {Error} in one line, if it is no ordinary file, too long, or cannot be read. */
export async function readInput(
  path: string,
  { most = MOST_BYTES, startBytes = most, checkStart }: InputLimits = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await checkOrdinary(path);
  if (bytes > startBytes) checkStart?.(await readStart(path, startBytes), bytes, path);
  if (bytes > most) {
    throw new Error(
      `${path}: expected a file of at most ${most} bytes, got ${bytes}. Check the path.`,
    );
  }
  try {
    return plainBytes(await readFile(path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The first bytes of a file. @throws {Error} in one line. */
export async function readStart(path: string, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const start = new Uint8Array(length);
  let bytesRead = 0;
  try {
    await withFile(path, 'r', async (file) => {
      ({ bytesRead } = await file.read(start, 0, length, 0));
    });
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return start.subarray(0, bytesRead);
}

/**
 * Throws unless the path leads to an ordinary file: a pipe may never begin, a device may never end.
 * @returns its length in bytes. @throws {Error} in one line.
 */
export async function checkOrdinary(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (found.isFile()) return found.size;
  const got = found.isDirectory() ? 'a folder' : found.isFIFO() ? 'a pipe' : 'a device';
  throw new Error(`${path}: expected a file, got ${got}. Check the path.`);
}

function unreadable(path: string, cause: unknown): Error {
  return fileError(path, 'a file that can be read', cause, 'Check the path');
}

/** The bytes without Node's `Buffer`: its `slice` is a view, the `slice` of every other array is a copy. */
export function plainBytes({
  buffer,
  byteOffset,
  length,
}: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, length);
}

async function writeSynced(path: string, data: Uint8Array | string): Promise<void> {
  await withFile(path, 'wx', async (file) => {
    await file.writeFile(data);
    await file.sync();
  });
}

/**
 * Makes renames durable if the system can: Windows has no such call for folders, some file systems refuse it, and a folder may be
 * writable but not readable. The files have their names already, so a failure is none of the write.
 */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(folder, 'r', (file) => file.sync()).catch(() => {});
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** Most characters of a name that its temporary name keeps: of up to 4 bytes each, they fit into the 255 bytes of a name. */
const KEPT_CHARACTERS = 50;

/** A fresh name for each write, so that two threads, or two machines on one share, never write into one file. */
function unfinishedName(name: string): string {
  return `.${[...name].slice(0, KEPT_CHARACTERS).join('')}.${randomUUID()}.unfinished`;
}

/** The first bytes of a file as characters of one byte. */
export async function firstBytes(path: string): Promise<string> {
  const file = await open(path).catch((cause: unknown) => {
    throw fileError(path, 'a file that can be read', cause, 'Check its permissions');
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch (cause) {
    throw fileError(path, 'a file that can be read', cause, 'Check the disk');
  } finally {
    await file.close();
  }
}
