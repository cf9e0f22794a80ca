/** A learning rate that falls by the same factor in every epoch, a little with each update. @module */
import { positive, required } from '../base/options.ts';
import { power } from '../base/power.ts';
import { type ScheduleFactory, type ScheduleSpec, schedule } from './schedule.ts';

export interface ExponentialSchedule extends ScheduleSpec {
  readonly type: 'exponential';
  /** The first rate. */
  readonly from: number;
  /** What the rate is multiplied by in every epoch, or every step. */
  readonly factor: number;
}

/** `rate = from·factor^time` (torch's ExponentialLR). */
export const exponential: ScheduleFactory<ExponentialSchedule> = schedule<ExponentialSchedule>({
  type: 'exponential',
  options: { from: required(positive), factor: required(positive) },
  rate: ({ from, factor }, { time }) => from * power(factor, time),
});
