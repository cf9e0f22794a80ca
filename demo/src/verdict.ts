/** How well the network of this moment reads: the accuracy in large, the confusion matrix, the mistakes behind it. @module */
import type { ModelSpec } from 'convlet';
import { type Cell, Confusion } from './charts/confusion.ts';
import { Mistakes } from './charts/mistakes.ts';
import { namesOf } from './classes.ts';
import { collapseText } from './collapse.ts';
import type { Digits } from './digits.ts';
import { byId, setText } from './dom.ts';
import { Judge, type Judgement, type Moment, READING } from './judgement.ts';
import { percent } from './numbers.ts';
import type { Weights } from './pictures/forward.ts';
import type { Palette } from './pictures/palette.ts';

/** Least milliseconds between two readings of the test images. */
const INTERVAL = 300;
/** Share of the time that a second processor may read: a reading that takes long is not taken as often. */
const SHARE = 0.3;

export class Verdict {
  readonly #score = byId('score', HTMLElement);
  readonly #note = byId('score-note', HTMLElement);
  readonly #alarm = byId('alarm', HTMLElement);
  readonly #confusion: Confusion;
  readonly #mistakes: Mistakes;
  readonly #moment: () => Moment;
  #palette: Palette;
  #judge: Judge | undefined;
  #judged: (Moment & Judgement) | undefined;
  #digits: Digits | undefined;
  #spec: ModelSpec | undefined;
  #cell: Cell | undefined;
  #isBusy = false;
  #patience = READING;
  #next = 0;
  #weights: Weights | undefined;

  /**
   * @param moment What to judge now.
   * @param onPick Is given the index of a test image that was pressed.
   */
  constructor(palette: Palette, moment: () => Moment, onPick: (index: number) => void) {
    this.#palette = palette;
    this.#moment = moment;
    this.#mistakes = new Mistakes(onPick);
    this.#confusion = new Confusion((cell) => {
      this.#cell = cell;
      this.#showMistakes();
    });
    setInterval(() => void this.#judgeAgain(), INTERVAL / 3);
  }

  set palette(palette: Palette) {
    this.#palette = palette;
    this.#show();
  }

  /** Another network. */
  use(spec: ModelSpec, digits: Digits): void {
    this.#judge?.dispose();
    this.#patience = READING;
    this.#judge = new Judge(spec, digits, this.#patience);
    this.#spec = spec;
    this.#digits = digits;
    this.#cell = undefined;
    this.#judged = undefined;
    this.#weights = undefined;
    this.#confusion.build(namesOf(digits.test));
    this.#mistakes.clear();
    setText(this.#score, '–');
    setText(this.#note, 'of the test pictures read correctly');
    setText(this.#alarm, '');
  }

  /** Reads the test images again, if the weights have changed since, and the last reading is over for long enough. */
  async #judgeAgain(): Promise<void> {
    const judge = this.#judge;
    const moment = this.#moment();
    const isKnown = moment.weights === this.#weights || moment.weights.size === 0;
    if (this.#isBusy || isKnown || document.hidden || performance.now() < this.#next) return;
    this.#isBusy = true;
    const start = performance.now();
    try {
      const judgement = await judge?.judge(moment.weights);
      if (judge === this.#judge && judgement !== undefined) {
        this.#patience = READING;
        this.#weights = moment.weights;
        this.#judged = { ...moment, ...judgement };
        this.#show();
      }
    } catch {
      this.#restart(judge);
    } finally {
      const now = performance.now();
      this.#isBusy = false;
      this.#next = now + Math.max(INTERVAL, (now - start) * (1 / SHARE - 1));
    }
  }

  /** Another judge, where the worker of this one has ended, or was too slow: the next one has twice the time. */
  #restart(judge: Judge | undefined): void {
    if (judge !== this.#judge || this.#spec === undefined || this.#digits === undefined) return;
    judge?.dispose();
    this.#patience *= 2;
    this.#judge = new Judge(this.#spec, this.#digits, this.#patience);
  }

  #show(): void {
    const judged = this.#judged;
    if (judged === undefined) return;
    const { count, mistakes, when } = judged;
    setText(this.#score, percent(1 - mistakes.length / count));
    setText(this.#note, `of ${count.toLocaleString('en')} test images read correctly, ${when}`);
    this.#showCollapse(judged);
    this.#confusion.show(judged, this.#palette);
    this.#showMistakes();
  }

  #showCollapse(judged: Moment & Judgement): void {
    const [spec, digits] = [this.#spec, this.#digits];
    const hasCollapsed = judged.hasLearnt && judged.isConstant && spec !== undefined;
    const text = hasCollapsed ? collapseText(spec, judged.loss, digits?.test.classes ?? 0) : '';
    setText(this.#alarm, text);
  }

  #showMistakes(): void {
    if (this.#judged === undefined || this.#digits === undefined) return;
    this.#mistakes.show(this.#judged, this.#cell, this.#digits.test, this.#palette);
  }
}
