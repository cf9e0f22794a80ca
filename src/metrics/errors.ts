/** Mean errors of values, over all numbers of all images. The sum is in double precision and in order. @module */
import type { MetricDefinition } from './metric.ts';

/** Mean of `|output − target|`. */
export const meanAbsoluteError: MetricDefinition = meanError('meanAbsoluteError', Math.abs);

/** Mean of `(output − target)²`. */
export const meanSquaredError: MetricDefinition = meanError(
  'meanSquaredError',
  (error) => error * error,
);

function meanError(name: string, of: (error: number) => number): MetricDefinition {
  return {
    name,
    targets: 'values',
    start: () => [0],
    add(sums, { count, outputs, values, length }) {
      let sum = 0;
      for (let i = 0; i < count * length; i++) sum += of((outputs[i] ?? 0) - (values[i] ?? 0));
      sums[0] = (sums[0] ?? 0) + sum / length;
    },
    result: ([sum = 0], count) => sum / count,
  };
}
