/** Bᵀ·d·B of the patches of Winograd's tiles, four tiles at a time. Matrices and layouts: winograd.ts. */
import { bytes, transposeRows } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { PLACE_BYTES, Place } from './tiling';
import { matrixBytes, SQRT_HALF, SQRT_TWO, TILES } from './winograd';

/** Bytes of scratch for transformPatch, and of the transforms of a channel: six rows of six vectors. */
export const PATCHES_BYTES: usize = 576;

/** v[36][inC][16] = Bᵀ·d·B of the first 8 or 16 places. images: the first image; s: how its rows and channels lie. */
export function transformPatches(
  v: usize,
  images: usize,
  places: usize,
  aside: usize,
  s: ConvSizes,
  columns: i32,
): void {
  const inC = s.inC;
  const rowBytes = bytes(s.pitch);
  const planeBytes = bytes(s.plane);
  const matrix = matrixBytes(inC, TILES);
  const end = places + <usize>columns * PLACE_BYTES;
  for (let c = 0; c < inC; c++) {
    let to = v;
    for (let place = places; place < end; place += PLACE_BYTES * 4) {
      transformPatch(to, matrix, images, place, aside, rowBytes);
      to += 16;
    }
    v += bytes(TILES);
    images += planeBytes;
  }
}

/** Bᵀ·d·B of a channel of four patches: a vector for each of the 36 entries, `step` bytes from one to the next. */
export function transformPatch(
  to: usize,
  step: usize,
  image: usize,
  place: usize,
  aside: usize,
  rowBytes: usize,
): void {
  let a = image + <usize>changetype<Place>(place).patch;
  let b = image + <usize>changetype<Place>(place + PLACE_BYTES).patch;
  let c = image + <usize>changetype<Place>(place + PLACE_BYTES * 2).patch;
  let d = image + <usize>changetype<Place>(place + PLACE_BYTES * 3).patch;
  for (let row: usize = 0; row < 6; row++) {
    turnRows(aside + row * 96, a, b, c, d);
    a += rowBytes;
    b += rowBytes;
    c += rowBytes;
    d += rowBytes;
  }
  expand(aside, 96, 16, aside, 96, 16);
  expand(to, step, step * 6, aside, 16, 96);
}

/** Rows of four patches, so that a vector has an entry of each. */
function turnRows(to: usize, a: usize, b: usize, c: usize, d: usize): void {
  transposeRows(to, 16, a, b, c, d);
  const ab = v128.shuffle<f32>(v128.load64_zero(a, 16), v128.load64_zero(b, 16), 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(v128.load64_zero(c, 16), v128.load64_zero(d, 16), 0, 4, 1, 5);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 80);
}

/**
 * Bᵀ times six columns of six. Entries lie `step` bytes apart, columns `next`. The loop is in here, not around a call, because V8 does
 * not inline a function.
 */
function expand(
  to: usize,
  toNext: usize,
  toStep: usize,
  from: usize,
  next: usize,
  step: usize,
): void {
  const middle = f32x4.splat(2.5);
  const half = f32x4.splat(0.5);
  for (let column = 0; column < 6; column++) {
    const d1 = v128.load(from + step);
    const d2 = v128.load(from + step * 2);
    const d3 = v128.load(from + step * 3);
    const d4 = v128.load(from + step * 4);
    const first = f32x4.sub(v128.load(from), f32x4.mul(d2, middle));
    const last = f32x4.sub(d1, f32x4.mul(d3, middle));
    const d5 = v128.load(from + step * 5);
    v128.store(to, f32x4.add(first, d4));
    v128.store(to + toStep * 5, f32x4.add(last, d5));
    const near = f32x4.sub(d4, f32x4.add(d2, d2));
    const nearOdd = f32x4.mul(f32x4.sub(d3, f32x4.add(d1, d1)), f32x4.splat(SQRT_HALF));
    v128.store(to + toStep, f32x4.add(near, nearOdd));
    v128.store(to + toStep * 2, f32x4.sub(near, nearOdd));
    const far = f32x4.sub(d4, f32x4.mul(d2, half));
    const farOdd = f32x4.mul(f32x4.sub(d3, f32x4.mul(d1, half)), f32x4.splat(SQRT_TWO));
    v128.store(to + toStep * 3, f32x4.add(far, farOdd));
    v128.store(to + toStep * 4, f32x4.sub(far, farOdd));
    to += toNext;
    from += next;
  }
}
