/** Ctrl-C and SIGTERM: the end at once, or an abort signal while there is something to keep. @module */

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type SignalName = keyof typeof EXIT_CODES;

const signalNames = Object.keys(EXIT_CODES) as readonly SignalName[];

function endNow(name: SignalName): void {
  process.stderr.write(`convlet: ${name}: ended before anything was written.\n`);
  process.exit(EXIT_CODES[name]);
}

/** From here on a signal ends the process with a word and the exit code of its name. */
export function endOnSignals(): void {
  for (const name of signalNames) process.on(name, endNow);
}

/** Gives signals their usual effect: while a long computation runs, listeners would not be called. */
export function leaveSignals(): void {
  for (const name of signalNames) process.off(name, endNow);
}

/** Turns the first of these signals into an abort. A second signal ends the process as usual. */
export class StopSignals {
  readonly #controller = new AbortController();
  readonly #onSignal: (name: SignalName) => void;
  /** Set once a signal has come. */
  exitCode: number | undefined;

  /** @param onStop Receives the name of the signal. */
  constructor(onStop: (name: SignalName) => void) {
    leaveSignals();
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
