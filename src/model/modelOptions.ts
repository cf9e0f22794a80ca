/** What `createModel` and `evaluate` can be told, and the checks of it. @module */
import { wrongKind } from '../base/checks.ts';
import { flag, type OptionCheck, type OptionChecks, whole } from '../base/options.ts';
import type { Tensor } from '../base/types.ts';
import { namesCheck, type Origin, preparationCheck } from '../data/origin.ts';
import { type LossSpec, readLoss } from '../losses/registry.ts';
import { type MetricName, readMetrics } from '../metrics/registry.ts';

/** Which loss: with its options, or its name alone. */
export type Loss = LossSpec | LossSpec['type'];

export const lossCheck: OptionCheck = (where, _name, value) => void readLoss(where, value);
export const metricsCheck: OptionCheck = (where, _name, value) => void readMetrics(where, value);

/** `classNames` and `preparation` are kept until a `fit` on data that have their own. */
export interface ModelOptions extends Origin {
  /** Of the initial weights and of the order of the images: a whole number below 2³². @default 1 */
  readonly seed?: number;
  /** False runs every layer by a kernel of its own; true fuses those that can be. @default true */
  readonly fuse?: boolean;
  /** What `evaluate` measures before the first `fit`, as a model from a file does. */
  readonly loss?: Loss;
}

export const modelChecks: OptionChecks<ModelOptions> = {
  seed: whole(0, 2 ** 32 - 1),
  fuse: flag,
  loss: lossCheck,
  classNames: namesCheck,
  preparation: preparationCheck,
};

/** What is measured. */
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

/** What is returned beside the output of the network. */
export interface PredictOptions {
  /** Names of layers whose outputs are wanted too. */
  readonly outputs?: readonly string[];
}

/** The network's output, and those of the named layers. */
export interface Prediction extends Tensor {
  readonly outputs: Readonly<Record<string, Tensor>>;
}

export const predictChecks: OptionChecks<PredictOptions> = {
  outputs(where, name, value) {
    if (Array.isArray(value) && [...value].every((item) => typeof item === 'string')) return;
    throw wrongKind(where, name, 'a list of names of layers', value);
  },
};

/** Which weights are taken. */
export interface SetWeightsOptions {
  /** False takes what fits by name and shape. @default true */
  readonly strict?: boolean;
}

export const setWeightsChecks: OptionChecks<SetWeightsOptions> = { strict: flag };
