/** A learning rate that falls, or rises, as a power of the time that is left. @module */
import { notNegative, positive, required } from '../base/options.ts';
import { power } from '../base/power.ts';
import { between, type ScheduleFactory, type ScheduleSpec, schedule, shareOf } from './schedule.ts';

export interface PolynomialSchedule extends ScheduleSpec {
  readonly type: 'polynomial';
  /** The first rate, 0 or more. */
  readonly from: number;
  /** The last rate, 0 or more, which stays. */
  readonly to: number;
  /** Above 0; 1 is a straight line. @default 1 */
  readonly power: number;
  /** How long it takes; the epochs of the run by default. */
  readonly length?: number;
}

/** `rate = to + (from − to)·(1 − min(time / length, 1))^power` (torch's PolynomialLR, if `to` is 0). */
export const polynomial: ScheduleFactory<PolynomialSchedule, 'power'> = schedule<
  PolynomialSchedule,
  'power'
>({
  type: 'polynomial',
  options: {
    from: required(notNegative),
    to: required(notNegative),
    power: positive,
    length: positive,
  },
  defaults: { power: 1 },
  rate: ({ from, to, power: exponent }, moment) =>
    between(from, to, power(1 - shareOf(moment), exponent)),
});
