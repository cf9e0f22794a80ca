/** A learning rate that rises before another schedule begins (Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2). @module */
import { wrongKind } from '../base/checks.ts';
import { type OptionCheck, positive, required, share } from '../base/options.ts';
import type { Schedule } from '../base/types.ts';
import { type ScheduleFactory, type ScheduleSpec, schedule } from './schedule.ts';

export interface WarmupSchedule extends ScheduleSpec {
  readonly type: 'warmup';
  /** How long the rise takes; the epochs of the run by default. */
  readonly length?: number;
  /** What comes then, from its own beginning on. */
  readonly then: Schedule;
  /** The first rate, as a share of the first rate of `then`. @default 0 */
  readonly start: number;
}

/** The schedule itself is checked where schedules are known (registry.ts). */
const other: OptionCheck = (where, name, value) => {
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    throw wrongKind(where, name, 'one of schedules', value);
  }
};

/** `rate = r·(start + (1 − start)·time / length)`, r the first rate of `then`; after `length` the rates of `then`. */
export const warmup: ScheduleFactory<WarmupSchedule, 'start'> = schedule<WarmupSchedule, 'start'>({
  type: 'warmup',
  options: { length: positive, then: required(other), start: share },
  defaults: { start: 0 },
  rate({ then, start }, { step, stepsPerUnit, length, rateOf }) {
    const steps = length * stepsPerUnit;
    if (step >= steps) return rateOf(then, step - steps);
    return rateOf(then, 0) * (start + ((1 - start) * step) / steps);
  },
});
