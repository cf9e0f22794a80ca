/** The parts of a checkpoint that are no weights, between their values and what a file holds; read as a stranger's. @module */

import { checkInteger, checkRecord } from '../../base/checks.ts';
import { describe } from '../../base/errors.ts';
import { checkSameShape } from '../../base/shape.ts';
import type { EpochEvent } from '../../base/types.ts';
import { batchCount } from '../../data/batches.ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import { optimizerOf } from '../../optimizers/index.ts';
import type { DoubleTensor } from '../safetensors/safetensors.ts';

/** Figures of an epoch, in the order of the columns. */
const FIGURES = [
  'loss',
  'accuracy',
  'validationLoss',
  'validationAccuracy',
  'seconds',
  'imagesPerSecond',
] as const satisfies readonly (keyof EpochEvent)[];

/** What stands as JSON in the metadata. */
export interface Details
  extends Pick<
    Checkpoint,
    'optimizer' | 'batchSize' | 'shuffle' | 'data' | 'epochsBefore' | 'begun' | 'settings'
  > {
  /** Of the optimizer's state. */
  readonly scalars: readonly number[];
}

/** Throws unless `value` is what an encoder wrote. */
export function checkDetails(value: unknown): Details {
  const { optimizer, batchSize, shuffle, data, epochsBefore, begun, settings, scalars } =
    checkRecord('checkpoint', value);
  optimizerOf(optimizer as Details['optimizer']); // checks any value
  checkInteger('checkpoint', 'batchSize', batchSize, 1);
  if (typeof shuffle !== 'boolean') throw wrong('shuffle to be true or false', shuffle);
  const { count, crc32 } = checkRecord('checkpoint: data', data);
  checkInteger('checkpoint: data', 'count', count, 1);
  checkInteger('checkpoint: data', 'crc32', crc32, 0, 2 ** 32 - 1);
  checkInteger('checkpoint', 'epochsBefore', epochsBefore, 0);
  const sums = checkSums(begun, batchCount(count, batchSize), count);
  if (!Array.isArray(scalars)) throw wrong('scalars to be a list', scalars);
  return {
    optimizer: optimizer as Details['optimizer'],
    batchSize,
    shuffle,
    data: { count, crc32 },
    epochsBefore,
    begun: sums,
    scalars,
    ...(settings === undefined ? {} : { settings: checkRecord('checkpoint: settings', settings) }),
  };
}

/** The history as a tensor; NaN is what was not measured. */
export function encodeHistory(history: readonly EpochEvent[]): DoubleTensor {
  const rows = history.flatMap((event) => FIGURES.map((figure) => event[figure] ?? Number.NaN));
  return { shape: [history.length, FIGURES.length], data: Float64Array.from(rows) };
}

/** The history that a tensor holds. */
export function decodeHistory({ shape, data }: DoubleTensor): EpochEvent[] {
  checkSameShape('history', [shape[0] ?? 0, FIGURES.length], shape);
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => {
    const row = data.subarray(i * FIGURES.length, (i + 1) * FIGURES.length);
    const [loss = 0, accuracy = 0, validationLoss, validationAccuracy, seconds = 0, rate = 0] = row;
    const isMeasured = !(Number.isNaN(validationLoss) && Number.isNaN(validationAccuracy));
    const measured = isMeasured
      ? [loss, accuracy, validationLoss, validationAccuracy]
      : [loss, accuracy];
    if (!measured.every(Number.isFinite) || !(seconds >= 0 && rate >= 0)) {
      throw new RangeError(`history: expected figures of epoch ${i + 1}, got [${row}].`);
    }
    return {
      epoch: i + 1,
      loss,
      accuracy,
      ...(isMeasured &&
        ({ validationLoss, validationAccuracy } as Pick<
          EpochEvent,
          'validationLoss' | 'validationAccuracy'
        >)),
      seconds,
      imagesPerSecond: rate,
    };
  });
}

function checkSums(value: unknown, steps: number, images: number): Details['begun'] {
  const { step, loss, correct, seconds } = checkRecord('checkpoint: begun', value);
  checkInteger('checkpoint: begun', 'step', step, 0, steps);
  checkInteger('checkpoint: begun', 'correct', correct, 0, images);
  if (!(Number.isFinite(loss) && Number.isFinite(seconds))) {
    throw wrong('finite sums', [loss, seconds]);
  }
  return { step, loss: Number(loss), correct, seconds: Number(seconds) };
}

function wrong(expected: string, got: unknown): TypeError {
  return new TypeError(`checkpoint: expected ${expected}, got ${describe(got)}.`);
}
