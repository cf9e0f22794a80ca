/** What is put before the network: a test digit, or what the reader draws. @module */
import type { Dataset } from 'convlet';
import { namesOf, oneOf, quoted } from './classes.ts';
import { imageOf } from './digits.ts';
import { byId, onClick, setText } from './dom.ts';
import { Pad } from './draw.ts';
import { percent } from './numbers.ts';
import { indexOfLargest } from './reading.ts';

const PREPARED = '1,28,28';

export class Picture {
  readonly pad: Pad;
  /** Of which past moment the answers are: `after epoch 3`; undefined: of now. */
  when: string | undefined;
  readonly #name = byId('sample-name', HTMLElement);
  readonly #verdict = byId('sample-verdict', HTMLElement);
  readonly #note = byId('seen-note', HTMLElement);
  readonly #seen = byId('seen', HTMLCanvasElement);
  readonly #bar = byId('bar-answer', HTMLElement);
  readonly #onChange: (pixels: Uint8Array) => void;
  #test: Dataset | undefined;
  #names: readonly string[] = [];
  #index = 0;
  /** What it is, if it is no test image: `your drawing`. */
  #own: string | undefined;
  #pixels: Uint8Array = new Uint8Array();

  constructor(onChange: (pixels: Uint8Array) => void) {
    this.#onChange = onChange;
    this.pad = new Pad((digit) => this.#draw(digit));
    onClick('sample-previous', () => this.#move(-1));
    onClick('sample-next', () => this.#move(1));
  }

  get pixels(): Uint8Array {
    return this.#pixels;
  }

  /** Takes test images, where they are others than before. What the pad makes fits 28×28 alone. */
  use(test: Dataset): void {
    if (test === this.#test) return;
    this.#test = test;
    this.#names = namesOf(test);
    this.pad.isUsable = String(test.shape) === PREPARED;
    this.pick(0);
  }

  /** Puts a test image before the network. */
  pick(index: number): void {
    if (this.#test === undefined) return;
    this.#index = index;
    this.#own = undefined;
    this.pad.wipe();
    this.#set(imageOf(this.#test, index));
  }

  /** Whether a digit of 28×28 can be put before the network. */
  get takesDigits(): boolean {
    return String(this.#test?.shape) === PREPARED;
  }

  /** Puts a digit from elsewhere before the network. */
  bring(digit: Uint8Array, name: string): void {
    this.pad.wipe();
    this.#own = name;
    this.#set(digit);
  }

  /** What the picture is, if it is known: that of a test image. */
  get truth(): number | undefined {
    return this.#own !== undefined || this.#test === undefined ? undefined : this.#label;
  }

  /** Says what the picture is read as. */
  answer(probabilities: Float32Array): void {
    const best = indexOfLargest(probabilities);
    const isWrong = this.#own === undefined && best !== this.#label;
    const reading = quoted(this.#names[best] ?? String(best));
    const wrong = isWrong ? `: wrong, it is ${this.#truthName}` : '';
    const when = this.when === undefined ? '' : `${this.when}: `;
    setText(
      this.#bar,
      `${when}reads ${reading}, ${percent(probabilities[best] ?? 0, 0)} sure${wrong}`,
    );
    setText(
      this.#verdict,
      isWrong ? `✗ read as ${reading}` : this.#own !== undefined ? '' : `✓ read as ${reading}`,
    );
    this.#verdict.classList.toggle('wrong', isWrong);
    const what = this.#own ?? `${this.#truthName} of the test set`;
    const label = `${what} as the network sees it, read as ${reading}`;
    if (this.#seen.getAttribute('aria-label') !== label) {
      this.#seen.setAttribute('aria-label', label);
    }
  }

  get #label(): number {
    return this.#test?.labels[this.#index] ?? 0;
  }

  /** What it is: `a 7`. */
  get #truthName(): string {
    return oneOf(this.#names[this.#label]);
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
    this.#own = 'your drawing';
    this.#set(digit);
  }

  #set(pixels: Uint8Array): void {
    this.#pixels = pixels;
    const [, height = 0, width = 0] = this.#test?.shape ?? [];
    setText(this.#name, this.#own ?? `${this.#truthName}, test ${this.#index + 1}`);
    setText(this.#note, `${height} × ${width}, as the network sees it`);
    this.#onChange(pixels);
  }
}
