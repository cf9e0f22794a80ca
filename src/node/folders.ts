/** Makes folders. @module */
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode, fileError } from './fileErrors.ts';

/**
 * Makes a folder, and those above it, if there is none.
 * @returns the names in it. @throws {Error} in one line, if it cannot be made or read.
 */
export async function makeFolder(folder: string): Promise<string[]> {
  try {
    await climb(folder);
    return await readdir(folder);
  } catch (cause) {
    throw fileError(folder, 'a folder that can be written', cause, 'Use another --out');
  }
}

/**
 * Node's own `recursive` never ends if a folder cannot be made though the one above it is there, as in /proc, or if the
 * working folder was removed (Node 20).
 */
async function climb(folder: string): Promise<void> {
  const first = await attempt(folder);
  const above = dirname(folder);
  if (first === undefined) return;
  if (errorCode(first) !== 'ENOENT' || above === folder) throw first;
  await climb(above);
  const second = await attempt(folder);
  if (second !== undefined) throw second;
}

/** @returns the error, unless the folder is made or there is something of its name, which reading it will tell from a folder. */
async function attempt(folder: string): Promise<unknown> {
  try {
    await mkdir(folder);
    return undefined;
  } catch (cause) {
    return errorCode(cause) === 'EEXIST' ? undefined : cause;
  }
}

/** The path from the root. A relative one stays as it is if the working folder was removed. */
export function absolute(path: string): string {
  try {
    return resolve(path);
  } catch {
    return path;
  }
}
