/** What the epoch loop is given, and what it gives: see trainer.ts. @module */
import type { AbortSignal } from '../base/engine.ts';
import type { EpochEvent, Metrics, StepEvent } from '../base/types.ts';
import type { Program } from '../compile/program.ts';
import type { Blocks } from '../data/source.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import type { Average } from './averageWeights.ts';
import type { EpochSums } from './checkpoint.ts';
import type { EarlyStopper } from './earlyStopping.ts';
import type { Rate } from './rate.ts';
import type { Warner } from './warnings.ts';

/** Under which names a checkpoint keeps what the controls of a run remember. */
export const STOPPING = 'earlyStopping';
export const RATE = 'learningRate';

/** What `fit` came to. */
export interface History {
  /** Those of the checkpoint that it went on from, then its own. */
  readonly epochs: readonly EpochEvent[];
  /** True if a signal or `maxSteps` ended it; the weights are those after the last whole step. */
  readonly stopped: boolean;
  /** The epoch whose figure was best, counted from 1, if there was early stopping. */
  readonly bestEpoch?: number;
}

/** Where the loop stands. */
export interface Progress {
  /** The epochs that are done. */
  readonly history: readonly EpochEvent[];
  /** Of the epoch after these. */
  readonly begun: EpochSums;
  /** What controls remember, by name. */
  readonly controls?: Readonly<Record<string, readonly number[]>>;
}

type Measured = Metrics & { readonly loss: number };

/** All that the epoch loop needs, checked. */
export interface Training {
  readonly program: Program;
  /** Images in the training set. */
  readonly count: number;
  /** Whether other ranks compute parts of every batch. */
  readonly isDistributed: boolean;
  /** The training set, if it is not in the memory as a whole. */
  readonly blocks: Blocks | undefined;
  /** In all, those done before included. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly rate: Rate;
  /** Batches that share an update. */
  readonly accumulate: number;
  readonly averageWeights: Average | undefined;
  readonly stopper: EarlyStopper | undefined;
  readonly warner: Warner | undefined;
  readonly metrics: readonly MetricDefinition[];
  /** Numbers that the network puts out for an image. */
  readonly classes: number;
  /** Of the model. */
  readonly seed: number;
  /** False keeps the order of the data set. */
  readonly shuffle: boolean;
  /** Where to go on from. */
  readonly start: Omit<Progress, 'controls'>;
  /** Takes note that an epoch begins. @returns its number over the model's life; each has an order of its own. */
  readonly beginEpoch: (epoch: number) => number;
  /** Most steps of this call. */
  readonly maxSteps: number;
  readonly signal: AbortSignal | undefined;
  /** Throws if the model was disposed of while the loop had yielded. */
  readonly checkAlive: () => void;
  /** Measures the validation data, if there are some; undefined if the signal came first. */
  readonly validate: (() => Promise<Measured | undefined>) | undefined;
  readonly onStepEnd: ((event: StepEvent) => unknown) | undefined;
  readonly onEpochEnd: ((event: EpochEvent) => void | Promise<void>) | undefined;
  /** Keeps where the loop stands: after every epoch, when it is stopped, and after so many steps of an epoch. */
  readonly keep: ((progress: Progress) => void | Promise<void>) | undefined;
  readonly keepEvery: number;
}
