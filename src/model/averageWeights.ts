/**
 * The average of the weights that training leaves behind (Polyak & Juditsky 1992), by a decay that grows at first.
 *
 *   after update t      average = d·average + (1 − d)·weights,  d = min(decay, (1 + t) / (10 + t))
 *
 * It begins as the weights that `fit` begins with.
 * @module
 */
import { checkOptions, flag, type OptionCheck, type OptionChecks, share } from '../base/options.ts';

/** An average of the weights beside them: `average = d·average + (1 − d)·weights` after each update. */
export interface AverageOptions {
  /** How much of the average lasts from update to update, from 0 to 1. @default 0.999 */
  readonly decay?: number;
  /** Whether less of it lasts at first: `(1 + t) / (10 + t)`. @default true */
  readonly warmup?: boolean;
}

export type Average = Required<AverageOptions>;

const checks: OptionChecks<AverageOptions> = { decay: share, warmup: flag };

/** The option `averageWeights` of `fit`. */
export const averageWeights: OptionCheck = (where, name, value) =>
  void readAverage(`${where}: ${name}`, value);

/** Takes any value for the options, with the defaults. */
export function readAverage(where: string, value: unknown): Average {
  return { decay: 0.999, warmup: true, ...checkOptions<AverageOptions>(where, value, checks) };
}

/** How much of the average lasts in the update number `t`, counted from 1. */
export function averageDecay({ decay, warmup }: Average, t: number): number {
  return warmup ? Math.min(decay, (1 + t) / (10 + t)) : decay;
}
