/** How well the network of this moment reads: the accuracy in large, the confusion matrix, the mistakes behind it. @module */
import type { Backend, ModelSpec } from 'convlet';
import { type Cell, Confusion } from './charts/confusion.ts';
import { Mistakes } from './charts/mistakes.ts';
import type { Digits } from './digits.ts';
import { byId, setText } from './dom.ts';
import { Judge, type Judgement } from './judgement.ts';
import { percent } from './numbers.ts';
import type { Weights } from './pictures/forward.ts';
import type { Palette } from './pictures/palette.ts';

/** Milliseconds between two readings of the test images. */
const INTERVAL = 700;

export class Verdict {
  readonly #score = byId('score', HTMLElement);
  readonly #note = byId('score-note', HTMLElement);
  readonly #confusion: Confusion;
  readonly #mistakes: Mistakes;
  readonly #weights: () => Weights;
  #palette: Palette;
  #judge: Judge | undefined;
  #judgement: Judgement | undefined;
  #digits: Digits | undefined;
  #cell: Cell | undefined;
  #isCurrent = false;

  /**
   * @param weights Of this moment.
   * @param onPick Is given the index of a test image that was pressed.
   */
  constructor(palette: Palette, weights: () => Weights, onPick: (index: number) => void) {
    this.#palette = palette;
    this.#weights = weights;
    this.#mistakes = new Mistakes(onPick);
    this.#confusion = new Confusion((cell) => {
      this.#cell = cell;
      this.#showMistakes();
    });
    setInterval(() => this.#judgeAgain(), INTERVAL);
  }

  set palette(palette: Palette) {
    this.#palette = palette;
    this.#show();
  }

  /** Another network. @throws as `createModel` does, on a spec that makes none; the one before stays. */
  use(backend: Backend, spec: ModelSpec, digits: Digits): void {
    const judge = new Judge(backend, spec, digits);
    this.#judge?.dispose();
    this.#judge = judge;
    this.#digits = digits;
    this.#cell = undefined;
    this.#confusion.build(digits.test.classes);
    this.invalidate();
  }

  /** Asks for another reading. */
  invalidate(): void {
    this.#isCurrent = false;
  }

  #judgeAgain(): void {
    const weights = this.#weights();
    if (this.#isCurrent || document.hidden || weights.size === 0) return;
    this.#isCurrent = true;
    this.#judgement = this.#judge?.judge(weights);
    this.#show();
  }

  #show(): void {
    const judgement = this.#judgement;
    if (judgement === undefined) return;
    const total = judgement.count;
    setText(this.#score, percent(1 - judgement.mistakes.length / total));
    setText(this.#note, `of ${total.toLocaleString('en')} test images read correctly`);
    this.#confusion.show(judgement, this.#palette);
    this.#showMistakes();
  }

  #showMistakes(): void {
    if (this.#judgement === undefined || this.#digits === undefined) return;
    this.#mistakes.show(this.#judgement, this.#cell, this.#digits.test, this.#palette);
  }
}
