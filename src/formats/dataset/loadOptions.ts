/** The options with which files become a data set. @module */
import { wrongKind } from '../../base/checks.ts';
import { describe } from '../../base/errors.ts';
import {
  flag,
  listener,
  type OptionCheck,
  type OptionChecks,
  openShare,
  whole,
} from '../../base/options.ts';
import type { Size } from '../../data/fitPicture.ts';

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

/** Largest side of an image. */
const MOST_SIDE = 4096;

const text: OptionCheck = (where, name, value) => {
  if (typeof value === 'string' && value !== '') return;
  throw wrongKind(where, name, 'a text', value);
};

export const loadChecks: OptionChecks<LoadOptions> = {
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
