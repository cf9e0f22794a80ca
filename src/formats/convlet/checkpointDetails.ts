/** Reads and writes the parts of a checkpoint other than the weights. Files are read as untrusted data. @module */

import { checkRecord, wrongKind } from '../../base/checks.ts';
import { validationName } from '../../base/monitor.ts';
import { checkSameShape } from '../../base/shape.ts';
import type { EpochEvent } from '../../base/types.ts';
import { DEFAULT_LOSS } from '../../losses/registry.ts';
import { METRIC_NAMES, type MetricName } from '../../metrics/registry.ts';
import { ALWAYS, type CheckpointRun, readHistory, readRun } from '../../model/checkpoint.ts';
import type { DoubleTensor } from '../safetensors/safetensors.ts';

/** What the metadata holds as JSON. */
export interface Details extends CheckpointRun {
  /** The scalars of the optimizer's state. */
  readonly scalars: unknown;
  /** Names of the figures that the history holds for each epoch. */
  readonly columns: readonly string[];
}

/** The figures of an epoch under these metrics. A figure is NaN if it was not measured. */
export function columnsOf(metrics: readonly MetricName[]): readonly string[] {
  const ofValidation = ['loss', ...metrics].map(validationName);
  return ['loss', ...metrics, ...ofValidation, 'seconds', 'imagesPerSecond'];
}

/** The metrics of a run, and those that epochs before it were measured by. */
export function metricsIn(
  history: readonly EpochEvent[],
  metrics: readonly MetricName[],
): readonly MetricName[] {
  const isMeasured = (name: string) => history.some((event) => name in event);
  const former = METRIC_NAMES.filter(
    (name) => !metrics.includes(name) && (isMeasured(name) || isMeasured(validationName(name))),
  );
  return [...metrics, ...former];
}

/** Throws unless `value` is what an encoder wrote. @param isFirst True for version 1, which had one loss and one metric. */
export function checkDetails(value: unknown, isFirst: boolean): Details {
  const fields = isFirst ? presentForm(value) : checkRecord('checkpoint', value);
  const { scalars, columns } = fields;
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) {
    throw wrongKind('checkpoint', 'columns', 'a list of names', columns);
  }
  return { ...readRun('checkpoint', fields), scalars, columns };
}

/** The fields of version 1 as they are today. */
function presentForm(value: unknown): Record<string, unknown> {
  const { begun, ...fields } = checkRecord('checkpoint', value);
  const { correct, ...sums } = checkRecord('checkpoint: begun', begun);
  return {
    ...fields,
    loss: DEFAULT_LOSS,
    metrics: ['accuracy'],
    columns: columnsOf(['accuracy']),
    begun: { ...sums, metrics: { accuracy: [correct] } },
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
): EpochEvent[] {
  checkSameShape('history', [shape[0] ?? 0, columns.length], shape);
  const known = columnsOf(METRIC_NAMES);
  const rows = Array.from({ length: shape[0] ?? 0 }, (_, i) => {
    const row = data.subarray(i * columns.length, (i + 1) * columns.length);
    const figures = columns.map((name, j) => [name, row[j]] as const);
    return Object.fromEntries(
      figures.filter(
        ([name, figure]) =>
          known.includes(name) && (ALWAYS.includes(name) || !Number.isNaN(figure)),
      ),
    );
  });
  return readHistory('history', rows);
}
