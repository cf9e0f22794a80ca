/** A grid of small pictures, each a button: press one to look into it, and go over its pixels with pointer or arrow keys. @module */
import { make } from '../dom.ts';
import { type Matrix, paint, type Scale } from './paint.ts';
import type { Palette } from './palette.ts';

/** What is pointed at. */
export interface Spot {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** Pictures of one column at most; more would be none. */
const MOST = 32;
/** About the size of a tile, in CSS pixels. */
const TILE = 78;

export interface TileGridOptions {
  readonly count: number;
  /** Pixels of one tile. */
  readonly width: number;
  readonly height: number;
  /** `map 3` */
  readonly name: (channel: number) => string;
  readonly onPoint: (spot: Spot) => void;
}

export class TileGrid {
  readonly element: HTMLElement;
  readonly #tiles: { button: HTMLButtonElement; canvas: HTMLCanvasElement }[];
  readonly #marker = make('span', { class: 'marker' });
  readonly #options: TileGridOptions;
  #spot: Spot = { channel: 0, row: 0, column: 0 };

  constructor(options: TileGridOptions) {
    const { count, width, height } = options;
    this.#options = options;
    const shown = Math.min(count, MOST);
    const columns = shown > 12 ? 4 : 3;
    this.element = make('div', { class: 'tiles' });
    this.element.style.setProperty('--columns', String(columns));
    const scale = Math.max(
      1,
      Math.round((shown > 16 ? 0.7 : 1) * (TILE / Math.max(width, height))),
    );
    this.element.style.setProperty('--tile-width', `${width * scale}px`);
    this.element.style.setProperty('--tile-height', `${height * scale}px`);
    this.#tiles = Array.from({ length: shown }, (_, channel) => this.#tile(channel));
    this.element.append(...this.#tiles.map(({ button }) => button));
  }

  paint(matrixOf: (channel: number) => Matrix, scale: Scale, palette: Palette): void {
    for (const [channel, { canvas }] of this.#tiles.entries()) {
      paint(canvas, matrixOf(channel), scale, palette);
    }
  }

  /** Marks the tile that is looked into, none where `channel` is undefined; and a pixel of it, if one is given. */
  select(channel: number | undefined, pixel?: Omit<Spot, 'channel'>): void {
    for (const [index, { button }] of this.#tiles.entries()) {
      const isSelected = index === channel;
      button.setAttribute('aria-pressed', String(isSelected));
      if (isSelected && pixel !== undefined) this.#mark(button, pixel);
    }
    if (pixel === undefined) this.#marker.remove();
  }

  #mark(button: HTMLButtonElement, { row, column }: Omit<Spot, 'channel'>): void {
    const { width, height } = this.#options;
    const { style } = this.#marker;
    style.left = `${(100 * column) / width}%`;
    style.top = `${(100 * row) / height}%`;
    style.width = `${100 / width}%`;
    style.height = `${100 / height}%`;
    if (this.#marker.parentElement !== button) button.append(this.#marker);
  }

  #tile(channel: number): { button: HTMLButtonElement; canvas: HTMLCanvasElement } {
    const { width, height, name, onPoint } = this.#options;
    const canvas = make('canvas', { width, height });
    const label = `${name(channel)}, ${height} by ${width}. Arrow keys go over its pixels.`;
    const button = make('button', { type: 'button', class: 'tile', 'aria-label': label }, canvas);
    button.setAttribute('aria-pressed', 'false');
    const point = ({ clientX, clientY }: MouseEvent) => {
      const box = canvas.getBoundingClientRect();
      this.#spot = {
        channel,
        row: clamp(Math.floor(((clientY - box.top) * height) / box.height), height),
        column: clamp(Math.floor(((clientX - box.left) * width) / box.width), width),
      };
      onPoint(this.#spot);
    };
    button.addEventListener('pointermove', point);
    button.addEventListener('click', (event) => {
      if (event.detail > 0) point(event);
      else this.#move(channel, 0, 0);
    });
    button.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.#move(channel, ...step);
    });
    return { button, canvas };
  }

  #move(channel: number, down: number, right: number): void {
    const { width, height, onPoint } = this.#options;
    const from =
      this.#spot.channel === channel
        ? this.#spot
        : { row: Math.floor(height / 2), column: Math.floor(width / 2) };
    const [row, column] = [clamp(from.row + down, height), clamp(from.column + right, width)];
    this.#spot = { channel, row, column };
    onPoint(this.#spot);
  }
}

const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function clamp(value: number, length: number): number {
  return Math.min(Math.max(value, 0), length - 1);
}
