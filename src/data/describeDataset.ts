/** What a data set holds, in figures. @module */
import { isTypedArray } from '../base/brands.ts';
import type { Dataset, Shape, ValueDataset } from '../base/types.ts';
import { checkDataset, checkValueDataset, classNamesOf, targetsOf } from './dataset.ts';

/** Figures of a data set. Pixels are in 0…1, bytes too, as a model sees them before `normalize`. */
export interface DatasetDescription {
  /** Number of images. */
  readonly count: number;
  /** `[C, H, W]` of one image. */
  readonly shape: Shape;
  /** Each class with the number of its images; absent if the images have values. */
  readonly classes?: readonly { readonly name: string; readonly count: number }[];
  /** The least and the largest pixel. */
  readonly range: readonly [least: number, most: number];
  /** Mean of each channel, for `normalize`. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel, for `normalize`. */
  readonly deviation: readonly number[];
}

/**
 * Counts and measures a data set: `mean = Σx / n`, `deviation = √(Σ(x − mean)² / n)`, for each channel over all images.
 * @throws {TypeError | RangeError | ShapeError} if it is no data set.
 * @example
 * const { mean, deviation } = describeDataset(train);
 * const model = createModel(backend, { inputShape: train.shape, normalize: { mean, deviation }, layers });
 */
export function describeDataset(dataset: Dataset | ValueDataset): DatasetDescription {
  if (targetsOf(dataset) === 'classes') {
    checkDataset('describeDataset', dataset as Dataset);
    return { ...measure(dataset), classes: countClasses(dataset as Dataset) };
  }
  checkValueDataset('describeDataset', dataset as ValueDataset);
  return measure(dataset);
}

/** Each class with the number of its images. */
export function countClasses(
  dataset: Pick<Dataset, 'labels' | 'classes' | 'classNames'>,
): NonNullable<DatasetDescription['classes']> {
  const { labels, classes } = dataset;
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const names = classNamesOf(dataset);
  return counts.map((count, index) => ({ name: names[index] ?? String(index), count }));
}

function measure({ images, shape }: Dataset | ValueDataset): Omit<DatasetDescription, 'classes'> {
  const [channels = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const figures = Array.from({ length: channels }, (_, channel) =>
    isTypedArray(images, 'Uint8Array')
      ? ofBytes(images, channel * area, area, channels)
      : ofFloats(images, channel * area, area, channels),
  );
  return {
    count: images.length / (channels * area),
    shape: [...shape],
    range: [
      Math.min(...figures.map(({ least }) => least)),
      Math.max(...figures.map(({ most }) => most)),
    ],
    mean: figures.map(({ mean }) => mean),
    deviation: figures.map(({ deviation }) => deviation),
  };
}

/** Of one channel. */
interface Figures {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly deviation: number;
}

/** From how often each byte occurs: exact, and one pass. */
function ofBytes(images: Uint8Array, first: number, area: number, channels: number): Figures {
  const counts = new Float64Array(256);
  for (let start = first; start < images.length; start += channels * area) {
    for (let at = start; at < start + area; at++) {
      const value = images[at] ?? 0;
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }
  const total = images.length / channels;
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
  const squares = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0);
  return {
    least: counts.findIndex((count) => count > 0) / 255,
    most: counts.findLastIndex((count) => count > 0) / 255,
    mean: mean / 255,
    deviation: Math.sqrt(squares / total) / 255,
  };
}

function ofFloats(images: Float32Array, first: number, area: number, channels: number): Figures {
  let [least, most, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  const total = images.length / channels;
  for (let start = first; start < images.length; start += channels * area) {
    for (let at = start; at < start + area; at++) {
      const value = images[at] ?? 0;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const mean = sum / total;
  for (let start = first; start < images.length; start += channels * area) {
    for (let at = start; at < start + area; at++) squares += ((images[at] ?? 0) - mean) ** 2;
  }
  return { least, most, mean, deviation: Math.sqrt(squares / total) };
}
