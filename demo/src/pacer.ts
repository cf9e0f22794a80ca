/** Keeps training to a pace: how often `fit` hands out a checkpoint, and how long it is kept waiting then. @module */
import type { Pace } from './settings.ts';

/** Least milliseconds between two steps; at full speed, about those between two looks at the weights. */
const INTERVALS: Readonly<Record<Pace, number>> = { slow: 500, steady: 34, full: 70 };

/** Steps to the first checkpoint at full speed, when it is not known how long they take. */
const FIRST_STEPS = 8;
/** By this factor checkpoints may be more frequent or rare than they should be. */
const MOST_OFF = 3;

export class Pacer {
  /** Steps from one checkpoint to the next. */
  readonly every: number;
  readonly #interval: number;
  readonly #isFull: boolean;
  #next: number;

  /** @param stepTime Milliseconds that a step takes, as far as is known. */
  constructor(pace: Pace, stepTime: number) {
    this.#interval = INTERVALS[pace];
    this.#isFull = pace === 'full';
    this.every = this.#stepsAt(stepTime);
    this.#next = performance.now() + this.#interval;
  }

  /** Whether checkpoints are far too frequent or rare, now that a step is known to take so long. */
  isOff(stepTime: number): boolean {
    const ratio = this.#stepsAt(stepTime) / this.every;
    return stepTime > 0 && (ratio > MOST_OFF || ratio < 1 / MOST_OFF);
  }

  #stepsAt(stepTime: number): number {
    if (!this.#isFull) return 1;
    if (stepTime === 0) return FIRST_STEPS;
    return Math.max(1, Math.round(this.#interval / Math.max(stepTime, 1)));
  }

  /** Waits for the next step's time, or until the signal fires. What was late is not made up for. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#isFull) return;
    await sleep(this.#next - performance.now(), signal);
    this.#next = Math.max(this.#next, performance.now() - this.#interval) + this.#interval;
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (!(milliseconds > 0) || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
