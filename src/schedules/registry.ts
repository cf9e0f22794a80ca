/** The schedules by the `type` of their specs. @module */
import { checkInteger, checkPositive } from '../base/checks.ts';
import { checkOptions, positive } from '../base/options.ts';
import { definitionIn, readSpec } from '../base/spec.ts';
import type { Schedule } from '../base/types.ts';
import * as schedules from './index.ts';
import type { ScheduleDefinition } from './schedule.ts';

type Factories = typeof schedules;

export type AnySchedule = ReturnType<Factories[keyof Factories]>;

/** Takes any value for a schedule: a copy of it, checked. @throws {TypeError | RangeError} naming what is wrong. */
export function readSchedule(where: string, value: unknown): AnySchedule {
  return readSpec<AnySchedule>(where, 'a schedule', schedules, value);
}

/** The rate of update `step`, counted from 0, by a checked schedule. */
export function rateOf(schedule: AnySchedule, step: number, stepsPerEpoch: number): number {
  const { rate } = definitionIn<AnySchedule, ScheduleDefinition<AnySchedule>>(schedules, schedule);
  return rate(schedule, schedule.unit === 'step' ? step : step / stepsPerEpoch);
}

/**
 * The learning rate of update `step`, counted from 0, for plots and tests.
 * @param options `stepsPerEpoch`: updates of an epoch, which a schedule in epochs needs.
 * @throws {TypeError | RangeError} if something does not fit.
 */
export function learningRateAt(
  schedule: Schedule,
  step: number,
  options: { readonly stepsPerEpoch?: number } = {},
): number {
  const where = 'learningRateAt';
  const checked = readSchedule(where, schedule);
  checkInteger(where, 'step', step, 0);
  const { stepsPerEpoch } = checkOptions<{ stepsPerEpoch?: number }>(where, options, {
    stepsPerEpoch: positive,
  });
  if (checked.unit === 'step') return rateOf(checked, step, 1);
  checkPositive(where, 'stepsPerEpoch', stepsPerEpoch);
  return rateOf(checked, step, stepsPerEpoch);
}
