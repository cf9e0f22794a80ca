/** Parts of a data set: its first images, or two parts drawn by seed. @module */
import { isTypedArray } from '../base/brands.ts';
import { checkInteger } from '../base/checks.ts';
import { createRandom, permute, SPLIT } from '../base/random.ts';
import { elementCount } from '../base/shape.ts';
import type { Dataset } from '../base/types.ts';
import { checkDataset } from './dataset.ts';

/**
 * The first `count` images as a view, not a copy. The count is added to the name.
 * @throws {RangeError} if there are fewer.
 */
export function takeFirst(where: string, dataset: Dataset, count: number): Dataset {
  const { images, labels, weights, shape, name } = dataset;
  checkInteger(where, 'a number of images', count, 1);
  if (count > labels.length) {
    throw new RangeError(
      `${where}: expected at most ${labels.length} images${name === undefined ? '' : ` of ${name}`}, got ${count}. Ask for fewer.`,
    );
  }
  if (count === labels.length) return dataset;
  const part = {
    ...dataset,
    images: images.subarray(0, count * elementCount(shape)),
    labels: labels.subarray(0, count),
    ...(weights && { weights: weights.subarray(0, count) }),
  };
  return name === undefined ? part : { ...part, name: `${name}, first ${formatCount(count)}` };
}

/** Two data sets without an image in common. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * Copies `testCount` images, drawn by `seed`, into a test set and the others into a training set, both in the order of
 * the draw. Each class that occurs is in both: its first image drawn is for testing, its second for training. The
 * remaining images fill the test set first.
 *
 * @throws {TypeError | RangeError | ShapeError} if it is no data set.
 * @throws {RangeError} if a class has only one image, or a set is too small for all classes.
 */
export function splitDataset(dataset: Dataset, testCount: number, seed: number): Split {
  checkDataset('splitDataset', dataset);
  checkInteger('splitDataset', 'seed', seed, 0, 2 ** 32 - 1);
  const { labels, name } = dataset;
  checkSplit(dataset, testCount);
  const order = new Int32Array(labels.length);
  permute(order, createRandom(seed, SPLIT));
  const [test, train] = [[] as number[], [] as number[]];
  const drawn = new Uint32Array(dataset.classes);
  let free = testCount - countClasses(dataset).filter((count) => count > 0).length;
  for (const index of order) {
    const label = labels[index] ?? 0;
    const earlier = drawn[label] ?? 0;
    const isTest = earlier === 0 || (earlier > 1 && free-- > 0);
    drawn[label] = earlier + 1;
    (isTest ? test : train).push(index);
  }
  const held = `${formatCount(testCount)} held out`;
  return {
    train: pick(dataset, train, name),
    test: pick(dataset, test, name === undefined ? undefined : `${name}, ${held}`),
  };
}

function checkSplit(dataset: Dataset, testCount: number): void {
  const { labels } = dataset;
  const counts = countClasses(dataset).filter((count) => count > 0);
  checkInteger('splitDataset', 'testCount', testCount, counts.length);
  if (counts.includes(1)) {
    throw new RangeError(
      'splitDataset: expected at least two images of each class, got one of a class. Use more images.',
    );
  }
  if (labels.length - testCount < counts.length) {
    throw new RangeError(
      `splitDataset: expected at least ${counts.length} training images, one of each class, got ${labels.length} images less ${testCount}. Hold out fewer.`,
    );
  }
}

/** How often each label occurs. */
function countClasses({ labels, classes }: Dataset): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Copies the images at `indices`, in their order. */
function pick(dataset: Dataset, indices: readonly number[], name: string | undefined): Dataset {
  const { shape, classes, classNames } = dataset;
  const length = elementCount(shape);
  const images = emptyLike(dataset.images, indices.length * length);
  for (const [n, index] of indices.entries()) {
    images.set(dataset.images.subarray(index * length, (index + 1) * length), n * length);
  }
  const labels = emptyLabels(dataset.labels, indices.length);
  for (const [n, index] of indices.entries()) labels[n] = dataset.labels[index] ?? 0;
  const weights = dataset.weights && Float32Array.from(indices, (i) => dataset.weights?.[i] ?? 0);
  return {
    images,
    labels,
    shape,
    classes,
    ...(classNames && { classNames }),
    ...(weights && { weights }),
    ...(name !== undefined && { name }),
  };
}

function emptyLike(pixels: Dataset['images'], length: number): Uint8Array | Float32Array {
  return isTypedArray(pixels, 'Uint8Array') ? new Uint8Array(length) : new Float32Array(length);
}

function emptyLabels(labels: Dataset['labels'], length: number): Uint8Array | Int32Array {
  return isTypedArray(labels, 'Uint8Array') ? new Uint8Array(length) : new Int32Array(length);
}

/** `1,000` */
function formatCount(count: number): string {
  return count.toLocaleString('en');
}
