/** The share of what was recognised: images by their classes, or single answers of yes or no. @module */
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

/** The same of values that are answers, several an image: those on the same side of a half as their targets. */
export const binaryAccuracy: MetricDefinition = {
  name: 'accuracy',
  targets: 'values',
  start: () => [0],
  add(sums, { count, outputs, values, length, half }) {
    let correct = 0;
    for (let i = 0; i < count * length; i++) {
      if ((outputs[i] ?? 0) > half === (values[i] ?? 0) > 0.5) correct++;
    }
    sums[0] = (sums[0] ?? 0) + correct / length;
  },
  result: ([correct = 0], count) => correct / count,
};
