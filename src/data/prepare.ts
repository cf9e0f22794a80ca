/**
 * A picture of a digit, prepared as the digits of MNIST were (LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section III.A): white on black, fitted into 20×20 with its proportions kept, grey where an edge
 * cuts a pixel, and laid into 28×28 with its centre of mass in the middle.
 * @module
 */
import { isTypedArray } from '../base/brands.ts';
import { describe, ShapeError } from '../base/errors.ts';
import type { Shape } from '../base/types.ts';
import { coverage } from './coverage.ts';

/** Grey values of a picture, row after row, 0 black to 255 white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

/** The shape of a prepared digit. */
export const DIGIT_SHAPE: Shape = [1, 28, 28];

const SIZE = 28;
const BOX = 20;
/** Ink fainter than a tenth of the darkest stroke counts as paper, or as an artefact of JPEG. */
const FAINTEST = 0.1;

/** How much ink a pixel holds: 0 paper, 1 the strongest stroke. */
interface Ink {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** Rows and columns of a rectangle: the first, and the one after the last. */
interface Bounds {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * Prepares a digit, dark on light or light on dark.
 * @returns 28 × 28 bytes, a fresh array.
 * @throws {TypeError | ShapeError} if `image` is no picture. @throws {RangeError} if nothing is drawn on it.
 */
export function prepareDigit(image: GreyImage): Uint8Array {
  checkImage(image);
  const ink = inkOf(image);
  const bounds = boundsOf(ink);
  const height = bounds.bottom - bounds.top;
  const width = bounds.right - bounds.left;
  const scale = BOX / Math.max(width, height);
  const fitted = resample(
    ink,
    bounds,
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  return centre(fitted);
}

function checkImage(image: GreyImage): void {
  const { width, height, pixels }: { [Key in keyof GreyImage]?: unknown } = image ?? {};
  if (!isTypedArray(pixels, 'Uint8Array', 'Uint8ClampedArray')) {
    throw new TypeError(
      `prepareDigit: expected bytes, got ${describe(pixels)}. Use { width, height, pixels: Uint8Array }.`,
    );
  }
  const isSize = [width, height].every((size) => Number.isInteger(size) && Number(size) > 0);
  if (!isSize || pixels.length !== Number(width) * Number(height)) {
    throw new ShapeError(
      `prepareDigit: expected width · height grey values, got ${pixels.length} for ${describe(width)}×${describe(height)}. Use one byte a pixel.`,
    );
  }
}

/** The paper is the median of the border. Ink is darker than the paper, or lighter if the paper is dark. */
function inkOf({ width, height, pixels }: GreyImage): Ink {
  const border = Array.from(pixels).filter((_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  });
  const paper = border.sort((a, b) => a - b)[border.length >> 1] ?? 0;
  const sign = paper > 127 ? -1 : 1;
  const values = Float64Array.from(pixels, (pixel) => Math.max(0, sign * (pixel - paper)));
  const strongest = values.reduce((most, value) => Math.max(most, value), 0);
  if (strongest === 0) {
    throw new RangeError(
      `prepareDigit: expected a digit, got a picture of ${width}×${height} pixels with nothing on it. Draw it darker or lighter than the paper.`,
    );
  }
  return {
    width,
    height,
    values: values.map((value) => (value < FAINTEST * strongest ? 0 : value / strongest)),
  };
}

/** The smallest rectangle that holds all ink. */
function boundsOf({ width, height, values }: Ink): Bounds {
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (const [at, value] of values.entries()) {
    if (value === 0) continue;
    const [row, column] = [Math.floor(at / width), at % width];
    top = Math.min(top, row);
    left = Math.min(left, column);
    bottom = Math.max(bottom, row + 1);
    right = Math.max(right, column + 1);
  }
  return { top, left, bottom, right };
}

/** Every new pixel is the mean of the area that it covers. A pixel covered in part counts in part. */
function resample(ink: Ink, bounds: Bounds, width: number, height: number): Ink {
  const rows = coverage(bounds.top, bounds.bottom, height);
  const columns = coverage(bounds.left, bounds.right, width);
  const values = new Float64Array(width * height);
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      let sum = 0;
      for (const [y, shareY] of row) {
        for (const [x, shareX] of column)
          sum += shareY * shareX * (ink.values[y * ink.width + x] ?? 0);
      }
      values[i * width + j] = sum;
    }
  }
  return { width, height, values };
}

/** Lays the digit into 28×28, with its centre of mass as near the middle as whole pixels allow without cutting it off. */
function centre({ width, height, values }: Ink): Uint8Array {
  let [mass, y, x] = [0, 0, 0];
  for (const [at, value] of values.entries()) {
    mass += value;
    y += value * (Math.floor(at / width) + 0.5);
    x += value * ((at % width) + 0.5);
  }
  const top = clamp(Math.round(SIZE / 2 - y / mass), SIZE - height);
  const left = clamp(Math.round(SIZE / 2 - x / mass), SIZE - width);
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
