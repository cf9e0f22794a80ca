/** The share of the images whose class is among the five that the network finds most likely. @module */
import type { MetricDefinition } from './metric.ts';

const PLACES = 5;

/** Of equal outputs the first is the larger, as for the prediction. With five outputs or fewer it is always 1. */
export const top5: MetricDefinition = {
  name: 'top5',
  targets: 'classes',
  start: () => [0],
  add(sums, { count, outputs, labels, length }) {
    if (length <= PLACES) {
      sums[0] = (sums[0] ?? 0) + count;
      return;
    }
    for (let i = 0; i < count; i++) {
      const row = i * length;
      const label = labels[i] ?? 0;
      const own = outputs[row + label] ?? 0;
      let before = 0;
      for (let j = 0; j < length; j++) {
        const other = outputs[row + j] ?? 0;
        if (other > own || (other === own && j < label)) before++;
      }
      if (before < PLACES) sums[0] = (sums[0] ?? 0) + 1;
    }
  },
  result: ([hits = 0], count) => hits / count,
};
