/**
 * A picture of a digit, prepared as the digits of MNIST were (LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section III.A): white on black, fitted into 20×20 with its proportions kept, grey where an edge
 * cuts a pixel, and laid into 28×28 with its centre of mass in the middle.
 *
 *   grey values → without a frame (frame.ts) → paper (paper.ts) → ink (ink.ts) → the pieces that make the digit (pieces.ts) → 28×28
 *
 * @module
 */
import { isTypedArray } from '../../base/brands.ts';
import { describe, ShapeError } from '../../base/errors.ts';
import type { Shape } from '../../base/types.ts';
import { insideFrame } from './frame.ts';
import { inkOf, quantile, STRONGEST } from './ink.ts';
import { edgesOf, findDigit } from './pieces.ts';
import { boundsOf, centreOfMass, crop, mapPlane, type Plane, resample, wholeOf } from './plane.ts';

/** Grey values of a picture, row after row, 0 black to 255 white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
  /** How opaque each pixel is, 0 to 255. @default opaque */
  readonly alpha?: Uint8Array | Uint8ClampedArray | undefined;
}

/** The shape of a prepared digit. */
export const DIGIT_SHAPE: Shape = [1, 28, 28];

/** Larger pictures are scaled down: a digit of 20 pixels needs no more. */
export const MOST_PIXELS_A_SIDE = 1024;

const SIZE = 28;
const BOX = 20;
/**
 * The centre of mass, moved by whole pixels, comes to within half a pixel of this row and column. The paper says the middle of the
 * field, 14; in MNIST's files it is between 14 and 15. A LeNet-5 trained without shifts read 486 of 500 enlarged digits of MNIST
 * for 14, and 491 for this, of the 493 that it reads in the files; of pictures of strokes in black and white 391 and 393 of 400.
 */
const MIDDLE = 14.15;
/** Ink fainter than this share of the strongest is an artefact of JPEG. */
const FAINTEST = 0.1;
/** A stroke is where this share of the strongest ink is exceeded: fainter lines are ruled on the paper. */
const STROKE = 0.4;
/** Ink is told from noise by this many standard deviations of it; of a million pixels of noise one is 5 off. */
const CLEAR = 6;
/** Grey values by which ink differs from its paper at least. */
const LEAST = 10;

/**
 * Prepares a digit, dark on light or light on dark, wherever it is in the picture: shadows, a frame and dust are left out. On a
 * transparent picture whatever is opaque is ink. A picture that is prepared already stays as it is, but for white on black.
 * @returns 28 × 28 bytes, a fresh array.
 * @throws {TypeError | ShapeError} if `image` is no picture. @throws {RangeError} if nothing is drawn on it.
 */
export function prepareDigit(image: GreyImage): Uint8Array {
  checkImage(image);
  const picture = shrink(greyOf(image));
  const prepared = preparedAlready(picture);
  if (prepared !== undefined) return prepared;
  const digit = digitOf(crop(picture, insideFrame(picture)));
  if (digit !== undefined) return fit(digit);
  throw new RangeError(
    `prepareDigit: expected a digit, got a picture of ${image.width}×${image.height} pixels with nothing on it. Draw it darker or lighter than the paper.`,
  );
}

function checkImage(image: GreyImage): void {
  const { width, height, pixels, alpha }: { [Key in keyof GreyImage]?: unknown } = image ?? {};
  if (!isTypedArray(pixels, 'Uint8Array', 'Uint8ClampedArray')) {
    throw new TypeError(
      `prepareDigit: expected bytes, got ${describe(pixels)}. Use { width, height, pixels: Uint8Array }.`,
    );
  }
  const isSize = [width, height].every((size) => Number.isInteger(size) && Number(size) > 0);
  if (
    alpha !== undefined &&
    (!isTypedArray(alpha, 'Uint8Array', 'Uint8ClampedArray') || alpha.length !== pixels.length)
  ) {
    throw new TypeError(
      `prepareDigit: alpha: expected ${pixels.length} bytes, one a pixel, got ${describe(alpha)}. Leave it out for an opaque picture.`,
    );
  }
  if (!isSize || pixels.length !== Number(width) * Number(height)) {
    throw new ShapeError(
      `prepareDigit: expected width · height grey values, got ${pixels.length} for ${describe(width)}×${describe(height)}. Use one byte a pixel.`,
    );
  }
}

