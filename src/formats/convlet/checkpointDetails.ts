/** Reads and writes the parts of a checkpoint other than the weights. Files are read as untrusted data. @module */

import { checkInteger, checkRecord } from '../../base/checks.ts';
import { describe } from '../../base/errors.ts';
import { validationName } from '../../base/monitor.ts';
import { checkSameShape } from '../../base/shape.ts';
import type { EpochEvent } from '../../base/types.ts';
import { batchCount } from '../../data/batches.ts';
import { DEFAULT_LOSS, readLoss } from '../../losses/registry.ts';
import { type MetricName, metricOf, readMetrics } from '../../metrics/registry.ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import { readFitOptions } from '../../model/fitOptions.ts';
import { checkOptimizer } from '../../model/rate.ts';
import type { DoubleTensor } from '../safetensors/safetensors.ts';
import { checkOrigin } from './content.ts';

/** What the metadata holds as JSON. */
export interface Details
  extends Pick<
    Checkpoint,
    | 'loss'
    | 'metrics'
    | 'optimizer'
    | 'batchSize'
    | 'shuffle'
    | 'validationSplit'
    | 'accumulate'
    | 'shards'
    | 'averageWeights'
    | 'earlyStopping'
    | 'controls'
    | 'data'
    | 'epochsBefore'
    | 'begun'
    | 'classNames'
    | 'preparation'
    | 'settings'
  > {
  /** The scalars of the optimizer's state. */
  readonly scalars: readonly number[];
  /** Names of the figures that the history holds for each epoch. */
  readonly columns: readonly string[];
}

/** Figures that every epoch has. Any other figure is NaN if it was not measured. */
const ALWAYS: readonly string[] = ['loss', 'seconds', 'imagesPerSecond'];

/** The figures of an epoch under these metrics. */
export function columnsOf(metrics: readonly MetricName[]): readonly string[] {
  const ofValidation = ['loss', ...metrics].map(validationName);
  return ['loss', ...metrics, ...ofValidation, 'seconds', 'imagesPerSecond'];
}

/** Throws unless `value` is what an encoder wrote. @param isFirst True for version 1, which had one loss and one metric. */
export function checkDetails(value: unknown, isFirst: boolean): Details {
  const fields = checkRecord('checkpoint', value);
  const { batchSize, shuffle, data, epochsBefore, settings, scalars } = fields;
  const { classNames, preparation } = fields;
  const { correct, ...begun } = checkRecord('checkpoint: begun', fields.begun);
  const optimizer = checkOptimizer('checkpoint', fields.optimizer);
  const loss = isFirst ? DEFAULT_LOSS : readLoss('checkpoint', fields.loss);
  const metrics = isFirst ? (['accuracy'] as const) : readMetrics('checkpoint', fields.metrics);
  checkInteger('checkpoint', 'batchSize', batchSize, 1);
  if (typeof shuffle !== 'boolean') throw wrong('shuffle to be true or false', shuffle);
  const { count, crc32 } = checkRecord('checkpoint: data', data);
  checkInteger('checkpoint: data', 'count', count, 1);
  checkInteger('checkpoint: data', 'crc32', crc32, 0, 2 ** 32 - 1);
  checkInteger('checkpoint', 'epochsBefore', epochsBefore, 0);
  const sums = isFirst ? { ...begun, metrics: { accuracy: [correct] } } : begun;
  if (!Array.isArray(scalars)) throw wrong('scalars to be a list', scalars);
  const columns = isFirst ? columnsOf(metrics) : fields.columns;
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) {
    throw wrong('columns to be a list of names', columns);
  }
  return {
    loss,
    metrics,
    optimizer,
    batchSize,
    shuffle,
    ...checkRun(fields),
    data: { count, crc32 },
    epochsBefore,
    begun: checkSums(sums, metrics, batchCount(count, batchSize)),
    scalars,
    columns,
    ...checkOrigin({ classNames, preparation }),
    ...(settings === undefined ? {} : { settings: checkRecord('checkpoint: settings', settings) }),
  };
}

/** The history as a tensor with a column for each figure. */
export function encodeHistory(
  history: readonly EpochEvent[],
  columns: readonly string[],
): DoubleTensor {
  const rows = history.flatMap((event) =>
    columns.map((name) => event[name as keyof EpochEvent] ?? Number.NaN),
  );
  return { shape: [history.length, columns.length], data: Float64Array.from(rows) };
}

/** The history that a tensor holds, without columns that are not known here. */
export function decodeHistory(
  { shape, data }: DoubleTensor,
  columns: readonly string[],
  metrics: readonly MetricName[],
): EpochEvent[] {
  checkSameShape('history', [shape[0] ?? 0, columns.length], shape);
  const known = columnsOf(metrics);
  const missing = ALWAYS.find((name) => !columns.includes(name));
  if (missing !== undefined) throw wrong(`a column ${missing} in its history`, columns);
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => {
    const row = data.subarray(i * columns.length, (i + 1) * columns.length);
    const figures: Record<string, number> = {};
    for (const [j, name] of columns.entries()) {
      const figure = row[j] ?? Number.NaN;
      if (!known.includes(name) || (Number.isNaN(figure) && !ALWAYS.includes(name))) continue;
      const isTime = name === 'seconds' || name === 'imagesPerSecond';
      if (!(isTime ? figure >= 0 : Number.isFinite(figure))) {
        throw new RangeError(`history: expected ${name} of epoch ${i + 1}, got ${figure}.`);
      }
      figures[name] = figure;
    }
    return { epoch: i + 1, ...figures } as unknown as EpochEvent; // with the figures of ALWAYS
  });
}

/** What may be absent: the training controls. */
function checkRun(fields: Record<string, unknown>): Partial<Details> {
  const { validationSplit, accumulate, shards, averageWeights, earlyStopping, controls } = fields;
  const given = Object.entries({
    validationSplit,
    accumulate,
    shards,
    averageWeights,
    earlyStopping,
  });
  const options: Partial<Details> = Object.fromEntries(
    given.filter(([, value]) => value !== undefined),
  );
  readFitOptions(options, 'checkpoint');
  const states = controls === undefined ? {} : checkRecord('checkpoint: controls', controls);
  for (const [name, state] of Object.entries(states)) {
    if (Array.isArray(state) && state.every((number) => typeof number === 'number')) continue;
    throw wrong(`controls.${name} to be a list of numbers`, state);
  }
  if (controls === undefined) return options;
  return { ...options, controls: states as Record<string, number[]> };
}

function checkSums(
  { step, loss, metrics: given, seconds }: Record<string, unknown>,
  names: readonly MetricName[],
  steps: number,
): Details['begun'] {
  checkInteger('checkpoint: begun', 'step', step, 0, steps);
  if (!(Number.isFinite(loss) && Number.isFinite(seconds))) {
    throw wrong('finite sums', [loss, seconds]);
  }
  const sums = checkRecord('checkpoint: begun: metrics', given);
  const metrics = names.map((name) => {
    const list: unknown = sums[name] ?? metricOf(name).start(1);
    if (!Array.isArray(list) || !list.every((sum) => Number.isFinite(sum) && sum >= 0)) {
      throw wrong(`sums of ${name}`, list);
    }
    return [name, list as number[]] as const;
  });
  return {
    step,
    loss: Number(loss),
    metrics: Object.fromEntries(metrics),
    seconds: Number(seconds),
  };
}

function wrong(expected: string, got: unknown): TypeError {
  return new TypeError(`checkpoint: expected ${expected}, got ${describe(got)}.`);
}
