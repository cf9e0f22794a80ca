/** A learning rate that falls along half a cosine (Loshchilov & Hutter, "SGDR", 2017, equation 5). @module */
import { cosineOfPi } from '../base/cosine.ts';
import { notNegative, positive, required } from '../base/options.ts';
import { between, type ScheduleFactory, type ScheduleSpec, schedule, shareOf } from './schedule.ts';

export interface CosineSchedule extends ScheduleSpec {
  readonly type: 'cosine';
  /** The first rate, 0 or more. */
  readonly from: number;
  /** The last rate, 0 or more, which stays. @default 0 */
  readonly to: number;
  /** How long it takes; the epochs of the run by default. */
  readonly length?: number;
}

/** `rate = to + (from − to)·(1 + cos(π·min(time / length, 1))) / 2` (torch's CosineAnnealingLR up to its length). */
export const cosine: ScheduleFactory<CosineSchedule, 'to'> = schedule<CosineSchedule, 'to'>({
  type: 'cosine',
  options: { from: required(notNegative), to: notNegative, length: positive },
  defaults: { to: 0 },
  rate: ({ from, to }, moment) => between(from, to, (1 + cosineOfPi(shareOf(moment))) / 2),
});
