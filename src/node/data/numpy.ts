/** NumPy's files on disk: a .npz, or the .npy files of a folder. What they hold: formats/dataset/numpy.ts. @module */
import { basename, join } from 'node:path';
import { openArrays } from '../../formats/dataset/numpy.ts';
import type { ReadSettings, Source } from '../../formats/dataset/source.ts';
import { decodeNpy, type NpyArray } from '../../formats/npy.ts';
import { decodeNpz } from '../../formats/npz.ts';
import { readInput } from '../files.ts';

/** A data set out of an archive. */
export async function openNpz(path: string, settings: ReadSettings): Promise<Source> {
  const arrays = await decodeNpz(await readInput(path), path);
  return openArrays(path, basename(path), arrays, settings);
}

/** A data set out of the .npy files of a folder. */
export async function openNpy(
  folder: string,
  files: readonly string[],
  settings: ReadSettings,
): Promise<Source> {
  const arrays = new Map<string, NpyArray>();
  for (const file of files) {
    const path = join(folder, file);
    arrays.set(basename(file, '.npy'), decodeNpy(await readInput(path), path));
  }
  return openArrays(folder, basename(folder), arrays, settings);
}
