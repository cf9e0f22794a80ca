/**
 * A written digit as the strokes of a pen: its skeleton, one pixel wide, walked from end to end.
 *
 *   picture → ink or paper → skeleton (Zhang & Suen, "A fast parallel algorithm for thinning digital patterns", 1984) → lines
 */

/** Ink is 1, paper 0, row after row. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly ink: Uint8Array;
}

export type Line = readonly (readonly [x: number, y: number])[];

/** The eight around a pixel, clockwise from the one above it: P2 … P9 of the paper. */
const AROUND = [
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
] as const;

/** A square picture of bytes enlarged, between its pixels in a straight line, and cut where it is half as strong as it can be. */
export function enlarge(pixels: Uint8Array, side: number, factor: number): Bitmap {
  const size = side * factor;
  const at = (row: number, column: number) =>
    pixels[clamp(row, side) * side + clamp(column, side)] ?? 0;
  const ink = Uint8Array.from({ length: size * size }, (_, i) => {
    const y = (Math.floor(i / size) + 0.5) / factor - 0.5;
    const x = ((i % size) + 0.5) / factor - 0.5;
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [down, right] = [y - row, x - column];
    const above = at(row, column) * (1 - right) + at(row, column + 1) * right;
    const below = at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right;
    return above * (1 - down) + below * down >= 128 ? 1 : 0;
  });
  return { width: size, height: size, ink };
}

/** The skeleton: ink is taken from both sides by turns, for as long as no line breaks or loses its end. */
export function thin({ width, height, ink }: Bitmap): Bitmap {
  const left: Bitmap = { width, height, ink: Uint8Array.from(ink) };
  let inked = [...ink.keys()].filter((i) => ink[i] === 1);
  for (let before = -1; before !== inked.length; ) {
    before = inked.length;
    for (const isSecond of [false, true]) {
      const loose = inked.filter((i) => isLoose(left, i, isSecond));
      for (const i of loose) left.ink[i] = 0;
      inked = inked.filter((i) => left.ink[i] === 1);
    }
  }
  return left;
}

/** Whether a pixel is at the rim, and no line breaks or loses its end without it. */
function isLoose(bitmap: Bitmap, i: number, isSecond: boolean): boolean {
  const [x, y] = [i % bitmap.width, Math.floor(i / bitmap.width)];
  const near = AROUND.map(([right, down]) => pixelAt(bitmap, x + right, y + down));
  const count = near.filter((pixel) => pixel === 1).length;
  if (count < 2 || count > 6) return false;
  if (near.filter((pixel, k) => pixel === 0 && near[(k + 1) % 8] === 1).length !== 1) return false;
  const [up, , right, , down, , back] = near;
  return isSecond
    ? [up, right, back].includes(0) && [up, down, back].includes(0)
    : [up, right, down].includes(0) && [right, down, back].includes(0);
}

/** Every line of a skeleton, walked once: from its ends first, then round what is closed. A lone pixel is a line of one point. */
export function linesOf(skeleton: Bitmap): Line[] {
  const { width, ink } = skeleton;
  const open = new Map<number, Set<number>>();
  for (const [i, pixel] of ink.entries())
    if (pixel === 1) open.set(i, new Set(joined(skeleton, i)));
  const pointOf = (i: number) => [(i % width) + 0.5, Math.floor(i / width) + 0.5] as const;
  const lines: Line[] = [...open].filter(([, next]) => next.size === 0).map(([i]) => [pointOf(i)]);
  const walk = (start: number) => {
    const line = [pointOf(start)];
    for (
      let here = start, next = first(open.get(here));
      next !== undefined;
      next = first(open.get(here))
    ) {
      open.get(here)?.delete(next);
      open.get(next)?.delete(here);
      here = next;
      line.push(pointOf(here));
    }
    if (line.length > 1) lines.push(line);
  };
  for (const [i, next] of open) if (next.size % 2 === 1) walk(i);
  for (const i of open.keys()) walk(i);
  return lines;
}

/** The pixels that a line goes on to: over a corner only if there is no way round it. */
function joined(bitmap: Bitmap, i: number): number[] {
  const [x, y] = [i % bitmap.width, Math.floor(i / bitmap.width)];
  const isInk = (right: number, down: number) => pixelAt(bitmap, x + right, y + down) === 1;
  return AROUND.filter(
    ([right, down]) =>
      isInk(right, down) && (right === 0 || down === 0 || !(isInk(right, 0) || isInk(0, down))),
  ).map(([right, down]) => i + right + down * bitmap.width);
}

function pixelAt({ width, height, ink }: Bitmap, x: number, y: number): number {
  return x < 0 || y < 0 || x >= width || y >= height ? 0 : (ink[y * width + x] ?? 0);
}

function first(set: ReadonlySet<number> | undefined): number | undefined {
  return set?.values().next().value;
}

function clamp(value: number, length: number): number {
  return Math.min(Math.max(value, 0), length - 1);
}
