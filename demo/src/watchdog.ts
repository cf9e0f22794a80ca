/**
 * Tells a worker that will never answer from one that is slow. Workers that are killed do not say so, and one of many
 * threads that is gone leaves the others waiting. Seconds are counted in ticks of a timer, not by a clock: a page that was
 * asleep, or in a tab behind others, has had no ticks, and its worker is not taken for dead.
 * @module
 */

const TICK = 1000;

export class Watchdog {
  readonly #onSilence: () => void;
  readonly #patience: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #silent = 0;

  /**
   * @param patience Seconds without a sign of life, asked anew with each of them.
   * @param onSilence Is called once they are over.
   */
  constructor(patience: () => number, onSilence: () => void) {
    this.#patience = patience;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.stop();
    this.#silent = 0;
    this.#timer = setInterval(() => {
      this.#silent++;
      if (this.#silent <= this.#patience()) return;
      this.stop();
      this.#onSilence();
    }, TICK);
  }

  /** A sign of life. */
  sign(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** The answer to a question. @throws {Error} if there is none within so many seconds. */
export function answered<T>(question: Promise<T>, seconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const watchdog = new Watchdog(
      () => seconds,
      () => reject(new Error('The worker does not answer.')),
    );
    watchdog.start();
    question.then(resolve, reject).finally(() => watchdog.stop());
  });
}
