/** The curves of training and the charts that show them, drawn anew a few times a second while they grow. @module */
import type { EpochEvent, StepEvent } from 'convlet';
import { Curves, MEASURES } from '../curves.ts';
import { percent } from '../numbers.ts';
import { Chart } from './chart.ts';
import { epochTable } from './table.ts';

/** Milliseconds between two drawings. */
const INTERVAL = 120;

export class CurvesView {
  readonly #curves = new Curves();
  readonly #charts: readonly Chart[];
  readonly #epochs: () => number;
  #isDrawn = false;

  /** @param epochs How many there are to be. */
  constructor(epochs: () => number) {
    this.#epochs = epochs;
    const table = () => epochTable(this.#curves.epochs);
    this.#charts = [
      new Chart({
        id: 'loss-chart',
        measure: 'loss',
        title: 'Loss',
        format: (value) => value.toFixed(3),
        table,
      }),
      new Chart({
        id: 'accuracy-chart',
        measure: 'accuracy',
        title: 'Accuracy',
        format: (value) => percent(value),
        table,
      }),
    ];
    setInterval(() => this.#draw(), INTERVAL);
  }

  /** Begins anew, after epochs that were trained elsewhere. */
  begin(history: readonly EpochEvent[]): void {
    this.#curves.begin(history);
    this.#isDrawn = false;
  }

  /** Forgets what came after so many epochs. */
  returnTo(epochs: number): void {
    this.#curves.returnTo(epochs);
    this.#isDrawn = false;
  }

  addStep(event: StepEvent, stepsPerEpoch: number): void {
    this.#curves.addStep(event, stepsPerEpoch);
    this.#isDrawn = false;
  }

  addEpoch(event: EpochEvent): void {
    this.#curves.addEpoch(event);
    this.#isDrawn = false;
  }

  /** Draws in the colours of another theme. */
  restyle(): void {
    for (const chart of this.#charts) chart.restyle();
  }

  #draw(): void {
    if (this.#isDrawn || document.hidden) return;
    this.#isDrawn = true;
    for (const [index, measure] of MEASURES.entries()) {
      const last = this.#curves.last(measure);
      this.#charts[index]?.show(this.#curves.points(measure), last, this.#epochs());
    }
  }
}
