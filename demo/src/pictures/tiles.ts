/**
 * A grid of small pictures, each a button: press one to look into it, and go over its pixels with pointer or arrow keys,
 * from the edge of one picture into the next. The grid is one tab stop; with Shift, arrow keys go from picture to picture.
 * @module
 */
import { make } from '../dom.ts';
import { Roving } from '../roving.ts';
import { InView } from './inView.ts';
import { type Matrix, paint, type Scale } from './paint.ts';
import type { Palette } from './palette.ts';

/** What is pointed at. */
export interface Spot {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** Pictures of one column at most; more would be none. */
export const MOST_TILES = 32;
/** The default size of a tile, roughly, in CSS pixels. */
const TILE = 78;

/** Pixels that are marked; one unless it has a size. */
export interface Marked {
  readonly row: number;
  readonly column: number;
  readonly height?: number;
  readonly width?: number;
}

export interface TileGridOptions {
  readonly count: number;
  /** Pixels of one tile. */
  readonly width: number;
  readonly height: number;
  /** About its size in CSS pixels. */
  readonly tile?: number;
  /** `map 3` */
  readonly name: (channel: number) => string;
  readonly onPoint: (spot: Spot) => void;
  /** True if a picture is looked at as a whole: arrow keys then go from one to the next. */
  readonly isWhole?: boolean;
}

export class TileGrid {
  readonly element: HTMLElement;
  readonly #inView: InView;
  readonly #tiles: { button: HTMLButtonElement; canvas: HTMLCanvasElement }[];
  readonly #marker = make('span', { class: 'marker' });
  readonly #options: TileGridOptions;
  readonly #roving = new Roving((button) => this.#enter(button));
  #spot: Spot = { channel: 0, row: 0, column: 0 };

  constructor(options: TileGridOptions) {
    const { count, width, height, tile = TILE } = options;
    this.#options = options;
    const shown = Math.min(count, MOST_TILES);
    const columns = shown > 12 ? 4 : Math.min(shown, 3);
    this.element = make('div', { class: 'tiles' });
    this.element.style.setProperty('--columns', String(columns));
    const scale = Math.max(
      1,
      Math.round((shown > 12 ? 0.7 : 1) * (tile / Math.max(width, height))),
    );
    this.element.style.setProperty('--tile-width', `${width * scale}px`);
    this.element.style.setProperty('--tile-height', `${height * scale}px`);
    this.#tiles = Array.from({ length: shown }, (_, channel) => this.#tile(channel));
    this.element.append(...this.#tiles.map(({ button }) => button));
    for (const { button } of this.#tiles) this.#roving.add(button);
    this.#inView = new InView(this.element);
  }

  /** Paints the pictures if they are in view, or when they come into view. */
  paint(matrixOf: (channel: number) => Matrix, scale: Scale, palette: Palette): void {
    this.#inView.show(() => {
      for (const [channel, { canvas }] of this.#tiles.entries()) {
        paint(canvas, matrixOf(channel), scale, palette);
      }
    });
  }

  /** Calls the pictures by other names. */
  rename(name: (channel: number) => string): void {
    for (const [channel, { button }] of this.#tiles.entries()) {
      const label = this.#labelOf(name(channel));
      if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
    }
  }

  /** Marks the tile that is looked into, none if `channel` is undefined; and pixels of it, if some are given. */
  select(channel: number | undefined, pixels?: Marked): void {
    for (const [index, { button }] of this.#tiles.entries()) {
      const isSelected = index === channel;
      button.setAttribute('aria-pressed', String(isSelected));
      if (isSelected && pixels !== undefined) this.#mark(button, pixels);
    }
    if (pixels === undefined) this.#marker.remove();
  }

  #mark(button: HTMLButtonElement, { row, column, height = 1, width = 1 }: Marked): void {
    const { width: columns, height: rows } = this.#options;
    const { style } = this.#marker;
    style.left = `${(100 * column) / columns}%`;
    style.top = `${(100 * row) / rows}%`;
    style.width = `${(100 * width) / columns}%`;
    style.height = `${(100 * height) / rows}%`;
    if (this.#marker.parentElement !== button) button.append(this.#marker);
  }

  #tile(channel: number): { button: HTMLButtonElement; canvas: HTMLCanvasElement } {
    const { width, height, name, onPoint, isWhole = false } = this.#options;
    const canvas = make('canvas', { width, height });
    const label = this.#labelOf(name(channel));
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
      if (step === undefined || isWhole || event.shiftKey) return;
      if (this.#move(channel, ...step)) event.preventDefault();
    });
    return { button, canvas };
  }

  /** A name with what can be done. */
  #labelOf(name: string): string {
    const { width, height, isWhole = false } = this.#options;
    const keys = isWhole
      ? 'Arrow keys go to the others.'
      : 'Arrow keys go over its pixels, with Shift to the others.';
    return `${name}, ${height} by ${width}. ${keys}`;
  }

  /** Goes so many pixels on in a tile. @returns false at its edge: then it is for the next tile to go on. */
  #move(channel: number, down: number, right: number): boolean {
    const { width, height, onPoint } = this.#options;
    const from =
      this.#spot.channel === channel
        ? this.#spot
        : { row: Math.floor(height / 2), column: Math.floor(width / 2) };
    const [row, column] = [clamp(from.row + down, height), clamp(from.column + right, width)];
    const isAtEdge = row !== from.row + down || column !== from.column + right;
    if (isAtEdge) return false;
    this.#spot = { channel, row, column };
    onPoint(this.#spot);
    return true;
  }

  /** Looks into the tile that a key went to: at the same pixel as in the one before. */
  #enter(button: HTMLElement): void {
    const channel = this.#tiles.findIndex((tile) => tile.button === button);
    this.#spot = { ...this.#spot, channel };
    this.#options.onPoint(this.#spot);
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
