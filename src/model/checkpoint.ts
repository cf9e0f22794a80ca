/**
 * Where training stands, between two steps: all that the rest of the run follows from.
 *
 * There is no state of a random generator in it. The first weights follow from the seed, and the order of the images
 * in an epoch from the seed and the number of that epoch (random.ts), so that counting is enough to go on.
 * @module
 */
import { isRecord, isTypedArray } from '../base/brands.ts';
import {
  checkInteger,
  checkNotNegative,
  checkRecord,
  checkText,
  wrongKind,
} from '../base/checks.ts';
import { crc32 } from '../base/crc32.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { flag } from '../base/options.ts';
import type { Dataset, EpochEvent, Tensor, ValueDataset } from '../base/types.ts';
import { inferNetwork, type Network } from '../compile/network.ts';
import { checkSpec, type ModelSpec } from '../compile/spec.ts';
import type { Augment } from '../data/augment.ts';
import { batchCount } from '../data/batches.ts';
import { imageCount, targetsOf } from '../data/dataset.ts';
import { type Origin, readOrigin } from '../data/origin.ts';
import type { Stream } from '../data/source.ts';
import { type LossSpec, readLoss } from '../losses/registry.ts';
import { type MetricName, metricOf, readMetrics } from '../metrics/registry.ts';
import type { OptimizerState } from '../optimizers/optimizer.ts';
import { type OptimizerSpec, optimizerOf } from '../optimizers/registry.ts';
import type { Average } from './averageWeights.ts';
import { readControls } from './controls.ts';
import type { EarlyStopping } from './earlyStopping.ts';
import { checkOptimizer } from './rate.ts';
import { checkWeights, trainedOf } from './weights.ts';

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
  /** Of data in memory: of the pixels, then of the labels or values, then of the weights, if there are some. */
  readonly crc32?: number;
  /** Of a source: its own, or one that says shape and classes. */
  readonly identity?: string;
}

