/** What a data set holds, in a line or two for people. @module */
import { isTypedArray } from '../base/brands.ts';
import { formatShape } from '../base/shape.ts';
import type { Dataset, DatasetSource } from '../base/types.ts';
import { countClasses, describeDataset } from '../data/describeDataset.ts';
import { isSource, placesOf } from '../data/source.ts';
import { counted, formatAccuracy, formatCount } from './style.ts';

/** Classes that are counted one by one; of more only the smallest and the largest. */
const MOST_CLASSES = 12;

/** Images of a source that are measured. */
const SAMPLES = 1000;

/** If no byte is above this, the pixels hardly use 0 to 255: scikit-learn's digits, for example, use 0 to 16. */
const MOST_OF_FEW_LEVELS = 32;

/** `images 3×32×32, pixels 0 to 1, mean 0.512, deviation 0.231` and `3 classes: cat: 120, dog: 118, owl: 97`. */
export async function describeData(dataset: Dataset | DatasetSource): Promise<readonly string[]> {
  const places = isSource(dataset) ? placesOf(dataset.count, SAMPLES) : [];
  const images = isSource(dataset) ? await dataset.read(places) : dataset;
  const { shape, range, mean, deviation } = describeDataset(images);
  const { labels = images.labels } = dataset;
  const classes = countClasses({ ...images, labels });
  const isSample = isSource(dataset) && places.length < dataset.count;
  const sample = isSample ? ` (of a sample of ${formatCount(places.length)} images)` : '';
  const list = (figures: readonly number[]) => figures.map(formatAccuracy).join(' ');
  const [least, most] = range.map((pixel) => Number(pixel.toFixed(3)));
  const counts = classes.map(({ count }) => count);
  const table =
    classes.length <= MOST_CLASSES
      ? classes.map(({ name, count }) => `${name}: ${formatCount(count)}`).join(', ')
      : `${formatCount(Math.min(...counts))} to ${formatCount(Math.max(...counts))} images each`;
  return [
    `images ${formatShape(shape)}, pixels ${least} to ${most}, mean ${list(mean)}, deviation ${list(deviation)}${sample}`,
    `${counted(classes.length, 'class', 'classes')}: ${table}`,
    ...darkness(images.images, range[1]),
  ];
}

/** A warning of bytes that use a small part of their range, so that the images are nearly black. */
function darkness(images: Dataset['images'], brightest: number): readonly string[] {
  const most = Math.round(brightest * 255);
  if (!isTypedArray(images, 'Uint8Array') || most === 0 || most > MOST_OF_FEW_LEVELS) return [];
  return [
    `no byte is above ${most}, of 255 for white: the images are nearly black. Scale them, or give the network a normalize of their mean and deviation`,
  ];
}
