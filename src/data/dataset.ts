/** Labelled images as users bring them: the checks of the public boundary. @module */
import { checkInteger } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import {
  checkSameShape,
  checkShape,
  checkTensor,
  elementCount,
  formatShape,
} from '../base/shape.ts';
import type { Dataset, Shape, Tensor } from '../base/types.ts';

/** Pixels: bytes mean pixel / 255, floats are taken as they are. */
type Pixels = Uint8Array | Float32Array;

/**
 * Throws unless `dataset` is what the type says: at least one image, as many pixels and labels as belong together,
 * labels below `classes`, floats finite. `where` begins the message.
 *
 * @throws {TypeError} on a wrong kind. @throws {RangeError} on a wrong value. @throws {ShapeError} on a wrong length,
 * or images of another shape than `expectedShape`.
 */
export function checkDataset(where: string, dataset: Dataset, expectedShape?: Shape): void {
  const { images, labels, shape, classes }: { [Key in keyof Dataset]?: unknown } = dataset ?? {};
  if (!(isPixels(images) && labels instanceof Uint8Array)) {
    throw new TypeError(
      `${where}: expected a data set { images: Uint8Array | Float32Array, labels: Uint8Array, shape, classes }, got ${isObject(dataset) ? `images ${kindOf(images)} and labels ${kindOf(labels)}` : describe(dataset)}.`,
    );
  }
  checkShape(`${where}: shape`, shape, 3);
  checkInteger(where, 'classes', classes, 1, 256); // labels are bytes
  if (expectedShape) checkSameShape(`${where}: images`, expectedShape, dataset.shape);
  checkCount(where, images, dataset.shape);
  const count = images.length / elementCount(dataset.shape);
  if (labels.length !== count) {
    throw new ShapeError(
      `${where}: expected a label for each of ${count} images, got ${labels.length} labels.`,
    );
  }
  checkLabels(where, labels, classes);
  checkFinite(where, images);
}

/**
 * The pixels of `N` images of `shape`, given as bytes, as floats, or as a tensor `[N, C, H, W]`; checked, not copied.
 * @throws {TypeError | RangeError | ShapeError} as `checkDataset` does.
 */
export function checkPixels(
  where: string,
  images: Uint8Array | Float32Array | Tensor,
  shape: Shape,
): Uint8Array | Float32Array {
  if (isPixels(images)) {
    checkCount(where, images, shape);
    checkFinite(where, images);
    return images;
  }
  checkTensor(where, images, shape.length + 1);
  checkSameShape(`${where}: images`, shape, images.shape.slice(1));
  checkFinite(where, images.data);
  return images.data;
}

function checkCount(where: string, pixels: Pixels, shape: Shape): void {
  const length = elementCount(shape);
  if (pixels.length === 0) throw new RangeError(`${where}: expected at least one image, got none.`);
  if (pixels.length % length !== 0) {
    throw new ShapeError(
      `${where}: expected a multiple of ${length} pixels for images ${formatShape(shape)}, got ${pixels.length}.`,
    );
  }
}

function checkLabels(where: string, labels: Uint8Array, classes: number): void {
  const index = labels.findIndex((label) => label >= classes);
  if (index >= 0) {
    throw new RangeError(
      `${where}: expected labels below ${classes}, got ${labels[index]} at image ${index}.`,
    );
  }
}

function checkFinite(where: string, pixels: Pixels): void {
  if (pixels instanceof Uint8Array) return;
  for (let i = 0; i < pixels.length; i++) {
    if (!Number.isFinite(pixels[i])) {
      throw new RangeError(`${where}: expected finite pixels, got ${pixels[i]} at pixel ${i}.`);
    }
  }
}

function isPixels(value: unknown): value is Pixels {
  return value instanceof Uint8Array || value instanceof Float32Array;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The kind of a value that may be large. */
function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'Array' : describe(value);
}
