/**
 * Augmentation: each image of each epoch of training is moved by an affine map of its own, drawn from the seed, the epoch and the
 * index of the image in the training data. Validation, evaluation and prediction see the images as they are. Kernels: assembly/data/affine.ts.
 * @module
 */
import { checkNotNegative, checkText } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import {
  checkOptions,
  decay,
  notNegative,
  type OptionCheck,
  type OptionChecks,
  share,
} from '../base/options.ts';

/** What a map may do, each drawn uniformly from −range to +range. @default 0 each */
export interface AugmentOptions {
  /** Pixels along the rows, and along the columns: fractions too. */
  readonly shift?: number;
  /** Degrees, about the middle. */
  readonly rotate?: number;
  /** Share by which the image grows or shrinks: 0.1 is a factor from 0.9 to 1.1. Below 1. */
  readonly zoom?: number;
  /** Degrees by which the columns lean. Below 90. */
  readonly shear?: number;
  /** Mirrors half of the images: left to right, top to bottom, or each by itself. @default none */
  readonly flip?: Flip;
  /** Value outside the image, of pixels from 0 to 1. @default 0 */
  readonly fill?: number;
}

export type Flip = 'horizontal' | 'vertical' | 'both';

/** Options with their defaults. */
export type Augment = Required<Omit<AugmentOptions, 'flip'>> & Pick<AugmentOptions, 'flip'>;

/** In the order of the kernel's numbers, from 1. */
const FLIPS: readonly Flip[] = ['horizontal', 'vertical', 'both'];

const shear: OptionCheck = (where, name, value) => {
  checkNotNegative(where, name, value);
  if (value < 90) return;
  throw new RangeError(
    `${where}: expected ${name} to be below 90 degrees, got ${value}. Use less.`,
  );
};

const flip: OptionCheck = (where, name, value) => {
  checkText(where, name, value);
  if (FLIPS.some((known) => known === value)) return;
  throw new RangeError(
    `${where}: expected ${name} to be '${FLIPS.join("', '")}', got ${describe(value)}. Use one of these.`,
  );
};

const checks: OptionChecks<AugmentOptions> = {
  shift: notNegative,
  rotate: notNegative,
  zoom: decay,
  shear,
  flip,
  fill: share,
};

/** The option `augment` of `fit`. */
export const augment: OptionCheck = (where, name, value) =>
  void readAugment(`${where}: ${name}`, value);

/** Takes any value for the options, with the defaults. @throws {TypeError | RangeError} naming the option. */
export function readAugment(where: string, value: unknown): Augment {
  const given = checkOptions<AugmentOptions>(where, value, checks);
  return { shift: 0, rotate: 0, zoom: 0, shear: 0, fill: 0, ...given };
}

/** The last arguments of the kernel that draws the maps. */
export function rangesOf({
  shift,
  rotate,
  zoom,
  shear,
  flip,
}: Augment): [shift: number, rotate: number, zoom: number, shear: number, flips: number] {
  return [shift, rotate, zoom, shear, flip === undefined ? 0 : FLIPS.indexOf(flip) + 1];
}
