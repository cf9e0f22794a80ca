/** What training came to so far, as columns of numbers for the charts. @module */
import type { EpochEvent, StepEvent } from 'convlet';

/** Share of what came before that a smoothed value keeps, step by step. */
const SMOOTHING = 0.88;
/** Points of a curve; beyond, every other one goes. */
const MOST = 4000;

export const MEASURES = ['loss', 'accuracy'] as const;
export type Measure = (typeof MEASURES)[number];

/** x in epochs; where a series has no value, null. */
export interface Points {
  readonly x: readonly number[];
  /** Of every batch. */
  readonly raw: readonly (number | null)[];
  /** The same, smoothed. */
  readonly train: readonly (number | null)[];
  /** After every epoch. */
  readonly test: readonly (number | null)[];
}

interface Point {
  readonly x: number;
  readonly raw: number | null;
  readonly train: number | null;
  readonly test: number | null;
}

export class Curves {
  readonly epochs: EpochEvent[] = [];
  #points: Record<Measure, Point[]> = { loss: [], accuracy: [] };
  #smoothed: Partial<Record<Measure, number>> = {};
  #every = 1;
  #steps = 0;

  /** Begins anew, after epochs that were trained elsewhere. */
  begin(history: readonly EpochEvent[]): void {
    this.epochs.length = 0;
    this.#points = { loss: [], accuracy: [] };
    this.#smoothed = {};
    this.#every = 1;
    this.#steps = 0;
    for (const event of history) {
      this.#addTrain(event.epoch, event);
      this.addEpoch(event);
    }
  }

  addStep({ epoch, step, loss, accuracy }: StepEvent, stepsPerEpoch: number): void {
    this.#addTrain(epoch - 1 + step / stepsPerEpoch, { loss, accuracy });
  }

  addEpoch(event: EpochEvent): void {
    this.epochs.push(event);
    const { epoch: x, validationLoss: loss, validationAccuracy: accuracy } = event;
    const values = { loss, accuracy };
    for (const measure of MEASURES) {
      const test = values[measure];
      if (test !== undefined) this.#points[measure].push({ x, raw: null, train: null, test });
    }
  }

  /** Forgets what came after so many epochs: it is to come again. */
  returnTo(epochs: number): void {
    const isBefore = ({ x }: Point) => x <= epochs + 1e-9; // both are sums of fractions of an epoch
    for (const measure of MEASURES) {
      this.#points[measure] = this.#points[measure].filter(isBefore);
      const last = this.#points[measure].findLast(({ train }) => train !== null)?.train;
      if (last === undefined || last === null) delete this.#smoothed[measure];
      else this.#smoothed[measure] = last;
    }
    this.#steps = this.#every * this.#points.loss.filter(({ train }) => train !== null).length;
    while ((this.epochs.at(-1)?.epoch ?? 0) > epochs) this.epochs.pop();
  }

  points(measure: Measure): Points {
    const points = this.#points[measure];
    return {
      x: points.map(({ x }) => x),
      raw: points.map(({ raw }) => raw),
      train: points.map(({ train }) => train),
      test: points.map(({ test }) => test),
    };
  }

  /** The last smoothed training value, and the last test value. */
  last(measure: Measure): { train: number | undefined; test: number | undefined } {
    const test = this.#points[measure].findLast((point) => point.test !== null)?.test;
    return { train: this.#smoothed[measure], test: test ?? undefined };
  }

  #addTrain(x: number, values: Readonly<Partial<Record<Measure, number | undefined>>>): void {
    const isKept = this.#steps++ % this.#every === 0;
    for (const measure of MEASURES) {
      const raw = values[measure];
      if (raw === undefined) continue; // a checkpoint may ask for other metrics
      const before = this.#smoothed[measure] ?? raw;
      // the first steps are averaged, so that the curve does not cling to where it began
      const keep = Math.min(SMOOTHING, 1 - 1 / this.#steps);
      const train = before * keep + raw * (1 - keep);
      this.#smoothed[measure] = train;
      if (isKept) this.#points[measure].push({ x, raw, train, test: null });
    }
    if (this.#points.loss.length > MOST) this.#thin();
  }

  /** Leaves out every other batch, no epoch. */
  #thin(): void {
    this.#every *= 2;
    for (const measure of MEASURES) {
      this.#points[measure] = this.#points[measure].filter(
        ({ test }, index) => test !== null || index % 2 === 0,
      );
    }
  }
}
