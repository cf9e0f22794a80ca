/** Reads and writes whole files. Errors have one line. @module */
import { randomUUID } from 'node:crypto';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkBytes, checkText } from '../base/checks.ts';

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
  for (const name of names.filter((name) => UNFINISHED.test(name))) await rm(join(folder, name));
  const probe = join(folder, unfinishedName('probe'));
  try {
    await writeSynced(probe, 'Convlet looked whether it can write here.\n');
  } catch (cause) {
    throw fileError(folder, 'a folder that can be written', cause, 'Use another --out');
  } finally {
    await rm(probe, { force: true });
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
  const temporary = join(dirname(path), unfinishedName(basename(path)));
  try {
    await writeSynced(temporary, data);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileError(path, 'to write a file', cause, 'Make room or choose another folder');
  }
}

/** Reads a whole file. @throws {Error} in one line, if it is no ordinary file or cannot be read. */
export async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    if ((await stat(path)).isFile()) return plainBytes(await readFile(path));
  } catch (cause) {
    throw fileError(path, 'a file that can be read', cause, 'Check the path');
  }
  throw new Error(`${path}: expected a file, got a folder or a device. Check the path.`);
}

/** The bytes without Node's `Buffer`: its `slice` is a view, the `slice` of every other array is a copy. */
export function plainBytes({
  buffer,
  byteOffset,
  length,
}: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, length);
}

/** The code of a failed system call, such as `ENOENT`, or otherwise the message. */
export function errorCode(cause: unknown): string {
  const { code, message }: { code?: unknown; message?: unknown } =
    cause instanceof Error ? cause : {};
  return String(code ?? message ?? cause);
}

/** Makes the folder if there is none. @returns the names in it. */
async function makeFolder(folder: string): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true });
    return await readdir(folder);
  } catch (cause) {
    throw fileError(folder, 'a folder that can be written', cause, 'Use another --out');
  }
}

async function writeSynced(path: string, data: Uint8Array | string): Promise<void> {
  await withFile(path, 'wx', async (file) => {
    await file.writeFile(data);
    await file.sync();
  });
}

/** Makes a rename durable. Windows has no such call for folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await withFile(folder, 'r', (file) => file.sync());
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

/** A fresh name for each write, so that two threads, or two machines on one share, never write into one file. */
function unfinishedName(name: string): string {
  return `.${name}.${randomUUID()}.unfinished`;
}

function fileError(path: string, expected: string, cause: unknown, advice: string): Error {
  return new Error(`${path}: expected ${expected}, got ${errorCode(cause)}. ${advice}.`, { cause });
}
