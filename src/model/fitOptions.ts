/** What `fit` can be told, and what it makes of it: defaults, checks, and the rules of going on from a checkpoint. @module */
import { describe } from '../base/errors.ts';
import { anything, checkOptions, flag, type OptionChecks, whole } from '../base/options.ts';
import type { Dataset, DatasetSource, ValueDataset, ValueDatasetSource } from '../base/types.ts';
import { DEFAULT_SHARDS } from '../compile/plan.ts';
import type { Ranks } from '../compile/ranks.ts';
import { DEFAULT_LOSS, type LossSpec, readLoss } from '../losses/registry.ts';
import { type MetricName, readMetrics } from '../metrics/registry.ts';
import * as optimizers from '../optimizers/index.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import {
  type Checkpoint,
  checkCheckpoint,
  type DataIdentity,
  readCheckpoint,
} from './checkpoint.ts';
import { type ControlOptions, type Controls, controlChecks, readControls } from './controls.ts';
import { type DistributedOptions, distributedChecks, ranksOf } from './distributed.ts';
import { type FitListeners, listenerChecks } from './fitListeners.ts';
import { type Loss, lossCheck, metricsCheck } from './modelOptions.ts';
import { checkOptimizer } from './rate.ts';

/** Images of one step by default: the reference experiment's. */
export const DEFAULT_BATCH = 128;

/** How a model is trained, and who hears of it. */
export interface FitOptions extends FitListeners, ControlOptions, DistributedOptions {
  /** Passes over the data, those of a checkpoint that is resumed included. @default 1 */
  readonly epochs?: number;
  /** Images of one step. A last, smaller batch is averaged over its own size. @default 128 */
  readonly batchSize?: number;
  /**
   * What it remembers (velocity, moments) lasts from call to call, also if the options of the same optimizer change; another
   * optimizer, or `setWeights`, starts anew. @default optimizers.sgd()
   */
  readonly optimizer?: OptimizerSpec;
  /** What is minimised. @default 'categoricalCrossentropy' */
  readonly loss?: Loss;
  /** What events tell beside the loss: accuracy by default, or the mean absolute error if the data have values. */
  readonly metrics?: readonly MetricName[];
  /** False keeps the order of the data set in every epoch. @default true */
  readonly shuffle?: boolean;
  /** Measured after every epoch: a data set, which is not copied but checked each time, or a source of one. */
  readonly validationData?: Dataset | ValueDataset | DatasetSource | ValueDatasetSource;
  /** Ends training after so many steps of this call, as a signal does. */
  readonly maxSteps?: number;
  /** A checkpoint after every so many steps of an epoch, too. */
  readonly checkpointEvery?: number;
  /**
   * Goes on from a checkpoint of the same network and seed on the same training data, and ends with the bytes of a run
   * that was never stopped. What is not said is as it was there; the options of the optimizer may be others.
   */
  readonly resume?: Checkpoint | undefined;
}

/** The check of each option. */
export const fitChecks: OptionChecks<FitOptions> = {
  epochs: whole(1),
  batchSize: whole(1),
  optimizer: (where, _name, value) => void checkOptimizer(where, value),
  loss: lossCheck,
  metrics: metricsCheck,
  shuffle: flag,
  validationData: anything,
  ...controlChecks,
  ...listenerChecks,
  ...distributedChecks,
  maxSteps: whole(1),
  checkpointEvery: whole(1),
  resume: (where, name, value) => checkCheckpoint(`${where}: ${name}`, value),
};

/** Takes any value for the options of `fit`. @throws {TypeError | RangeError} naming the option. */
export function readFitOptions(options: unknown): FitOptions {
  return checkOptions<FitOptions>('fit', options, fitChecks);
}

/** The options that the trained bytes follow from, each with a value. */
export interface FitSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  readonly loss: LossSpec;
  /** Undefined: those that suit the data. */
  readonly metrics: readonly MetricName[] | undefined;
  readonly shuffle: boolean;
  readonly validationSplit: Controls['validationSplit'];
  readonly earlyStopping: Controls['earlyStopping'];
  readonly augment: Controls['augment'];
  readonly averageWeights: Controls['averageWeights'];
  readonly accumulate: number;
  readonly shards: number;
  readonly ranks: Ranks;
  readonly maxSteps: number;
  readonly checkpointEvery: number;
  readonly resume: Checkpoint | undefined;
}

