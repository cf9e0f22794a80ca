/** A learning rate on a straight line. @module */
import { notNegative, positive, required } from '../base/options.ts';
import { between, type ScheduleFactory, type ScheduleSpec, schedule, shareOf } from './schedule.ts';

export interface LinearSchedule extends ScheduleSpec {
  readonly type: 'linear';
  /** The first rate, 0 or more. */
  readonly from: number;
  /** The last rate, 0 or more, which stays. */
  readonly to: number;
  /** How long it takes; the epochs of the run by default. */
  readonly length?: number;
}

/** `rate = from + (to − from)·min(time / length, 1)` (torch's LinearLR). */
export const linear: ScheduleFactory<LinearSchedule> = schedule<LinearSchedule>({
  type: 'linear',
  options: { from: required(notNegative), to: required(notNegative), length: positive },
  rate: ({ from, to }, moment) => between(from, to, 1 - shareOf(moment)),
});
