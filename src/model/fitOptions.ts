/** What `fit` can be told, and what it makes of it: defaults, checks, and the rules of going on from a checkpoint. @module */

import { checkInteger } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import type { Dataset, EpochEvent, StepEvent } from '../base/types.ts';
import type { Loss } from '../losses/categoricalCrossentropy.ts';
import { type OptimizerSpec, optimizerOf, optimizers } from '../optimizers/index.ts';
import type { Checkpoint, DataIdentity } from './checkpoint.ts';

/** Images of one step where nobody says otherwise: the reference experiment's. */
export const DEFAULT_BATCH = 128;

export interface FitOptions {
  /** Passes over the data, those of a checkpoint that is resumed included; 1 unless said otherwise. */
  readonly epochs?: number;
  /** Images of one step; 128 unless said otherwise. A last, smaller batch is averaged over its own size. */
  readonly batchSize?: number;
  /**
   * `optimizers.sgd()` unless said otherwise. What it remembers (velocity, moments) lasts from call to call, also where
   * the options of the same optimizer change; another optimizer, or `setWeights`, starts anew.
   */
  readonly optimizer?: OptimizerSpec;
  readonly loss?: Loss;
  /** False keeps the order of the data set in every epoch. */
  readonly shuffle?: boolean;
  /** Measured after every epoch. */
  readonly validationData?: Dataset;
  readonly onStepEnd?: ((event: StepEvent) => void) | undefined;
  /** Awaited before the next epoch. */
  readonly onEpochEnd?: (event: EpochEvent) => void | Promise<void>;
  /** Ends training after the current step; the model stays usable. */
  readonly signal?: AbortSignal;
  /** Ends training after so many steps of this call, as a signal does. */
  readonly maxSteps?: number;
  /**
   * Is given all that is needed to go on from here: after every epoch, where `signal` or `maxSteps` ends training, and
   * where `checkpointEvery` says. Awaited; its time is not counted as training.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** A checkpoint after every so many steps of an epoch, too. */
  readonly checkpointEvery?: number;
  /**
   * Goes on from a checkpoint of the same network and seed on the same training data, and ends with the bytes of a run
   * that was never stopped. What is not said is as it was there; the options of the optimizer may be others.
   */
  readonly resume?: Checkpoint | undefined;
}

/** The options that the trained bytes follow from, each with a value. */
export interface FitSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  readonly shuffle: boolean;
  readonly maxSteps: number;
  readonly checkpointEvery: number;
}

/**
 * The options with their defaults, checked.
 * @throws {TypeError | RangeError} naming the option, and, where it contradicts the checkpoint, both values.
 */
export function fitSettings(options: FitOptions): FitSettings {
  const { resume } = options;
  const {
    epochs = 1,
    batchSize = resume?.batchSize ?? DEFAULT_BATCH,
    optimizer = resume?.optimizer ?? optimizers.sgd(),
    shuffle = resume?.shuffle ?? true,
    maxSteps = Number.POSITIVE_INFINITY,
    checkpointEvery = Number.POSITIVE_INFINITY,
  } = options;
  checkInteger('fit', 'epochs', epochs, 1);
  checkInteger('fit', 'batchSize', batchSize, 1);
  optimizerOf(optimizer);
  if (options.maxSteps !== undefined) checkInteger('fit', 'maxSteps', maxSteps, 1);
  if (options.checkpointEvery !== undefined) {
    checkInteger('fit', 'checkpointEvery', checkpointEvery, 1);
  }
  if (resume !== undefined) {
    checkSame('batchSize', resume.batchSize, batchSize);
    checkSame('shuffle', resume.shuffle, shuffle);
    checkSame('optimizer', resume.optimizer.type, optimizer.type);
    const least = resume.history.length + (resume.begun.step > 0 ? 1 : 0);
    if (epochs < least) {
      throw new RangeError(
        `fit: expected epochs of at least ${least}, as many as the checkpoint has begun, got ${epochs}.`,
      );
    }
  }
  return { epochs, batchSize, optimizer, shuffle, maxSteps, checkpointEvery };
}

/** Throws unless these are the training data of a checkpoint. */
export function checkSameData(kept: DataIdentity, given: DataIdentity | undefined): void {
  if (kept.count === given?.count && kept.crc32 === given.crc32) return;
  const name = ({ count, crc32 }: DataIdentity) => `${count} images with checksum ${crc32}`;
  throw new RangeError(
    `fit: expected the training data of the checkpoint, ${name(kept)}, got ${given ? name(given) : 'none'}. Use the same images and labels, in the same order.`,
  );
}

/** Throws unless an option of `fit` is what the checkpoint was made with. */
export function checkSame(name: string, kept: unknown, given: unknown): void {
  if (kept === given) return;
  throw new RangeError(
    `fit: expected ${name} ${describe(kept)}, as the checkpoint has, got ${describe(given)}. Leave it out, or begin without resume.`,
  );
}
