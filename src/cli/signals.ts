/** Ctrl-C and SIGTERM as an abort signal. @module */

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type SignalName = keyof typeof EXIT_CODES;

/** Turns the first of these signals into an abort. A second signal ends the process as usual. */
export class StopSignals {
  readonly #controller = new AbortController();
  readonly #onSignal: (name: SignalName) => void;
  /** Set once a signal has come. */
  exitCode: number | undefined;

  /** @param onStop Receives the name of the signal. */
  constructor(onStop: (name: SignalName) => void) {
    this.#onSignal = (name) => {
      this.release(); // from here on the signal has its usual effect
      this.exitCode = EXIT_CODES[name];
      onStop(name);
      this.#controller.abort();
    };
    for (const name of signalNames) process.on(name, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops listening. */
  release(): void {
    for (const name of signalNames) process.off(name, this.#onSignal);
  }
}

const signalNames: readonly SignalName[] = ['SIGINT', 'SIGTERM'];
