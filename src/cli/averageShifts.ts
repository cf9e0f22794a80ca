/** The accuracy of probabilities that are averaged over shifted images. @module */
import { indexOfLargest } from '../base/largest.ts';
import type { Dataset, Evaluation } from '../base/types.ts';
import { targetsOf } from '../data/dataset.ts';
import type { Model } from '../model/model.ts';
import { UsageError } from './options.ts';
import { probabilitiesOf } from './probabilities.ts';

/** Pixels by which each image is moved down and to the right. */
const SHIFTS = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => ({ down, right })));

/** The help of `--average-shifts`. */
export const AVERAGE_SHIFTS =
  'tell also the accuracy of probabilities averaged over 9 shifts of each test image';

/** What `--average-shifts` adds to an evaluation. */
export interface ShiftAveraged {
  readonly shiftAveragedAccuracy?: number;
}

/** Evaluates a model, by its loss, on test images, and on shifted ones too if `averageShifts` asks for it. */
export function evaluateOn(
  model: Model,
  testSet: Dataset,
  { averageShifts = false }: { readonly averageShifts?: boolean },
): Evaluation & ShiftAveraged {
  const evaluation = model.evaluate(testSet);
  if (!averageShifts) return evaluation;
  if (targetsOf(testSet) !== 'classes') {
    throw new UsageError('--average-shifts: expected images of classes, got values. Leave it out.');
  }
  return { ...evaluation, shiftAveragedAccuracy: shiftAveragedAccuracy(model, testSet) };
}

/** The share of images whose class has the largest probability, averaged over the shifts. Pixels that come in are 0. */
function shiftAveragedAccuracy(
  model: Pick<Model, 'predict' | 'spec' | 'loss'>,
  dataset: Dataset,
): number {
  const { labels, classes } = dataset;
  const sums = new Float64Array(labels.length * classes);
  for (const { down, right } of SHIFTS) {
    const images = shifted(dataset, down, right);
    const { data } = probabilitiesOf(model, { ...dataset, images });
    for (const [i, probability] of data.entries()) sums[i] = (sums[i] ?? 0) + probability;
  }
  let correct = 0;
  for (const [n, label] of labels.entries()) {
    const row = sums.subarray(n * classes, (n + 1) * classes);
    if (indexOfLargest(row) === label) correct++;
  }
  return correct / labels.length;
}

function shifted({ images, shape }: Dataset, down: number, right: number): Dataset['images'] {
  const [, height = 0, width = 0] = shape;
  const to = images.slice().fill(0);
  const [left, length] = [Math.max(-right, 0), Math.max(width - Math.abs(right), 0)];
  const rows = images.length / width;
  for (let row = 0; row < rows; row++) {
    const below = (row % height) + down;
    if (below < 0 || below >= height) continue;
    const from = row * width + left;
    to.set(images.subarray(from, from + length), (row + down) * width + left + right);
  }
  return to;
}
