/** What a data set holds, in a line or two for people. @module */
import { formatShape } from '../base/shape.ts';
import type { Dataset } from '../base/types.ts';
import { describeDataset } from '../data/describeDataset.ts';
import { printable } from '../node/figures.ts';
import { counted, formatAccuracy, formatCount } from './style.ts';

/** Classes that are counted one by one; of more only the smallest and the largest. */
const MOST_CLASSES = 12;

/** `images 3×32×32, pixels 0 to 1, mean 0.512, deviation 0.231` and `3 classes: cat: 120, dog: 118, owl: 97`. */
export function describeData(dataset: Dataset): string {
  const { shape, range, mean, deviation, classes = [] } = describeDataset(dataset);
  const list = (figures: readonly number[]) => figures.map(formatAccuracy).join(' ');
  const [least, most] = range.map((pixel) => Number(pixel.toFixed(3)));
  const counts = classes.map(({ count }) => count);
  const table =
    classes.length <= MOST_CLASSES
      ? classes.map(({ name, count }) => `${printable(name)}: ${formatCount(count)}`).join(', ')
      : `${formatCount(Math.min(...counts))} to ${formatCount(Math.max(...counts))} images each`;
  return [
    `images ${formatShape(shape)}, pixels ${least} to ${most}, mean ${list(mean)}, deviation ${list(deviation)}`,
    `${counted(classes.length, 'class', 'classes')}: ${table}`,
  ].join('\n');
}
