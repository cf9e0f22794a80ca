/** Sheets of paper as people photograph them, with a digit on them or blank. */
import type { GreyImage } from 'convlet';
import { testRandom, uniform } from './random.ts';

const SIDE = 120;
const SCALE = 3;

/**
 * A sheet of `SIDE` × `SIDE` pixels, with a digit three times as large as MNIST's off its middle, or blank.
 * @param light The paper's grey value, of places from 0 to 1. @param pen The ink's, and how much it covers.
 */
function sheetOf(
  light: (x: number, y: number) => number,
  pen: (paper: number) => number,
  disturb: (value: number, row: number, column: number) => number = (value) => value,
) {
  return (digit?: Uint8Array): GreyImage => {
    const pixels = Uint8ClampedArray.from({ length: SIDE * SIDE }, (_, at) => {
      const [row, column] = [Math.floor(at / SIDE), at % SIDE];
      const [y, x] = [Math.floor((row - 12) / SCALE), Math.floor((column - 24) / SCALE)];
      const isInside = x >= 0 && y >= 0 && x < 28 && y < 28;
      const ink = isInside ? (digit?.[y * 28 + x] ?? 0) / 255 : 0;
      const paper = light(column / SIDE, row / SIDE);
      return disturb(paper + ink * (pen(paper) - paper), row, column);
    });
    return { width: SIDE, height: SIDE, pixels };
  };
}

const noise = uniform(testRandom(7), SIDE * SIDE);
/** Noise of a dim photo, of ±`most` grey values. */
const noisy = (most: number) => (value: number, row: number, column: number) =>
  value + most * (noise[row * SIDE + column] ?? 0);
/** A frame from `from` to `to` pixels within the edge of the sheet. */
const framed = (from: number, to: number) => (value: number, row: number, column: number) => {
  const depth = Math.min(row, column, SIDE - 1 - row, SIDE - 1 - column);
  return depth >= from && depth < to ? 0 : value;
};
/** Blots of 4×4 pixels, as JPEG leaves of noise. */
const blotchy = (value: number, row: number, column: number) => {
  const blot = noise[(row >> 2) * SIDE + (column >> 2)] ?? 0;
  return value - (blot > 0.9 ? 25 : 0);
};
/** A dark table to the right of the sheet. */
const beside = (value: number, _row: number, column: number) => (column >= SIDE - 9 ? 30 : value);
const dusty = (value: number, row: number, column: number) =>
  row >= 114 && row < 116 && column >= 3 && column < 5 ? 0 : value;

/** Each is drawn with a digit on it, or blank. */
export const SHEETS: Readonly<Record<string, (digit?: Uint8Array) => GreyImage>> = {
  'of white paper': sheetOf(
    () => 255,
    () => 0,
  ),
  'of black paper': sheetOf(
    () => 0,
    () => 255,
  ),
  'of grey paper under a black pen': sheetOf(
    () => 120,
    () => 0,
  ),
  'of grey paper under a white pen': sheetOf(
    () => 135,
    () => 255,
  ),
  'of noisy paper in a dim room': sheetOf(
    () => 70,
    () => 25,
    noisy(6),
  ),
  'in a shadow of 55 %': sheetOf(
    (x, y) => 230 * (1 - 0.275 * (x + y)),
    (paper) => 0.17 * paper,
    noisy(4),
  ),
  'that is darker towards its corners': sheetOf(
    (x, y) => 230 * (1 - ((x - 0.5) ** 2 + (y - 0.5) ** 2)),
    () => 30,
  ),
  'in a frame': sheetOf(
    () => 255,
    () => 0,
    framed(0, 3),
  ),
  'in a thick frame': sheetOf(
    () => 255,
    () => 0,
    framed(0, 11),
  ),
  'in a grey frame, whose paper is in a shadow': sheetOf(
    (x) => 230 * (1 - 0.3 * x),
    (paper) => 0.15 * paper,
    framed(0, 2),
  ),
  'with a box drawn around it': sheetOf(
    () => 245,
    () => 20,
    framed(3, 6),
  ),
  'on a dark table': sheetOf(
    () => 240,
    () => 20,
    beside,
  ),
  'with a speck of dust': sheetOf(
    () => 255,
    () => 0,
    dusty,
  ),
  'of ruled paper': sheetOf(
    (_x, y) => (Math.round(y * SIDE) % 12 === 0 ? 200 : 245),
    () => 30,
  ),
  'of squared paper': sheetOf(
    (x, y) => (Math.round(x * SIDE) % 20 === 0 || Math.round(y * SIDE) % 20 === 0 ? 228 : 245),
    () => 30,
  ),
  'of blotchy paper': sheetOf(
    () => 235,
    () => 30,
    blotchy,
  ),
};
