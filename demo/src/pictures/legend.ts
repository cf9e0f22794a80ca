/** Which colour stands for which number: a strip of the palette with its ends in figures. @module */
import { make, setText } from '../dom.ts';
import { signed } from '../numbers.ts';
import { NOTHING, paint } from './paint.ts';
import type { Palette } from './palette.ts';

const STRIP = {
  width: 64,
  height: 1,
  values: Float32Array.from({ length: 64 }, (_, i) => (2 * i) / 63 - 1),
};

export class Legend {
  readonly element: HTMLElement;
  readonly #strip = make('canvas', { width: STRIP.width, height: STRIP.height });
  readonly #least = make('span');
  readonly #most = make('span');
  #palette: Palette | undefined;

  constructor() {
    const strip = make('span', { class: 'strip', 'aria-hidden': 'true' }, this.#strip);
    const words = make('span', { class: 'unseen' }, 'Colours from orange, ');
    const blue = make('span', { class: 'unseen' }, ', over 0 to blue, ');
    const row = [words, this.#least, strip, blue, this.#most];
    this.element = make('p', { class: 'scale' }, ...row);
  }

  /** Shows a scale from `−most` to `most`. */
  show(most: number, palette: Palette): void {
    const text = figure(most);
    setText(this.#least, `−${text}`);
    setText(this.#most, `+${text}`);
    if (palette === this.#palette) return;
    this.#palette = palette;
    paint(this.#strip, STRIP, { isSigned: true, most: 1 }, palette);
  }
}

/** Two digits that mean something, `0.42`, `0.0031`; `0.0` for nothing. */
function figure(value: number): string {
  if (value <= NOTHING) return '0.0';
  const digits = Math.max(0, 1 - Math.floor(Math.log10(value)));
  return signed(value, Math.min(digits, 9));
}
