/** One run of `convlet train`: its options and its results. @module */

import type { Dataset, Evaluation, Tensor, ValueDataset, ValueEvaluation } from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { FitSettings } from '../model/fitOptions.ts';
import type { Model } from '../model/model.ts';
import type { ImageSet } from '../model/task.ts';
import type { History } from '../model/training.ts';
import type { DataOptions } from './data.ts';
import type { FitFlags } from './fitFlags.ts';
import type { GivenOptimizer } from './optimizer.ts';
import type { RankFlags } from './ranks.ts';

/** The options of the command, as commander names them. */
export interface TrainOptions extends DataOptions, FitFlags, RankFlags {
  /** The name of a recipe, or its file. */
  readonly recipe?: string;
  readonly model: string;
  /** The network of a recipe that holds one; `model` is then the recipe. */
  readonly spec?: ModelSpec;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: GivenOptimizer;
  /** @default the optimizer's own */
  readonly learningRate?: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly threads: number | 'auto';
  readonly wide?: boolean;
  readonly init?: string;
  readonly resume?: string;
  readonly checkpointEvery?: number;
  readonly out?: string;
  readonly averageShifts?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A run that is about to begin. */
export interface RunSetup {
  readonly options: TrainOptions;
  /** Threads of the backend: a number also for `auto`. */
  readonly threads: number;
  readonly wide: boolean;
  /** What `fit` trains with, the defaults included. */
  readonly settings: FitSettings;
  readonly model: Model;
  /** All images that are given to `fit`. */
  readonly trainSet: ImageSet;
  /** Those of them that train, if they are in memory. */
  readonly trainData: Dataset | ValueDataset | undefined;
  /** How many of them train; the others are held out for validation. */
  readonly trained: number;
  readonly testSet: Dataset;
  /** The checkpoint that the run goes on from. */
  readonly checkpoint: Checkpoint | undefined;
}

/** A run that has ended, complete or not. */
export interface Run extends RunSetup, History {
  readonly initialWeights: ReadonlyMap<string, Tensor>;
  /** Of the test set, by the weights that are kept. */
  readonly evaluation: Evaluation | ValueEvaluation;
  /** Seconds of `fit`, validation and the time before a checkpoint included. */
  readonly seconds: number;
  readonly out: string;
}
