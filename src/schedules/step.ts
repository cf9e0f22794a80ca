/** A learning rate that drops by a factor again and again. @module */
import { positive, required } from '../base/options.ts';
import { integerPower } from '../base/power.ts';
import { type ScheduleFactory, type ScheduleSpec, schedule, wholeParts } from './schedule.ts';

export interface StepSchedule extends ScheduleSpec {
  readonly type: 'step';
  /** The first rate. */
  readonly from: number;
  /** What the rate is multiplied by each time. */
  readonly factor: number;
  /** How long a rate lasts. */
  readonly every: number;
}

/** `rate = from·factor^⌊time / every⌋` (torch's StepLR). */
export const step: ScheduleFactory<StepSchedule> = schedule<StepSchedule>({
  type: 'step',
  options: { from: required(positive), factor: required(positive), every: required(positive) },
  rate: ({ from, factor, every }, { time }) => from * integerPower(factor, wholeParts(time, every)),
});
