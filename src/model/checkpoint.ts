/**
 * Where training stands, between two steps: all that the rest of the run follows from.
 *
 * There is no state of a random generator in it. The first weights follow from the seed, and the order of the images
 * in an epoch from the seed and the number of that epoch (random.ts), so that counting is enough to go on.
 * @module
 */
import { checkRecord } from '../base/checks.ts';
import { crc32 } from '../base/crc32.ts';
import { describe, ShapeError } from '../base/errors.ts';
import type { Dataset, EpochEvent, Preparation, Tensor, ValueDataset } from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { imageCount, targetsOf } from '../data/dataset.ts';
import type { LossSpec } from '../losses/registry.ts';
import type { MetricName } from '../metrics/registry.ts';
import type { OptimizerState } from '../optimizers/optimizer.ts';
import { type OptimizerSpec, optimizerOf } from '../optimizers/registry.ts';
import type { Average } from './averageWeights.ts';
import type { EarlyStopping } from './earlyStopping.ts';

/** Of an epoch that has begun. */
export interface EpochSums {
  /** Steps done. */
  readonly step: number;
  /** Sum of the losses of the images in these steps. */
  readonly loss: number;
  /** The sums of each metric, by its name. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  /** Time of training, as `EpochEvent.seconds` counts it. */
  readonly seconds: number;
}

/** By which training data are known again. */
export interface DataIdentity {
  readonly count: number;
  /** Of the pixels, then of the labels or values, then of the weights, if there are some. */
  readonly crc32: number;
}

/** Plain data, copies all of it: it may be kept, encoded (`convlet/formats`) and posted to another thread. */
export interface Checkpoint {
  readonly spec: ModelSpec;
  readonly seed: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly loss: LossSpec;
  readonly metrics: readonly MetricName[];
  readonly optimizer: OptimizerSpec;
  readonly state: OptimizerState;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly validationSplit?: number;
  /** Batches that share an update; 1 if absent, and parts of a batch, 8 if absent. */
  readonly accumulate?: number;
  readonly shards?: number;
  /** The gradient of the group of batches that has begun: as long as all trained parameters together. */
  readonly group?: Float32Array;
  readonly averageWeights?: Average;
  /** The average of the trained parameters. */
  readonly average?: ReadonlyMap<string, Tensor>;
  readonly earlyStopping?: EarlyStopping;
  /** The parameters of the best epoch. */
  readonly best?: ReadonlyMap<string, Tensor>;
  /** What controls of the run remember of its epochs, by name. */
  readonly controls?: Readonly<Record<string, readonly number[]>>;
  readonly data: DataIdentity;
  /** Epochs that the model was trained for before this `fit`. */
  readonly epochsBefore: number;
  /** The epochs that are done. */
  readonly history: readonly EpochEvent[];
  /** Of the epoch after these. */
  readonly begun: EpochSums;
  /** Of the training data, if they say so. */
  readonly classNames?: readonly string[];
  readonly preparation?: Preparation;
  /** Whatever the caller wants to find again: JSON. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What no epoch has begun with. */
export const NOTHING_BEGUN: EpochSums = { step: 0, loss: 0, metrics: {}, seconds: 0 };

/** Fields without which nothing is a checkpoint. */
const FIELDS = ['spec', 'weights', 'loss', 'optimizer', 'state', 'data', 'history', 'begun'];

/** Throws unless `value` looks like what `onCheckpoint` is given. */
export function checkCheckpoint(where: string, value: unknown): asserts value is Checkpoint {
  const fields = typeof value === 'object' && value !== null ? checkRecord(where, value) : {};
  const missing = FIELDS.find((name) => fields[name] === undefined);
  if (missing === undefined) return;
  throw new TypeError(
    `${where}: expected a checkpoint, as onCheckpoint is given it and decodeCheckpoint reads it, got ${describe(value)} without ${missing}.`,
  );
}

/** How training data are known again, in a few milliseconds a thousand images. */
export function identify(dataset: Dataset | ValueDataset): DataIdentity {
  const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const targets = targetsOf(dataset) === 'values' ? 'targets' : 'labels';
  const numbers = (dataset as unknown as Record<typeof targets, ArrayBufferView>)[targets]; // it has them
  const weights = dataset.weights === undefined ? [] : [bytesOf(dataset.weights)];
  return {
    count: imageCount(dataset),
    crc32: crc32(bytesOf(dataset.images), bytesOf(numbers), ...weights),
  };
}

/**
 * Throws unless `state` is what an optimizer remembers of a network.
 * @throws {ShapeError} on another number or length of blocks. @throws {RangeError} on numbers that are not finite.
 */
export function checkOptimizerState(
  where: string,
  spec: OptimizerSpec,
  { blocks, scalars }: OptimizerState,
  trainedCount: number,
): void {
  const { initialState, scalars: fresh } = optimizerOf(spec);
  const { length: count } = initialState(spec);
  if (
    blocks.length !== count ||
    blocks.some(({ length }) => length !== trainedCount) ||
    scalars.length !== fresh.length
  ) {
    throw new ShapeError(
      `${where}: expected ${count} blocks of ${trainedCount} and ${fresh.length} numbers, as ${spec.type} remembers, got blocks of [${blocks.map(({ length }) => length)}] and ${scalars.length} numbers.`,
    );
  }
  if (![...blocks, scalars].every((numbers) => numbers.every(Number.isFinite))) {
    throw new RangeError(
      `${where}: expected finite numbers as the state of ${spec.type}, got NaN or Infinity.`,
    );
  }
}
