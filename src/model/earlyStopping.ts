/**
 * Early stopping: training ends when a figure of the epochs has not become better for a while (Prechelt, "Early stopping – but
 * when?", 1998), and the weights of the best epoch come back.
 * @module
 */
import { figureOf, isBetter, monitorName, worstOf } from '../base/monitor.ts';
import {
  checkOptions,
  flag,
  notNegative,
  type OptionCheck,
  type OptionChecks,
  required,
  whole,
} from '../base/options.ts';
import type { EpochEvent } from '../base/types.ts';

/** When training ends before its last epoch. */
export interface EarlyStoppingOptions {
  /** Epochs without a better figure after which training ends. */
  readonly patience: number;
  /** A figure of the epoch's event. @default 'validationLoss' */
  readonly monitor?: string;
  /** What a figure must be better by. @default 0 */
  readonly minDelta?: number;
  /** Whether the weights of the best epoch come back when `fit` ends by itself. @default true */
  readonly restoreBest?: boolean;
}

export type EarlyStopping = Required<EarlyStoppingOptions>;

const checks: OptionChecks<EarlyStoppingOptions> = {
  patience: required(whole(1)),
  monitor: monitorName,
  minDelta: notNegative,
  restoreBest: flag,
};

/** The option `earlyStopping` of `fit`. */
export const earlyStopping: OptionCheck = (where, name, value) =>
  void readEarlyStopping(`${where}: ${name}`, value);

/** Takes any value for the options, with the defaults. */
export function readEarlyStopping(where: string, value: unknown): EarlyStopping {
  const given = checkOptions<EarlyStoppingOptions>(where, value, checks);
  return { monitor: 'validationLoss', minDelta: 0, restoreBest: true, ...given };
}

/** Follows the epochs of a run. */
export class EarlyStopper {
  readonly #options: EarlyStopping;
  #best: number;
  #bestEpoch: number;
  /** The parameters of the best epoch, if they are to come back. */
  #block: Float32Array | undefined;
  #waited: number;

  /** @param state What `state()` was, and @param block the best parameters then, to go on from there. */
  constructor(options: EarlyStopping, state: readonly number[] = [], block?: Float32Array) {
    const [bestEpoch = 0, waited = 0, best = worstOf(options.monitor)] = state;
    this.#options = options;
    this.#best = best;
    this.#bestEpoch = bestEpoch;
    this.#waited = waited;
    this.#block = block;
  }

  /** Takes note of an epoch. @param parameters Copies those that the figure was measured with. */
  afterEpoch(event: EpochEvent, parameters: () => Float32Array): void {
    const { monitor, minDelta, restoreBest } = this.#options;
    const figure = figureOf(event, monitor) ?? Number.NaN;
    if (!isBetter(monitor, figure, this.#best, minDelta)) {
      this.#waited++;
      return;
    }
    this.#best = figure;
    this.#bestEpoch = event.epoch;
    this.#waited = 0;
    if (restoreBest) this.#block = parameters();
  }

  /** Whether training is to end. */
  get isOver(): boolean {
    return this.#waited >= this.#options.patience;
  }

  /** Counted from 1; 0 before the first. */
  get bestEpoch(): number {
    return this.#bestEpoch;
  }

  get bestParameters(): Float32Array | undefined {
    return this.#block;
  }

  /** For a checkpoint: finite numbers. */
  state(): readonly number[] {
    const counts = [this.#bestEpoch, this.#waited];
    return this.#bestEpoch === 0 ? counts : [...counts, this.#best];
  }
}
