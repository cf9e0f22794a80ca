/** Checks of the data sets that users pass: images with labels or values. @module */
import { isPromise, isTypedArray } from '../base/brands.ts';
import { checkInteger, checkText, wrongKind } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import {
  checkSameShape,
  checkShape,
  checkTensor,
  elementCount,
  formatShape,
} from '../base/shape.ts';
import type { Dataset, Images, Shape, TargetKind, Tensor, ValueDataset } from '../base/types.ts';
import { isSource, type Stream } from './source.ts';

/** Pixels: bytes are divided by 255, floats are taken as they are. */
type Pixels = Images['images'];

/** Largest number of classes: more would be no classification. */
export const MOST_CLASSES: number = 2 ** 24;

/** Whether images have labels or values; what is none counts as one with labels, which `checkDataset` refuses. */
export function targetsOf(dataset: Dataset | ValueDataset | Stream): TargetKind {
  const isObject = typeof dataset === 'object' && dataset !== null;
  return isObject && 'targets' in dataset && dataset.targets !== undefined ? 'values' : 'classes';
}

/** How many images a checked data set has. */
export function imageCount(dataset: Dataset | ValueDataset | Stream): number {
  if ('part' in dataset) return dataset.count;
  return dataset.images.length / elementCount(dataset.shape);
}

/**
 * Throws unless `dataset` is what its type says: at least one image, matching numbers of pixels and labels, labels below
 * `classes`, floats finite. `where` begins the message.
 *
 * @param isPart True if these are some of the images, of which all may weigh 0.
 * @throws {TypeError} if a kind is wrong. @throws {RangeError} if a value is wrong. @throws {ShapeError} if a length is
 * wrong, or images have another shape than `expectedShape`.
 */
export function checkDataset(
  where: string,
  dataset: Dataset,
  expectedShape?: Shape,
  isPart = false,
): void {
  refuseSource(where, dataset);
  const { images, labels, shape, classes, name }: { [Key in keyof Dataset]?: unknown } =
    dataset ?? {};
  if (!(isPixels(images) && isTypedArray(labels, 'Uint8Array', 'Uint16Array', 'Int32Array'))) {
    throw new TypeError(
      `${where}: expected a data set { images: Uint8Array | Float32Array, labels: Uint8Array | Uint16Array | Int32Array, shape, classes } or, with values, { images, targets: Float32Array, shape }, got ${isObject(dataset) ? `images ${kindOf(images)} and labels ${kindOf(labels)}` : describe(dataset)}. ${isPromise(dataset) ? 'Await it.' : 'Use arrays of these kinds.'}`,
    );
  }
  if (targetsOf(dataset) === 'values') {
    throw new TypeError(`${where}: expected labels, got targets too. Leave out one of them.`);
  }
  checkName(where, name);
  checkShape(`${where}: shape`, shape, 3);
  checkInteger(where, 'classes', classes, 1, MOST_CLASSES);
  checkClassNames(where, dataset.classNames, classes);
  if (expectedShape) checkSameShape(`${where}: images`, expectedShape, dataset.shape);
  const count = checkCount(where, images, dataset.shape);
  checkLabels(where, labels, count, classes);
  checkFinite(where, 'pixels', images, count);
  checkWeights(where, dataset.weights, count, isPart);
}

/** Throws unless there is a label below `classes` for each image. */
export function checkLabels(
  where: string,
  labels: Dataset['labels'],
  count: number,
  classes: number,
): void {
  if (labels.length !== count) {
    throw new ShapeError(
      `${where}: expected a label for each of ${count} images, got ${labels.length} labels. Use one an image.`,
    );
  }
  const index = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (index < 0) return;
  throw new RangeError(
    `${where}: expected labels below ${classes}, got ${labels[index]} at image ${index}. Use more classes, or other labels.`,
  );
}

/**
 * `checkDataset` for images with values: `valueShape` for each image, or as many for each as there are.
 * @throws {TypeError | RangeError | ShapeError} as `checkDataset` does.
 */
export function checkValueDataset(
  where: string,
  dataset: ValueDataset,
  valueShape?: Shape,
  isPart = false,
): void {
  refuseSource(where, dataset);
  const { images, targets, shape, name }: { [Key in keyof ValueDataset]?: unknown } = dataset;
  if ('labels' in dataset && dataset.labels !== undefined) {
    throw new TypeError(`${where}: expected labels or targets, got both. Leave out one of them.`);
  }
  if (!(isPixels(images) && isTypedArray(targets, 'Float32Array'))) {
    throw new TypeError(
      `${where}: expected a data set { images: Uint8Array | Float32Array, targets: Float32Array, shape }, got images ${kindOf(images)} and targets ${kindOf(targets)}. Use arrays of these kinds.`,
    );
  }
  checkName(where, name);
  checkShape(`${where}: shape`, shape, 3);
  const count = checkCount(where, images, dataset.shape);
  checkValueCount(where, targets.length, count, valueShape);
  checkFinite(where, 'pixels', images, count);
  checkFinite(where, 'targets', targets, count);
  checkWeights(where, dataset.weights, count, isPart);
}

