/**
 * Where training stands, between two steps: all that the rest of the run follows from.
 *
 * There is no state of a random generator in it. The first weights follow from the seed, and the order of the images
 * in an epoch from the seed and the number of that epoch (random.ts), so that counting is enough to go on.
 * @module
 */

import { crc32 } from '../base/crc32.ts';
import { ShapeError } from '../base/errors.ts';
import type { Dataset, EpochEvent, Tensor } from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { type OptimizerSpec, optimizerOf } from '../optimizers/index.ts';
import type { OptimizerState } from '../optimizers/optimizer.ts';

/** Of an epoch that has begun. */
export interface EpochSums {
  /** Steps done. */
  readonly step: number;
  /** Sum of the losses of the images in these steps. */
  readonly loss: number;
  /** How many of the images were recognised. */
  readonly correct: number;
  /** Time of training, as `EpochEvent.seconds` counts it. */
  readonly seconds: number;
}

/** By which training data are known again. */
export interface DataIdentity {
  readonly count: number;
  /** Of the pixels, then of the labels. */
  readonly crc32: number;
}

/** Plain data, copies all of it: it may be kept, encoded (`convlet/formats`) and posted to another thread. */
export interface Checkpoint {
  readonly spec: ModelSpec;
  readonly seed: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly optimizer: OptimizerSpec;
  readonly state: OptimizerState;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly data: DataIdentity;
  /** Epochs that the model was trained for before this `fit`. */
  readonly epochsBefore: number;
  /** The epochs that are done. */
  readonly history: readonly EpochEvent[];
  /** Of the epoch after these. */
  readonly begun: EpochSums;
  /** Whatever the caller wants to find again: JSON. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What no epoch has begun with. */
export const NOTHING_BEGUN: EpochSums = { step: 0, loss: 0, correct: 0, seconds: 0 };

/** How training data are known again, in a few milliseconds a thousand images. */
export function identify({ images, labels }: Dataset): DataIdentity {
  const pixels = new Uint8Array(images.buffer, images.byteOffset, images.byteLength);
  return { count: labels.length, crc32: crc32(pixels, labels) };
}

/**
 * Throws unless `state` is what an optimizer remembers of a network.
 * @throws {ShapeError} on another number or length of blocks. @throws {RangeError} on numbers that are not finite.
 */
export function checkOptimizerState(
  where: string,
  spec: OptimizerSpec,
  { blocks, scalars }: OptimizerState,
  parameterCount: number,
): void {
  const { stateBlocks, scalars: fresh } = optimizerOf(spec);
  if (
    blocks.length !== stateBlocks ||
    blocks.some(({ length }) => length !== parameterCount) ||
    scalars.length !== fresh.length
  ) {
    throw new ShapeError(
      `${where}: expected ${stateBlocks} blocks of ${parameterCount} and ${fresh.length} numbers, as ${spec.type} remembers, got blocks of [${blocks.map(({ length }) => length)}] and ${scalars.length} numbers.`,
    );
  }
  if (![...blocks, scalars].every((numbers) => numbers.every(Number.isFinite))) {
    throw new RangeError(
      `${where}: expected finite numbers as the state of ${spec.type}, got NaN or Infinity.`,
    );
  }
}
