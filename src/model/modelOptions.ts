/** What `createModel` and `evaluate` can be told, and the checks of it. @module */
import { flag, type OptionCheck, type OptionChecks, whole } from '../base/options.ts';
import { type LossSpec, readLoss } from '../losses/registry.ts';
import { type MetricName, readMetrics } from '../metrics/registry.ts';

/** Which loss: with its options, or its name alone. */
export type Loss = LossSpec | LossSpec['type'];

export const lossCheck: OptionCheck = (where, _name, value) => void readLoss(where, value);
export const metricsCheck: OptionCheck = (where, _name, value) => void readMetrics(where, value);

export interface ModelOptions {
  /** Of the initial weights and of the order of the images: a whole number below 2³². @default 1 */
  readonly seed?: number;
  /** False runs every layer by a kernel of its own; true fuses those that can be. @default true */
  readonly fuse?: boolean;
}

export const modelChecks: OptionChecks<ModelOptions> = { seed: whole(0, 2 ** 32 - 1), fuse: flag };

export interface EvaluateOptions {
  /** @default the loss of the last `fit`, or 'categoricalCrossentropy' */
  readonly loss?: Loss;
  /** Beside those that are always measured. */
  readonly metrics?: readonly MetricName[];
  /** Images at a time; the result is the same. */
  readonly batchSize?: number;
}

export const evaluateChecks: OptionChecks<EvaluateOptions> = {
  loss: lossCheck,
  metrics: metricsCheck,
  batchSize: whole(1),
};
