/** One rise and one long fall (Smith & Topin, "Super-convergence", 2018), both along half a cosine, as PyTorch has it. @module */
import { cosineOfPi } from '../base/cosine.ts';
import { positive, required, share } from '../base/options.ts';
import { between, type ScheduleFactory, type ScheduleSpec, schedule } from './schedule.ts';

export interface OneCycleSchedule extends ScheduleSpec {
  readonly type: 'oneCycle';
  /** The largest rate. */
  readonly peak: number;
  /** How long the cycle takes; the epochs of the run by default. */
  readonly length?: number;
  /** Share of the length that is the rise, from 0 to 1. @default 0.3 */
  readonly rise: number;
  /** The first rate is `peak / start`. @default 25 */
  readonly start: number;
  /** The last rate is `peak / start / end`, and stays. @default 1e4 */
  readonly end: number;
}

type Defaults = 'rise' | 'start' | 'end';

/**
 * Half a cosine from `peak / start` to `peak`, reached `rise·length` updates in, less one, then half a cosine to
 * `peak / start / end`, reached with the last update of the length (torch's OneCycleLR).
 */
export const oneCycle: ScheduleFactory<OneCycleSchedule, Defaults> = schedule<
  OneCycleSchedule,
  Defaults
>({
  type: 'oneCycle',
  options: {
    peak: required(positive),
    length: positive,
    rise: share,
    start: positive,
    end: positive,
  },
  defaults: { rise: 0.3, start: 25, end: 1e4 },
  rate({ peak, rise, start, end }, { step, stepsPerUnit, length }) {
    const steps = length * stepsPerUnit;
    const [top, last] = [rise * steps - 1, steps - 1];
    if (step < top) return between(peak / start, peak, half(step / top));
    const over = last > top ? Math.min((step - top) / (last - top), 1) : 0;
    return between(peak, peak / start / end, half(over));
  },
});

/** From 1 to 0 along half a cosine. */
function half(over: number): number {
  return (1 + cosineOfPi(over)) / 2;
}
