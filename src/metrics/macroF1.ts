/** The mean F1 of all classes, large and small alike. @module */
import { ConfusionMatrix, macroF1Of } from './confusion.ts';
import type { MetricDefinition } from './metric.ts';

/** Its sums are the confusion matrix, row after row. */
export const macroF1: MetricDefinition = {
  name: 'macroF1',
  targets: 'classes',
  start: (classes) => new Array<number>(classes * classes).fill(0),
  add(sums, results) {
    const classes = Math.sqrt(sums.length);
    const { count, predictions, labels } = results;
    for (let i = 0; i < count; i++) {
      const place = (labels[i] ?? 0) * classes + (predictions[i] ?? 0);
      sums[place] = (sums[place] ?? 0) + 1;
    }
  },
  result(sums) {
    const classes = Math.sqrt(sums.length);
    const { matrix } = new ConfusionMatrix(classes);
    for (const [place, count] of sums.entries()) {
      const row = matrix[Math.floor(place / classes)];
      if (row !== undefined) row[place % classes] = count;
    }
    return macroF1Of(matrix);
  },
};
