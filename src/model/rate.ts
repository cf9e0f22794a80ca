/** The learning rate of a run: a number, or a schedule that gives one to every update. @module */
import { figureOf } from '../base/monitor.ts';
import type { EpochEvent } from '../base/types.ts';
import { type OptimizerSpec, readOptimizer } from '../optimizers/registry.ts';
import {
  type AnySchedule,
  type Follower,
  followerOf,
  rateOf,
  readSchedule,
} from '../schedules/registry.ts';

/** Takes any value for an optimizer: a copy of it, its schedule checked too. @throws {TypeError | RangeError} naming what is wrong. */
export function checkOptimizer(where: string, value: unknown): OptimizerSpec {
  const optimizer = readOptimizer(where, value);
  const { learningRate } = optimizer;
  if (typeof learningRate === 'number') return optimizer;
  const schedule = readSchedule(`${where} ${optimizer.type}: learningRate`, learningRate);
  return { ...optimizer, learningRate: schedule };
}

/** How long a run is. */
export interface RunLength {
  readonly epochs: number;
  /** Updates of an epoch. */
  readonly stepsPerEpoch: number;
}

/** Follows the updates and the epochs of a run. */
export class Rate {
  readonly #rate: number | AnySchedule;
  readonly #run: RunLength;
  readonly #follower: Follower | undefined;
  #state: readonly number[];

  /** @param optimizer Checked. @param state What `state` was, to go on from there. */
  constructor({ learningRate }: OptimizerSpec, run: RunLength, state: readonly number[] = []) {
    this.#rate = learningRate as number | AnySchedule; // as checkOptimizer left it
    this.#run = run;
    this.#follower = typeof this.#rate === 'number' ? undefined : followerOf(this.#rate, run);
    this.#state = this.#follower === undefined ? [] : state;
  }

  /** The figure of the epochs that the rate follows; undefined if it follows none. */
  get monitor(): string | undefined {
    return this.#follower?.monitor;
  }

  /** The rate of an update of the run, counted from 0. */
  rateOf(step: number): number {
    if (typeof this.#rate === 'number') return this.#rate;
    return rateOf(this.#rate, step, { ...this.#run, state: this.#state });
  }

  /** Takes note of an epoch, unless it began before the schedule that follows them. */
  afterEpoch(event: EpochEvent): void {
    const follower = this.#follower;
    const before = (event.epoch - 1) * this.#run.stepsPerEpoch;
    if (follower === undefined || before < follower.begin) return;
    this.#state = follower.next(this.#state, figureOf(event, follower.monitor) ?? Number.NaN);
  }

  /** For a checkpoint: finite numbers; undefined before there is something to remember. */
  get state(): readonly number[] | undefined {
    return this.#state.length === 0 ? undefined : this.#state;
  }
}
