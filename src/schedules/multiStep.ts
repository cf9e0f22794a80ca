/** A learning rate that drops by a factor at given times. @module */
import { checkNotNegative, wrongKind } from '../base/checks.ts';
import { type OptionCheck, positive, required } from '../base/options.ts';
import { integerPower } from '../base/power.ts';
import { type ScheduleFactory, type ScheduleSpec, schedule } from './schedule.ts';

export interface MultiStepSchedule extends ScheduleSpec {
  readonly type: 'multiStep';
  /** The first rate. */
  readonly from: number;
  /** What the rate is multiplied by each time. */
  readonly factor: number;
  /** When: in any order; a time that is given twice counts twice. */
  readonly at: readonly number[];
}

const times: OptionCheck = (where, name, value) => {
  if (!Array.isArray(value)) throw wrongKind(where, name, 'a list of times', value);
  for (const time of value) checkNotNegative(where, `a time in ${name}`, time);
};

/** Times are quotients that were rounded: what is nearer than this is at the same moment. */
const SAME = 1e-9;

/** `rate = from·factorᵏ`, k the number of times in `at` that are over (torch's MultiStepLR). */
export const multiStep: ScheduleFactory<MultiStepSchedule> = schedule<MultiStepSchedule>({
  type: 'multiStep',
  options: { from: required(positive), factor: required(positive), at: required(times) },
  rate({ from, factor, at }, { time }) {
    return from * integerPower(factor, at.filter((each) => each <= time + SAME).length);
  },
});
