/** A gradient that is measured again whenever there is a newer step to look at, but for a small share of the time. @module */
import type { StepFigures } from './gradient.ts';

/** Least milliseconds between two measurements, and the share of the time that they may take. */
const INTERVAL = 200;
const SHARE = 0.3;

/** A gradient, and the step it is of. */
export interface KnownGradient extends Pick<StepFigures, 'gradientOf'> {
  /** Before the step. */
  readonly epochsDone: number;
  readonly step: number;
}

/** What to measure. */
export interface Subject {
  /** What the reader looks at: the run, or one of its past epochs. */
  readonly view: unknown;
  /** What the gradient follows from: if it is the same, there is nothing new. */
  readonly source: unknown;
  /** Undefined if there is no step yet. */
  readonly measure: (() => Promise<KnownGradient>) | undefined;
}

export class LastGradient {
  readonly #subject: () => Subject;
  readonly #onKnown: () => void;
  #known: { readonly gradient: KnownGradient; readonly of: Subject } | undefined;
  #isBusy = false;
  #next = 0;

  /**
   * @param subject What there is to measure now.
   * @param onKnown Is called when another gradient is known.
   */
  constructor(subject: () => Subject, onKnown: () => void) {
    this.#subject = subject;
    this.#onKnown = onKnown;
  }

  /** The newest one of what the reader looks at. */
  get value(): KnownGradient | undefined {
    const known = this.#known;
    return known !== undefined && known.of.view === this.#subject().view
      ? known.gradient
      : undefined;
  }

  /** Takes over what somebody else has measured of the subject. */
  take(gradient: KnownGradient): void {
    this.#known = { gradient, of: this.#subject() };
  }

  /** Measures if there is something new, and the last measurement is over for long enough. */
  async measure(): Promise<void> {
    const of = this.#subject();
    const isTime = !this.#isBusy && !document.hidden && performance.now() >= this.#next;
    if (!isTime || of.measure === undefined || this.#isKnown(of)) return;
    this.#isBusy = true;
    const start = performance.now();
    try {
      const gradient = await of.measure();
      if (this.#subject().view === of.view) {
        this.#known = { gradient, of };
        this.#onKnown();
      }
    } catch {
      // its worker has ended, and the next look has another one
    } finally {
      const end = performance.now();
      this.#isBusy = false;
      this.#next = end + Math.max(INTERVAL, (end - start) * (1 / SHARE - 1));
    }
  }

  #isKnown({ view, source }: Subject): boolean {
    const known = this.#known?.of;
    return known !== undefined && known.view === view && known.source === source;
  }
}
