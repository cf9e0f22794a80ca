/** One run of `convlet train`: its options and its results. @module */

import type { Dataset, EpochEvent, Tensor } from '../base/types.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { Model } from '../model/model.ts';
import type { OptimizerSpec, OptimizerType } from '../optimizers/registry.ts';
import type { DataOptions } from './data.ts';

/** The options of the command, as commander names them. */
export interface TrainOptions extends DataOptions {
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerType;
  /** @default the optimizer's own */
  readonly learningRate?: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly threads: number | 'auto';
  readonly init?: string;
  readonly resume?: string;
  readonly checkpointEvery?: number;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A run that is about to begin. */
export interface RunSetup {
  readonly options: TrainOptions;
  /** Threads of the backend: a number also for `auto`. */
  readonly threads: number;
  readonly optimizer: OptimizerSpec;
  readonly model: Model;
  readonly trainSet: Dataset;
  readonly testSet: Dataset;
  /** The checkpoint that the run goes on from. */
  readonly checkpoint: Checkpoint | undefined;
}

/** A run that has ended, complete or not. */
export interface Run extends RunSetup {
  readonly initialWeights: ReadonlyMap<string, Tensor>;
  readonly epochs: readonly EpochEvent[];
  /** Seconds of `fit`, validation and the time before a checkpoint included. */
  readonly seconds: number;
  readonly out: string;
}