/** Throws if `dataset` is a source. */
function refuseSource(where: string, dataset: unknown): void {
  if (!isSource(dataset)) return;
  throw new TypeError(
    `${where}: expected a data set in memory, got a source. Use what its read() resolves to.`,
  );
}

/**
 * Checks the pixels of `N` images of `shape`, given as bytes, as floats, or as a tensor `[N, C, H, W]`.
 * @returns the pixels, not copied.
 * @throws {TypeError | RangeError | ShapeError} as `checkDataset` does.
 */
export function checkPixels(where: string, images: Pixels | Tensor, shape: Shape): Pixels {
  if (isPixels(images)) {
    checkFinite(where, 'pixels', images, checkCount(where, images, shape));
    return images;
  }
  checkTensor(where, images, shape.length + 1);
  checkSameShape(`${where}: images`, shape, images.shape.slice(1));
  checkFinite(where, 'pixels', images.data, images.shape[0]);
  return images.data;
}

/** The names of the classes of a checked data set: their numbers if it has none. */
export function classNamesOf({
  classNames,
  classes,
}: Pick<Dataset, 'classNames' | 'classes'>): readonly string[] {
  return classNames ?? Array.from({ length: classes }, (_, label) => String(label));
}

/** Throws unless there is a name for each class, or none at all. */
export function checkClassNames(where: string, names: unknown, classes: number): void {
  if (names === undefined) return;
  const list: readonly unknown[] | undefined = Array.isArray(names) ? names : undefined;
  if (list?.every((name) => typeof name === 'string') !== true) {
    throw new TypeError(
      `${where}: expected classNames as a list of texts, got ${describe(names)}. Leave it out, or name every class.`,
    );
  }
  if (list.length === classes) return;
  throw new ShapeError(
    `${where}: expected a name for each of ${classes} classes, got ${list.length} names. Name every class.`,
  );
}

/** Throws unless there is a weight of at least 0 for each image, and one above 0 among those of all images. */
function checkWeights(where: string, weights: unknown, count: number, isPart: boolean): void {
  if (weights === undefined) return;
  if (!isTypedArray(weights, 'Float32Array')) {
    throw wrongKind(where, 'weights', 'a Float32Array, one an image', weights);
  }
  if (weights.length !== count) {
    throw new ShapeError(
      `${where}: expected a weight for each of ${count} images, got ${weights.length} weights. Use as many.`,
    );
  }
  checkFinite(where, 'weights', weights, count);
  const negative = weights.findIndex((weight) => weight < 0);
  if (negative >= 0) {
    throw new RangeError(
      `${where}: expected weights of at least 0, got ${weights[negative]} at image ${negative}. Use 0 to leave an image out.`,
    );
  }
  if (!isPart && weights.every((weight) => weight === 0)) {
    throw new RangeError(
      `${where}: expected a weight above 0, got zeros alone. Use other weights.`,
    );
  }
}

function checkValueCount(where: string, got: number, count: number, shape?: Shape): void {
  if (shape === undefined) {
    if (got > 0 && got % count === 0) return;
    throw new ShapeError(
      `${where}: expected as many targets for each of ${count} images, got ${got} numbers. Use a multiple of ${count}.`,
    );
  }
  const length = count * elementCount(shape);
  if (got === length) return;
  throw new ShapeError(
    `${where}: expected targets ${formatShape([count, ...shape])}, ${length} numbers as the network puts out for ${count} images, got ${got}. Use as many.`,
  );
}

function checkCount(where: string, pixels: Pixels, shape: Shape): number {
  const length = elementCount(shape);
  if (pixels.length === 0)
    throw new RangeError(`${where}: expected at least one image, got none. Use some.`);
  if (pixels.length % length !== 0) {
    throw new ShapeError(
      `${where}: expected a multiple of ${length} pixels for images ${formatShape(shape)}, got ${pixels.length}. Use whole images of this shape.`,
    );
  }
  return pixels.length / length;
}

/** @param count The images that the numbers belong to, as many to each. */
function checkFinite(where: string, what: string, numbers: Pixels, count = 1): void {
  if (isTypedArray(numbers, 'Uint8Array')) return;
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) {
      const image = Math.floor(i / (numbers.length / count));
      throw new RangeError(
        `${where}: expected finite ${what}, got ${numbers[i]} at place ${i}, in image ${image}. Use finite numbers.`,
      );
    }
  }
}

/** Throws unless a name is a text, or there is none. */
export function checkName(where: string, name: unknown): void {
  if (name !== undefined) checkText(where, 'name', name);
}

function isPixels(value: unknown): value is Pixels {
  return isTypedArray(value, 'Uint8Array', 'Float32Array');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isPromise(value);
}

/** The kind of a value, which may be large. */
function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'Array' : describe(value);
}
