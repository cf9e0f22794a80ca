/** The learning rate of a run: a number, or a schedule that gives one to every update. @module */

import { type OptimizerSpec, readOptimizer } from '../optimizers/registry.ts';
import type { AnySchedule } from '../schedules/registry.ts';
import { rateOf, readSchedule } from '../schedules/registry.ts';

/** Takes any value for an optimizer: a copy of it, its schedule checked too. @throws {TypeError | RangeError} naming what is wrong. */
export function checkOptimizer(where: string, value: unknown): OptimizerSpec {
  const optimizer = readOptimizer(where, value);
  const { learningRate } = optimizer;
  if (typeof learningRate === 'number') return optimizer;
  const schedule = readSchedule(`${where} ${optimizer.type}: learningRate`, learningRate);
  return { ...optimizer, learningRate: schedule };
}

/** The rate of an update of a run, counted from 0, by a checked optimizer. */
export function learningRateOf(
  { learningRate }: OptimizerSpec,
  step: number,
  stepsPerEpoch: number,
): number {
  if (typeof learningRate === 'number') return learningRate;
  return rateOf(learningRate as AnySchedule, step, stepsPerEpoch); // as checkOptimizer left it
}
