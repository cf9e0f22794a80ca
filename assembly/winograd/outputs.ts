/** Aᵀ·m·A, the outputs of Winograd's tiles, and A·dY·Aᵀ of their gradients, four tiles at a time. Matrices: winograd.ts. */
import { transposeRows } from '../lib/simd';
import { PLACE_BYTES, Place } from './tiling';
import { SQRT_HALF, SQRT_TWO } from './winograd';

/** Bytes of scratch for transformOutputs: four rows of six vectors. */
export const OUTPUTS_BYTES: usize = 384;

/** to[4][4] = Aᵀ·m·A: a vector has an output of each of four tiles. aside: OUTPUTS_BYTES of scratch. */
export function transformOutputs(to: usize, m: usize, matrix: usize, aside: usize): void {
  contract(aside, 16, 96, m, matrix, matrix * 6, 6);
  contract(to, 64, 16, aside, 96, 16, 4);
}

/** Aᵀ times `count` columns of six. Entries lie `step` bytes apart, columns `next`. */
export function contract(
  to: usize,
  toNext: usize,
  toStep: usize,
  from: usize,
  next: usize,
  step: usize,
  count: i32,
): void {
  const half = f32x4.splat(0.5);
  for (let column = 0; column < count; column++) {
    const m1 = v128.load(from + step);
    const m2 = v128.load(from + step * 2);
    const m3 = v128.load(from + step * 3);
    const m4 = v128.load(from + step * 4);
    const near = f32x4.add(m1, m2);
    const far = f32x4.add(m3, m4);
    v128.store(to, f32x4.add(v128.load(from), f32x4.add(near, far)));
    v128.store(to + toStep * 2, f32x4.add(f32x4.mul(near, half), f32x4.add(far, far)));
    const nearOdd = f32x4.mul(f32x4.sub(m1, m2), f32x4.splat(SQRT_HALF));
    const farOdd = f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(SQRT_TWO));
    v128.store(to + toStep, f32x4.add(nearOdd, farOdd));
    const odd = f32x4.add(f32x4.mul(nearOdd, half), f32x4.add(farOdd, farOdd));
    v128.store(to + toStep * 3, f32x4.add(odd, v128.load(from + step * 5)));
    to += toNext;
    from += next;
  }
}

/** A·dY·Aᵀ of a filter in four tiles: a vector for each of the 36 entries. aside: OUTPUTS_BYTES of scratch. */
export function transformGradient(
  to: usize,
  image: usize,
  place: usize,
  aside: usize,
  rowBytes: usize,
): void {
  let a = image + <usize>changetype<Place>(place).patch;
  let b = image + <usize>changetype<Place>(place + PLACE_BYTES).patch;
  let c = image + <usize>changetype<Place>(place + PLACE_BYTES * 2).patch;
  let d = image + <usize>changetype<Place>(place + PLACE_BYTES * 3).patch;
  for (let row: usize = 0; row < 4; row++) {
    expandRows(aside + row * 96, a, b, c, d);
    a += rowBytes;
    b += rowBytes;
    c += rowBytes;
    d += rowBytes;
  }
  for (let column: usize = 0; column < 6; column++) {
    const at = aside + column * 16;
    const y1 = v128.load(at, 96);
    expand(to + column * 16, 96, v128.load(at), y1, v128.load(at, 192), v128.load(at, 288));
  }
}

/** Rows of four tiles times Aᵀ: a vector has an entry of each. */
function expandRows(to: usize, a: usize, b: usize, c: usize, d: usize): void {
  transposeRows(to, 16, a, b, c, d);
  expand(to, 16, v128.load(to), v128.load(to, 16), v128.load(to, 32), v128.load(to, 48));
}

/** A times a column of four. */
function expand(to: usize, step: usize, y0: v128, y1: v128, y2: v128, y3: v128): void {
  const half = f32x4.splat(0.5);
  const near = f32x4.add(y0, f32x4.mul(y2, half));
  const nearOdd = f32x4.mul(f32x4.add(y1, f32x4.mul(y3, half)), f32x4.splat(SQRT_HALF));
  const far = f32x4.add(y0, f32x4.add(y2, y2));
  const farOdd = f32x4.mul(f32x4.add(y1, f32x4.add(y3, y3)), f32x4.splat(SQRT_TWO));
  v128.store(to, y0);
  v128.store(to + step, f32x4.add(near, nearOdd));
  v128.store(to + step * 2, f32x4.sub(near, nearOdd));
  v128.store(to + step * 3, f32x4.add(far, farOdd));
  v128.store(to + step * 4, f32x4.sub(far, farOdd));
  v128.store(to + step * 5, y3);
}
