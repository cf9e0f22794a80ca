/** A learning rate that drops when a figure of the epochs has not become better for a while, as PyTorch has it. @module */
import { isBetter, isLargerBetter, monitorName } from '../base/monitor.ts';
import { notNegative, openShare, positive, required, whole } from '../base/options.ts';
import { factoryOf, type Typed } from '../base/spec.ts';
import type { ScheduleDefinition, ScheduleFactory } from './schedule.ts';

export interface ReduceOnPlateauSchedule extends Typed {
  readonly type: 'reduceOnPlateau';
  /** The first rate. */
  readonly from: number;
  /** What the rate is multiplied by, above 0 and below 1. @default 0.1 */
  readonly factor: number;
  /** Epochs without a better figure that are borne; the next one lowers the rate. @default 10 */
  readonly patience: number;
  /** A figure of the epoch's event: of accuracy, top5 and macroF1 the larger is better. @default 'validationLoss' */
  readonly monitor: string;
  /** Share of the best figure that another must be better by. @default 1e-4 */
  readonly minDelta: number;
  /** Epochs after a drop that do not count. @default 0 */
  readonly cooldown: number;
  /** The rate does not fall below this. @default 0 */
  readonly least: number;
}

type Defaults = 'factor' | 'patience' | 'monitor' | 'minDelta' | 'cooldown' | 'least';

/** A rate that would move by less stays, as in PyTorch. */
const LEAST_MOVE = 1e-8;

const definition: ScheduleDefinition<ReduceOnPlateauSchedule> = {
  type: 'reduceOnPlateau',
  options: {
    from: required(positive),
    factor: openShare,
    patience: whole(0),
    monitor: monitorName,
    minDelta: notNegative,
    cooldown: whole(0),
    least: notNegative,
  },
  defaults: {
    factor: 0.1,
    patience: 10,
    monitor: 'validationLoss',
    minDelta: 1e-4,
    cooldown: 0,
    least: 0,
  },
  rate: ({ from }, { state: [rate = from] }) => rate,

  /** The state: the rate, epochs since the best figure, epochs of cooling that are left, the best figure. */
  afterEpoch({ from, factor, patience, monitor, minDelta, cooldown, least }, state, figure) {
    let [rate = from, waited = 0, cooling = 0, best] = state;
    const share = isLargerBetter(monitor) ? 1 + minDelta : 1 - minDelta;
    if (best === undefined || isBetter(monitor, figure, best * share, 0)) {
      best = figure;
      waited = 0;
    } else waited++;
    if (cooling > 0) {
      cooling--;
      waited = 0;
    }
    if (waited > patience) {
      const lower = Math.max(rate * factor, least);
      if (rate - lower > LEAST_MOVE) rate = lower;
      cooling = cooldown;
      waited = 0;
    }
    return [rate, waited, cooling, best];
  },
};

/**
 * The rate is multiplied by `factor` after more than `patience` epochs without a better figure (torch's ReduceLROnPlateau,
 * threshold mode `'rel'`). Its times are epochs; it has no unit.
 */
export const reduceOnPlateau: ScheduleFactory<ReduceOnPlateauSchedule, Defaults> = factoryOf(
  'schedules',
  definition,
);
