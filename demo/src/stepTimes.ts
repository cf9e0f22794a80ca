/** How long steps take, from one checkpoint to the next, and how far these times scatter. @module */
import { median, spreadOf } from 'convlet/bench';

/** Times that count: the last ones, as a machine has better and worse minutes. */
const MOST = 25;

/** A time as the bench has them. */
export interface StepTime {
  /** Milliseconds: the median. */
  readonly milliseconds: number;
  /** Median absolute deviation, as a share of the median. */
  readonly spread: number;
  readonly samples: number;
}

/** How far an epoch is. */
export interface Reading {
  readonly epoch: number;
  readonly step: number;
  /** Of training in this epoch. */
  readonly seconds: number;
}

export class StepTimes {
  #times: number[] = [];
  #last: Reading | undefined;

  /** Begins anew: with another network, or another pace. */
  clear(): void {
    this.#times = [];
    this.#last = undefined;
  }

  /** Takes the time since the last reading, if both are of one epoch. */
  read(reading: Reading): void {
    const { epoch, step, seconds } = this.#last ?? { epoch: -1, step: 0, seconds: 0 };
    const isSame = epoch === reading.epoch && reading.step > step;
    if (isSame) this.#times.push((1000 * (reading.seconds - seconds)) / (reading.step - step));
    if (this.#times.length > MOST) this.#times.shift();
    this.#last = reading;
  }

  /** Undefined before the first one. */
  get value(): StepTime | undefined {
    const times = this.#times;
    if (times.length === 0) return undefined;
    return { milliseconds: median(times), spread: spreadOf(times), samples: times.length };
  }
}