/**
 * Checked options with their defaults.
 * @throws {TypeError | RangeError} naming the option, and, if it contradicts the checkpoint, both values.
 */
export function fitSettings(options: FitOptions): FitSettings {
  const resume = options.resume && readCheckpoint('fit: resume', options.resume);
  const {
    epochs = 1,
    batchSize = resume?.batchSize ?? DEFAULT_BATCH,
    shuffle = resume?.shuffle ?? true,
    maxSteps = Number.POSITIVE_INFINITY,
    checkpointEvery = Number.POSITIVE_INFINITY,
  } = options;
  const optimizer = checkOptimizer(
    'fit',
    options.optimizer ?? resume?.optimizer ?? optimizers.sgd(),
  );
  const loss = readLoss('fit', options.loss ?? resume?.loss ?? DEFAULT_LOSS);
  const given = options.metrics ?? resume?.metrics;
  const metrics = given && readMetrics('fit', given);
  const controls = readControls('fit', { ...resume, ...options });
  const { validationSplit, averageWeights, accumulate = 1, shards = DEFAULT_SHARDS } = controls;
  if (options.validationData !== undefined && validationSplit !== undefined) {
    throw new RangeError(
      'fit: expected validationData or validationSplit, got both. Leave one out.',
    );
  }
  if (resume !== undefined) {
    checkSame('batchSize', resume.batchSize, batchSize);
    checkSame('shuffle', resume.shuffle, shuffle);
    checkSame('validationSplit', resume.validationSplit, validationSplit);
    checkSame('accumulate', resume.accumulate ?? 1, accumulate);
    checkSame('shards', resume.shards ?? DEFAULT_SHARDS, shards);
    for (const name of ['augment', 'averageWeights'] as const) {
      checkSame(name, JSON.stringify(resume[name]), JSON.stringify(controls[name]));
    }
    checkSame('optimizer', resume.optimizer.type, optimizer.type);
    if (resume.begun.step > 0) checkSame('metrics', String(resume.metrics), String(metrics));
    const least = resume.history.length + (resume.begun.step > 0 ? 1 : 0);
    if (epochs < least) {
      throw new RangeError(
        `fit: expected epochs of at least ${least}, as many as the checkpoint has begun, got ${epochs}. Use more.`,
      );
    }
  }
  return {
    epochs,
    batchSize,
    optimizer,
    loss,
    metrics,
    shuffle,
    validationSplit,
    augment: controls.augment,
    earlyStopping: controls.earlyStopping,
    averageWeights,
    accumulate,
    shards,
    ranks: ranksOf(options, shards),
    maxSteps,
    checkpointEvery,
    resume,
  };
}

/** Throws unless these are the training data of a checkpoint. */
export function checkSameData(kept: DataIdentity, given: DataIdentity | undefined): void {
  const isSame = kept.crc32 === given?.crc32 && kept.identity === given?.identity;
  if (kept.count === given?.count && isSame) return;
  const name = ({ count, crc32, identity }: DataIdentity) =>
    `${count} images ${identity === undefined ? `with checksum ${crc32}` : `of the source ${describe(identity)}`}`;
  throw new RangeError(
    `fit: expected the training data of the checkpoint, ${name(kept)}, got ${given ? name(given) : 'none'}. Use the same images and labels, in the same order.`,
  );
}

/** The same of a loss whose numbers are counted. */
export function checkSameLoss(kept: LossSpec, given: LossSpec): void {
  checkSame('loss', JSON.stringify(readLoss('fit', kept)), JSON.stringify(given));
}

/** Throws unless an option of `fit` is what the checkpoint was made with. */
export function checkSame(name: string, kept: unknown, given: unknown): void {
  if (kept === given) return;
  throw new RangeError(
    `fit: expected ${name} ${describe(kept)}, as the checkpoint has, got ${describe(given)}. Leave it out, or begin without resume.`,
  );
}
