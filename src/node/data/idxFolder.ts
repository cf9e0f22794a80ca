/**
 * Folders of IDX files, under the names of MNIST and Fashion-MNIST (`train-images-idx3-ubyte`, `t10k-…`) and of EMNIST
 * (`emnist-letters-train-images-idx3-ubyte`, `emnist-letters-test-…`), raw or .gz.
 * @module
 */
import { basename, dirname, join } from 'node:path';
import type { Images, Shape } from '../../base/types.ts';
import { parseIdxImages, parseIdxLabels } from '../../data/idx.ts';
import {
  type ArrayPart,
  arraySource,
  type RowPart,
  rowSource,
} from '../../formats/dataset/arrays.ts';
import type { ReadSettings, Source } from '../../formats/dataset/source.ts';
import { absolute } from '../folders.ts';
import { readIdx } from './idxFile.ts';
import { openIdxRows } from './idxRows.ts';

/** `emnist-letters-` · `train` · `images` · `idx3` · `.gz` */
const NAME = /^(.*?)(train|t10k|test)-(images|labels)[-.]idx[134]-ubyte(?:\.gz)?$/;
/** EMNIST stores pictures with rows and columns exchanged (Cohen et al. 2017). */
const TRANSPOSED = /^emnist-/i;
/** Clothes are no digits that could be prepared as such. */
const NO_DIGITS = /fashion/i;

interface IdxName {
  readonly file: string;
  readonly prefix: string;
  readonly isTest: boolean;
  readonly kind: string;
}

/** The names of IDX files among these. */
export function idxNames(names: readonly string[]): IdxName[] {
  return names.flatMap((file) => {
    const [, prefix = '', part = '', kind = ''] = NAME.exec(file) ?? [];
    return part === '' ? [] : [{ file, prefix, isTest: part !== 'train', kind }];
  });
}

/**
 * The data set of a folder. If there are several, `path` ends in the beginning of the names: `emnist/emnist-letters`.
 * @throws {Error} if files are missing. @throws {FormatError} if a file is not whole.
 */
export async function openIdx(
  folder: string,
  found: readonly IdxName[],
  settings: ReadSettings,
): Promise<Source> {
  const [prefix = '', ...others] = new Set(found.map(({ prefix }) => prefix));
  if (others.length > 0) {
    throw new Error(
      `${folder}: expected one data set, got ${[prefix, ...others].join(', ')}. Use ${join(folder, prefix.replace(/[-_]$/, ''))} for one of them.`,
    );
  }
  const hasTest = found.some(({ isTest }) => isTest);
  const [train, test] = [
    partOf(folder, found, false, prefix),
    hasTest ? partOf(folder, found, true, prefix) : undefined,
  ];
  const kindOf = ({ shape }: Pick<Images, 'shape'>) =>
    shape.join() === '1,28,28' && !NO_DIGITS.test(absolute(folder)) ? 'digit' : 'picture';
  if (settings.isStreamed) {
    const rows = await openRows(train);
    return rowSource(folder, rows, test && (await openRows(test)), kindOf(rows), settings);
  }
  const images = await readImages(train);
  return arraySource(folder, images, test && (await readImages(test)), kindOf(images), settings);
}

/** Where the files of a path that is no folder are: in its folder, under names that begin as its last part. */
export function prefixOf(path: string): { readonly folder: string; readonly prefix: string } {
  return { folder: dirname(path), prefix: basename(path) };
}

function titleOf(folder: string, prefix: string): string {
  const name = basename(absolute(folder)).replace(/^mnist$/i, 'MNIST');
  return prefix === '' ? name : prefix.replace(/[-_]$/, '');
}

/** The files of a part. */
interface PartFiles {
  readonly images: string;
  readonly labels: string;
  readonly isTransposed: boolean;
  /** Of the part, for people. */
  readonly name: string;
}

function partOf(
  folder: string,
  found: readonly IdxName[],
  isTest: boolean,
  prefix: string,
): PartFiles {
  const fileOf = (kind: string) => {
    const name = found.find((other) => other.isTest === isTest && other.kind === kind);
    if (name !== undefined) return name.file;
    throw new Error(
      `${folder}: expected ${prefix}${isTest ? 't10k' : 'train'}-${kind}-idx${kind === 'labels' ? 1 : 3}-ubyte, raw or .gz, got none. Check the path.`,
    );
  };
  const [images, labels] = [fileOf('images'), fileOf('labels')];
  const part = isTest ? (images.includes('t10k') ? 't10k' : 'test') : 'train';
  return {
    images: join(folder, images),
    labels: join(folder, labels),
    isTransposed: TRANSPOSED.test(images),
    name: `${titleOf(folder, prefix)} ${part}`,
  };
}

async function readImages(part: PartFiles): Promise<ArrayPart> {
  const file = await readIdx(part.images);
  const { images, shape } = parseIdxImages(file.bytes, file.name);
  const read = { labels: await readLabels(part), name: part.name };
  if (!part.isTransposed) return { images, shape, ...read };
  return { images: transpose(images, shape), shape: transposed(shape), ...read };
}

/** The same with the images left in their file. */
async function openRows(part: PartFiles): Promise<RowPart> {
  const { count, shape, rows } = await openIdxRows(part.images);
  const read = { count, labels: await readLabels(part), name: part.name };
  if (!part.isTransposed) return { shape, rows, ...read };
  const turned = async (indices: readonly number[]) => transpose(await rows(indices), shape);
  return { shape: transposed(shape), rows: turned, ...read };
}

async function readLabels({ labels }: PartFiles): Promise<string[]> {
  const file = await readIdx(labels);
  return Array.from(parseIdxLabels(file.bytes, file.name), String);
}

function transposed([channels = 0, height = 0, width = 0]: Shape): Shape {
  return [channels, width, height];
}

/** Images with rows and columns exchanged. */
function transpose(images: Images['images'], [, height = 0, width = 0]: Shape): Uint8Array {
  const turned = new Uint8Array(images.length);
  const area = height * width;
  for (let start = 0; start < images.length; start += area) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        turned[start + column * height + row] = images[start + row * width + column] ?? 0;
      }
    }
  }
  return turned;
}
