/** The share of the images whose class was recognised. @module */
import type { MetricDefinition } from './metric.ts';

export const accuracy: MetricDefinition = {
  name: 'accuracy',
  targets: 'classes',
  start: () => [0],
  add(sums, { count, predictions, labels }) {
    let correct = 0;
    for (let i = 0; i < count; i++) if (predictions[i] === labels[i]) correct++;
    sums[0] = (sums[0] ?? 0) + correct;
  },
  result: ([correct = 0], count) => correct / count,
};