/** Plain data, copies all of it: it may be kept, encoded (`convlet/formats`) and posted to another thread. */
export interface Checkpoint extends Origin {
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
  readonly augment?: Augment;
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
  /** Whatever the caller wants to find again: JSON. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What no epoch has begun with. */
export const NOTHING_BEGUN: EpochSums = { step: 0, loss: 0, metrics: {}, seconds: 0 };

/** Fields without which nothing is a checkpoint. */
const FIELDS = ['spec', 'weights', 'loss', 'optimizer', 'state', 'data', 'history', 'begun'];

/** Throws unless `value` looks like what `onCheckpoint` is given. */
export function checkCheckpoint(where: string, value: unknown): asserts value is Checkpoint {
  const fields = isRecord(value) ? value : {};
  const missing = FIELDS.find((name) => fields[name] === undefined);
  if (missing === undefined) return;
  throw new TypeError(
    `${where}: expected a checkpoint, as onCheckpoint is given it and decodeCheckpoint reads it, got ${describe(value)} without ${missing}. Use one of these.`,
  );
}

/**
 * Takes any value for a checkpoint: a copy, checked down to the last number; its arrays are the same.
 * @throws {TypeError | RangeError | ShapeError} naming what is wrong.
 */
export function readCheckpoint(where: string, value: unknown): Checkpoint {
  checkCheckpoint(where, value);
  const spec = checkSpec(value.spec);
  checkInteger(where, 'seed', value.seed, 0, 2 ** 32 - 1);
  const run = readRun(where, { ...value });
  const blocks = readBlocks(where, inferNetwork(spec), run, value);
  const history = readHistory(`${where}: history`, value.history);
  return { spec, seed: value.seed, ...run, ...blocks, history };
}

type Blocks = Pick<Checkpoint, 'weights' | 'average' | 'best' | 'group' | 'state'>;

/** A checkpoint without its network, the tensors, and the history. */
export type CheckpointRun = Omit<Checkpoint, 'spec' | 'seed' | 'history' | keyof Blocks>;

/** Takes any fields for those of a run. @throws {TypeError | RangeError} naming what is wrong. */
export function readRun(where: string, fields: Readonly<Record<string, unknown>>): CheckpointRun {
  const { batchSize, shuffle, controls, epochsBefore, settings } = fields;
  const loss = readLoss(where, fields.loss);
  const metrics = readMetrics(where, fields.metrics);
  const optimizer = checkOptimizer(where, fields.optimizer);
  checkInteger(where, 'batchSize', batchSize, 1);
  flag(where, 'shuffle', shuffle);
  const data = readIdentity(`${where}: data`, fields.data);
  checkInteger(where, 'epochsBefore', epochsBefore, 0);
  return {
    loss,
    metrics,
    optimizer,
    batchSize,
    shuffle: shuffle === true,
    ...readControls(where, fields),
    ...(controls !== undefined && { controls: readStates(`${where}: controls`, controls) }),
    data,
    epochsBefore,
    begun: readSums(`${where}: begun`, fields.begun, metrics, batchCount(data.count, batchSize)),
    ...readOrigin(where, fields),
    ...(settings !== undefined && { settings: checkRecord(`${where}: settings`, settings) }),
  };
}

function readIdentity(where: string, value: unknown): DataIdentity {
  const { count, crc32, identity } = checkRecord(where, value);
  checkInteger(where, 'count', count, 1);
  if (identity !== undefined) {
    checkText(where, 'identity', identity);
    return { count, identity };
  }
  checkInteger(where, 'crc32', crc32, 0, 2 ** 32 - 1);
  return { count, crc32 };
}

/** Takes any fields for the tensors of a run. @throws {TypeError | RangeError | ShapeError} naming what is wrong. */
export function readBlocks(
  where: string,
  network: Network,
  { optimizer, averageWeights }: CheckpointRun,
  { weights, average, best, group, state }: { readonly [Name in keyof Blocks]: unknown },
): Blocks {
  const { trainedCount } = network;
  const tensors = (name: string, value: unknown, own = network) => {
    checkWeights(`${where}: ${name}`, own, value);
    return value;
  };
  const hasAverage = average !== undefined || averageWeights !== undefined;
  const all = {
    weights: tensors('weights', weights),
    ...(hasAverage && { average: tensors('average', average, trainedOf(network)) }),
    ...(best !== undefined && { best: tensors('best', best) }),
    ...(group !== undefined && { group: readGroup(where, group, trainedCount) }),
  };
  checkOptimizerState(where, optimizer, state, trainedCount);
  return { ...all, state };
}

function readGroup(where: string, group: unknown, length: number): Float32Array {
  if (isBlock(group) && group.length === length && group.every(Number.isFinite)) return group;
  throw new TypeError(
    `${where}: expected group, the gradient of a group, as ${length} finite f32, got ${describe(group)}. Use a whole checkpoint.`,
  );
}

function readStates(where: string, value: unknown): Readonly<Record<string, readonly number[]>> {
  const states = checkRecord(where, value);
  for (const [name, state] of Object.entries(states)) {
    if (isListOf(state, isNumber) && state.every(Number.isFinite)) continue;
    throw wrongKind(where, name, 'a list of finite numbers', state);
  }
  return states as Record<string, readonly number[]>; // as seen
}

function readSums(
  where: string,
  value: unknown,
  names: readonly MetricName[],
  steps: number,
): EpochSums {
  const { step, loss, seconds, ...rest } = checkRecord(where, value);
  checkInteger(where, 'step', step, 0, steps);
  const sums = checkRecord(`${where}: metrics`, rest.metrics);
  const metrics = names.map((name) => {
    const list: unknown = sums[name] ?? metricOf(name).start(1);
    if (!Array.isArray(list)) throw wrongKind(where, name, 'a list of sums', list);
    for (const sum of list) checkNotNegative(where, `each sum of ${name}`, sum);
    return [name, list as number[]] as const;
  });
  if (!isNumber(loss) || !Number.isFinite(loss) || !isNumber(seconds) || !(seconds >= 0)) {
    throw new RangeError(
      `${where}: expected finite sums of loss and seconds, got ${describe([loss, seconds])}. Use a whole checkpoint.`,
    );
  }
  return { step, loss, metrics: Object.fromEntries(metrics), seconds };
}

/** Figures that every epoch has. */
export const ALWAYS: readonly string[] = ['loss', 'seconds', 'imagesPerSecond'];

/** Takes any value for the epochs that are done. @throws {TypeError | RangeError} naming the epoch. */
export function readHistory(where: string, value: unknown): EpochEvent[] {
  if (!Array.isArray(value)) throw wrongKind(where, 'it', 'a list of epochs', value);
  return Array.from(value, (event: unknown, i) => {
    const figures = checkRecord(where, event);
    for (const name of [...ALWAYS, ...Object.keys(figures)]) {
      const figure = figures[name];
      if (figure === undefined && !ALWAYS.includes(name)) delete figures[name];
      else if (!isFigure(name, figure)) {
        throw new RangeError(
          `${where}: expected ${name} of epoch ${i + 1}, got ${describe(figure)}. Use a whole checkpoint.`,
        );
      }
    }
    return { ...figures, epoch: i + 1 } as unknown as EpochEvent; // numbers, with those that it always has
  });
}

/** A clock may stand still for an epoch. */
function isFigure(name: string, figure: unknown): boolean {
  const isTime = name === 'seconds' || name === 'imagesPerSecond';
  return isTime ? isNumber(figure) && figure >= 0 : Number.isFinite(figure);
}

/** How training data are known again, in a few milliseconds a thousand images. */
export function identify(dataset: Dataset | ValueDataset | Stream): DataIdentity {
  if ('part' in dataset) return { count: dataset.count, identity: dataset.identity };
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
  state: unknown,
  trainedCount: number,
): asserts state is OptimizerState {
  const { initialState, scalars: fresh } = optimizerOf(spec);
  const { length: count } = initialState(spec);
  const { blocks, scalars } = checkRecord(`${where}: state`, state);
  if (!isListOf(blocks, isBlock) || !isListOf(scalars, isNumber)) {
    throw new TypeError(
      `${where}: expected state { blocks: Float32Array[], scalars: number[] }, got ${describe(blocks)} and ${describe(scalars)}. Use a whole checkpoint.`,
    );
  }
  if (
    blocks.length !== count ||
    blocks.some(({ length }) => length !== trainedCount) ||
    scalars.length !== fresh.length
  ) {
    throw new ShapeError(
      `${where}: expected ${count} blocks of ${trainedCount} and ${fresh.length} numbers, as ${spec.type} remembers, got blocks of [${blocks.map(({ length }) => length)}] and ${scalars.length} numbers. Use the optimizer and the network of the checkpoint.`,
    );
  }
  if (![...blocks, scalars].every((numbers) => numbers.every(Number.isFinite))) {
    throw new RangeError(
      `${where}: expected finite numbers as the state of ${spec.type}, got NaN or Infinity. Use an earlier checkpoint.`,
    );
  }
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && [...value].every(isOne); // holes too
}

function isBlock(value: unknown): value is Float32Array {
  return isTypedArray(value, 'Float32Array');
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
