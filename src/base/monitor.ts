/** Figures of an epoch that training can follow: which of two is better, and whether there will be one. @module */

import { wrongKind } from './checks.ts';
import { describe } from './errors.ts';
import type { OptionCheck } from './options.ts';
import type { EpochEvent } from './types.ts';

/** Figures of which the larger one is better; of all others the smaller one. */
const LARGER = /^(validation)?(accuracy|top5|macroF1)$/i;

/** An option that names a figure of the epoch's event. */
export const monitorName: OptionCheck = (where, name, value) => {
  if (typeof value !== 'string')
    throw wrongKind(where, name, "a figure such as 'validationLoss'", value);
};

/** The name of a figure when it is measured on validation data: `validationLoss`. */
export function validationName(name: string): string {
  return `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Whether the larger of two such figures is the better one. */
export function isLargerBetter(monitor: string): boolean {
  return LARGER.test(monitor);
}

/** Whether a figure is better than another by more than `minDelta`. */
export function isBetter(monitor: string, figure: number, than: number, minDelta: number): boolean {
  return isLargerBetter(monitor) ? figure > than + minDelta : figure < than - minDelta;
}

/** What any figure is better than. */
export function worstOf(monitor: string): number {
  return isLargerBetter(monitor) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The figure in an event. */
export function figureOf(event: EpochEvent, monitor: string): number | undefined {
  return (event as unknown as Readonly<Record<string, number | undefined>>)[monitor];
}

/** Throws unless events will have the figure. @param known The figures that they will have. */
export function checkMonitor(where: string, monitor: string, known: readonly string[]): void {
  if (known.includes(monitor)) return;
  const advice = monitor.startsWith('validation')
    ? 'Give validationData or validationSplit, and name the metric.'
    : 'Name the metric among metrics.';
  throw new TypeError(
    `${where}: expected a monitor of ${known.join(', ')}, got ${describe(monitor)}. ${advice}`,
  );
}
