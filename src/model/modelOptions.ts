/** What `createModel` and `evaluate` can be told, and the checks of it. @module */
import {
  anything,
  flag,
  type OptionCheck,
  type OptionChecks,
  whole,
  wrongKind,
} from '../base/options.ts';
import type { Preparation, Tensor } from '../base/types.ts';
import { readLoss } from '../losses/registry.ts';
import type { MetricName } from '../metrics/registry.ts';
import type { Loss } from './fitOptions.ts';

export interface ModelOptions {
  /** Of the initial weights and of the order of the images: a whole number below 2³². @default 1 */
  readonly seed?: number;
  /** False runs every layer by a kernel of its own; true fuses those that can be. @default true */
  readonly fuse?: boolean;
  /** What `evaluate` measures before the first `fit`, as a model from a file does. */
  readonly loss?: Loss;
  /** Names of the classes, until a `fit` on data that name them. */
  readonly classNames?: readonly string[];
  /** How pictures are prepared for it, until a `fit` on data that say so. */
  readonly preparation?: Preparation;
}

const lossName: OptionCheck = (where, _name, value) => void readLoss(where, value);

export const modelChecks: OptionChecks<ModelOptions> = {
  seed: whole(0, 2 ** 32 - 1),
  fuse: flag,
  loss: lossName,
  classNames(where, name, value) {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return;
    throw wrongKind(where, name, 'a list of texts', value);
  },
  preparation(where, name, value) {
    if (value !== 'digit' && value !== 'picture') {
      throw wrongKind(where, name, "'digit' or 'picture'", value);
    }
  },
};

export interface EvaluateOptions {
  /** @default the loss of the last `fit`, or 'categoricalCrossentropy' */
  readonly loss?: Loss;
  /** Beside those that are always measured. */
  readonly metrics?: readonly MetricName[];
  /** Images at a time; the result is the same. */
  readonly batchSize?: number;
}

export const evaluateChecks: OptionChecks<EvaluateOptions> = {
  loss: anything, // by readLoss and readMetrics
  metrics: anything,
  batchSize: whole(1),
};

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
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return;
    throw wrongKind(where, name, 'a list of names of layers', value);
  },
};

export interface SetWeightsOptions {
  /** False takes what fits by name and shape. @default true */
  readonly strict?: boolean;
}

export const setWeightsChecks: OptionChecks<SetWeightsOptions> = { strict: flag };