/**
 * The grey values. An even veil changes nothing. Where less than half of a picture is opaque, the opaque is ink, whatever its colour; else the transparent is
 * filled with the median of the opaque, its paper.
 */
function greyOf({ width, height, pixels, alpha }: GreyImage): Plane {
  const values = Float64Array.from(pixels);
  const [first = 255] = alpha ?? [];
  if (alpha === undefined || (first > 0 && alpha.every((value) => value === first))) {
    return { width, height, values };
  }
  const opacity =
    Float64Array.from(alpha).reduce((sum, value) => sum + value, 0) / (255 * alpha.length);
  if (opacity < 0.5) return { width, height, values: Float64Array.from(alpha) };
  const opaque = values.filter((_, at) => alpha[at] === 255).sort();
  const paper = opaque[opaque.length >> 1] ?? 255;
  return {
    width,
    height,
    values: values.map((value, at) => paper + ((alpha[at] ?? 0) / 255) * (value - paper)),
  };
}

/** The picture with the longer side as long as it may be. */
function shrink(picture: Plane): Plane {
  const { width, height } = picture;
  const scale = MOST_PIXELS_A_SIDE / Math.max(width, height);
  if (scale >= 1) return picture;
  const along = (size: number) => Math.max(1, Math.round(size * scale));
  return resample(picture, wholeOf(picture), along(width), along(height));
}

/**
 * A picture that is as MNIST's are, or its negative: 28×28 on a clean border, no larger than 20×20, with the centre of mass in
 * the middle pixel.
 */
function preparedAlready({ width, height, values }: Plane): Uint8Array | undefined {
  const [paper] = values;
  if (width !== SIZE || height !== SIZE || (paper !== 0 && paper !== 255)) return undefined;
  const digit = { width, height, values: values.map((value) => Math.abs(value - paper)) };
  const { top, left, bottom, right } = boundsOf(digit);
  const size = Math.max(bottom - top, right - left);
  const { x, y } = centreOfMass(digit);
  const isCentred = Math.floor(x) === SIZE / 2 && Math.floor(y) === SIZE / 2;
  return size === BOX && isCentred ? Uint8Array.from(digit.values) : undefined;
}

/** The ink of the digit: 0 paper, 1 a stroke, between them where an edge cuts a pixel. Undefined if nothing is drawn. */
function digitOf(picture: Plane): Plane | undefined {
  const { share, contrast, noise } = inkOf(picture);
  const isDrawn = contrast > Math.max(CLEAR * noise, LEAST);
  const strokes = isDrawn ? findDigit(share, STROKE * quantile(share, 1 - STRONGEST)) : undefined;
  if (strokes === undefined) return undefined;
  const inked = share.values.filter((_, at) => strokes[at] === 1).sort();
  const full = inked[Math.floor(0.98 * inked.length)] ?? 1;
  const faintest = full * Math.max(FAINTEST, ((CLEAR / 2) * noise) / contrast);
  const isNear = edgesOf(strokes, picture);
  return mapPlane(share, (value, at) =>
    isNear[at] === 1 && value >= faintest ? Math.min(1, value / full) : 0,
  );
}

/** Scales the digit into 20×20. */
function fit(ink: Plane): Uint8Array {
  const bounds = boundsOf(ink);
  const height = bounds.bottom - bounds.top;
  const width = bounds.right - bounds.left;
  const scale = BOX / Math.max(width, height);
  const along = (size: number) => Math.max(1, Math.round(size * scale));
  return centre(resample(ink, bounds, along(width), along(height)));
}

/** Lays the digit into 28×28, with its centre of mass in the middle pixel, unless that would cut it off. */
function centre(ink: Plane): Uint8Array {
  const { width, height, values } = ink;
  const { x, y } = centreOfMass(ink);
  const top = clamp(Math.round(MIDDLE - y), SIZE - height);
  const left = clamp(Math.round(MIDDLE - x), SIZE - width);
  const strongest = values.reduce((most, value) => Math.max(most, value), 0);
  const digit = new Uint8Array(SIZE * SIZE);
  for (const [at, value] of values.entries()) {
    const row = top + Math.floor(at / width);
    digit[row * SIZE + left + (at % width)] = Math.round((255 * value) / strongest);
  }
  return digit;
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
