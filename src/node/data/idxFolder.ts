/**
 * Folders of IDX files, under the names of MNIST and Fashion-MNIST (`train-images-idx3-ubyte`, `t10k-…`) and of EMNIST
 * (`emnist-letters-train-images-idx3-ubyte`, `emnist-letters-test-…`), raw or .gz.
 * @module
 */
import { basename, dirname, join, resolve } from 'node:path';
import type { Shape } from '../../base/types.ts';
import { parseIdxImages, parseIdxLabels } from '../../data/idx.ts';
import { type ArrayPart, arraySource } from './arrays.ts';
import { readIdx } from './idxFile.ts';
import type { ReadSettings, Source } from './source.ts';

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
  const title = titleOf(folder, prefix);
  const train = await readPart(folder, found, false, title);
  const hasTest = found.some(({ isTest }) => isTest);
  const test = hasTest ? await readPart(folder, found, true, title) : undefined;
  const isDigits = formatOf(train.shape) === '1,28,28' && !NO_DIGITS.test(resolve(folder));
  return arraySource(folder, train, test, isDigits ? 'digit' : 'picture', settings);
}

/** Where the files of a path that is no folder are: in its folder, under names that begin as its last part. */
export function prefixOf(path: string): { readonly folder: string; readonly prefix: string } {
  return { folder: dirname(path), prefix: basename(path) };
}

function titleOf(folder: string, prefix: string): string {
  const name = basename(resolve(folder)).replace(/^mnist$/i, 'MNIST');
  return prefix === '' ? name : prefix.replace(/[-_]$/, '');
}

async function readPart(
  folder: string,
  found: readonly IdxName[],
  isTest: boolean,
  title: string,
): Promise<ArrayPart> {
  const fileOf = (kind: string) => {
    const name = found.find((other) => other.isTest === isTest && other.kind === kind);
    if (name !== undefined) return name;
    const [{ prefix = '' } = {}] = found;
    throw new Error(
      `${folder}: expected ${prefix}${isTest ? 't10k' : 'train'}-${kind}-idx${kind === 'labels' ? 1 : 3}-ubyte, raw or .gz, got none. Check the path.`,
    );
  };
  const [imageName, labelName] = [fileOf('images'), fileOf('labels')];
  const [imageFile, labelFile] = [
    await readIdx(join(folder, imageName.file)),
    await readIdx(join(folder, labelName.file)),
  ];
  const { images, shape } = parseIdxImages(imageFile.bytes, imageFile.name);
  const labels = Array.from(parseIdxLabels(labelFile.bytes, labelFile.name), String);
  const part = isTest ? (imageName.file.includes('t10k') ? 't10k' : 'test') : 'train';
  const name = `${title} ${part}`;
  if (!TRANSPOSED.test(imageName.file)) return { images, shape, labels, name };
  return { ...transpose(images, shape), labels, name };
}

/** Images with rows and columns exchanged. */
function transpose(
  images: Uint8Array,
  [channels = 0, height = 0, width = 0]: Shape,
): { readonly images: Uint8Array; readonly shape: Shape } {
  const turned = new Uint8Array(images.length);
  const area = height * width;
  for (let start = 0; start < images.length; start += area) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        turned[start + column * height + row] = images[start + row * width + column] ?? 0;
      }
    }
  }
  return { images: turned, shape: [channels, width, height] };
}

function formatOf(shape: Shape): string {
  return shape.join();
}
