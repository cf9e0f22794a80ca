/** What is put before the network: a test digit, or what the reader draws. @module */
import type { Dataset } from 'convlet';
import { imageOf } from './digits.ts';
import { byId, setText } from './dom.ts';
import { Pad } from './draw.ts';
import { percent } from './numbers.ts';
import { indexOfLargest } from './pictures/bars.ts';

const PREPARED = '1,28,28';

export class Picture {
  readonly pad: Pad;
  readonly #name = byId('sample-name', HTMLElement);
  readonly #note = byId('seen-note', HTMLElement);
  readonly #seen = byId('seen', HTMLCanvasElement);
  readonly #bar = byId('bar-answer', HTMLElement);
  readonly #onChange: (pixels: Uint8Array) => void;
  #test: Dataset | undefined;
  #index = 0;
  #isDrawn = false;
  #pixels: Uint8Array = new Uint8Array();

  constructor(onChange: (pixels: Uint8Array) => void) {
    this.#onChange = onChange;
    this.pad = new Pad((digit) => this.#draw(digit));
    byId('sample-previous', HTMLButtonElement).addEventListener('click', () => this.#move(-1));
    byId('sample-next', HTMLButtonElement).addEventListener('click', () => this.#move(1));
  }

  get pixels(): Uint8Array {
    return this.#pixels;
  }

  /** Takes test images, where they are others than before. What the pad makes fits 28×28 alone. */
  use(test: Dataset): void {
    if (test === this.#test) return;
    this.#test = test;
    this.pad.isUsable = String(test.shape) === PREPARED;
    this.pick(0);
  }

  /** Puts a test image before the network. */
  pick(index: number): void {
    if (this.#test === undefined) return;
    this.#index = index;
    this.#isDrawn = false;
    this.pad.wipe();
    this.#set(imageOf(this.#test, index));
  }

  /** Says what the picture is read as. */
  answer(probabilities: Float32Array): void {
    const best = indexOfLargest(probabilities);
    setText(this.#bar, `reads ${best}, ${percent(probabilities[best] ?? 0, 0)} sure`);
    const what = this.#isDrawn ? 'your drawing' : `a ${this.#label} of the test set`;
    const label = `${what} as the network sees it, read as ${best}`;
    if (this.#seen.getAttribute('aria-label') !== label) {
      this.#seen.setAttribute('aria-label', label);
    }
  }

  get #label(): number {
    return this.#test?.labels[this.#index] ?? 0;
  }

  #move(by: number): void {
    const count = this.#test?.labels.length ?? 1;
    this.pick((this.#index + by + count) % count);
  }

  #draw(digit: Uint8Array | undefined): void {
    if (digit === undefined) {
      this.pick(this.#index);
      return;
    }
    this.#isDrawn = true;
    this.#set(digit);
  }

  #set(pixels: Uint8Array): void {
    this.#pixels = pixels;
    const [, height = 0, width = 0] = this.#test?.shape ?? [];
    setText(
      this.#name,
      this.#isDrawn ? 'your drawing' : `a ${this.#label}, test ${this.#index + 1}`,
    );
    setText(this.#note, `${height} × ${width}, as the network sees it`);
    this.#onChange(pixels);
  }
}
