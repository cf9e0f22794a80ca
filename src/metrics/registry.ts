/** The metrics by name. @module */
import { describe } from '../base/errors.ts';
import { nearest } from '../base/options.ts';
import type { TargetKind } from '../base/types.ts';
import { binaryAccuracy } from './accuracy.ts';
import * as metrics from './index.ts';
import type { MetricDefinition } from './metric.ts';

/** Name of a metric. */
export type MetricName = keyof typeof metrics;

const definitions: Readonly<Record<MetricName, MetricDefinition>> = metrics;

/** The names of all metrics. */
export const METRIC_NAMES = Object.keys(metrics) as readonly MetricName[];

/** The default metrics. */
export function defaultMetrics(targets: TargetKind): readonly MetricName[] {
  return targets === 'classes' ? ['accuracy'] : ['meanAbsoluteError'];
}

/** All that compare with such targets. @param isBinary As for `metricsFor`. */
export function allMetrics(targets: TargetKind, isBinary: boolean): readonly MetricName[] {
  return METRIC_NAMES.filter((name) => metricsFor([name], targets, isBinary).length > 0);
}

/** Checks a list of metrics. @throws {TypeError} if `value` is no list, or holds another name. */
export function readMetrics(where: string, value: unknown): readonly MetricName[] {
  const names: readonly string[] = METRIC_NAMES;
  const list: readonly unknown[] = Array.isArray(value) ? [...value] : [value];
  const wrong = list.findIndex((name) => typeof name !== 'string' || !names.includes(name));
  if (Array.isArray(value) && wrong < 0) return [...new Set(list as readonly MetricName[])]; // every one is a name
  const got = wrong < 0 ? value : list[wrong];
  const advice = 'Use a list of these names.';
  throw new TypeError(
    `${where}: expected metrics as a list of ${names.join(', ')}, got ${describe(got)}. ${Array.isArray(value) && typeof got === 'string' ? nearest(got, names, advice) : advice}`,
  );
}

export function metricOf(name: MetricName): MetricDefinition {
  return definitions[name];
}

/** Those of `names` that compare with such targets. @param isBinary Whether each output is an answer of yes or no. */
export function metricsFor(
  names: readonly MetricName[],
  targets: TargetKind,
  isBinary: boolean,
): readonly MetricDefinition[] {
  return names
    .map((name) =>
      name === 'accuracy' && targets === 'values' && isBinary ? binaryAccuracy : metricOf(name),
    )
    .filter((metric) => metric.targets === targets);
}
