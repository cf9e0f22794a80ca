/** Bᵀ·d·B of the patches of Winograd's tiles, four tiles at a time. Matrices and layouts: winograd.ts. */
import { bytes } from '../lib/simd';
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
    expandRow(aside + row * 96, a, b, c, d);
    a += rowBytes;
    b += rowBytes;
    c += rowBytes;
    d += rowBytes;
  }
  expand(to, step, step * 6, aside, 16, 96);
}

/**
 * A row of four patches times B: a vector has an entry of each patch. Transposed as transposeRows does it, but in registers:
 * by memory a whole convolution takes 1.02 to 1.09 of the time.
 */
function expandRow(to: usize, a: usize, b: usize, c: usize, d: usize): void {
  const a0 = v128.load(a);
  const b0 = v128.load(b);
  const c0 = v128.load(c);
  const d0 = v128.load(d);
  const abLow = v128.shuffle<f32>(a0, b0, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a0, b0, 2, 6, 3, 7);
  const cdLow = v128.shuffle<f32>(c0, d0, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c0, d0, 2, 6, 3, 7);
  const ab = v128.shuffle<f32>(v128.load64_zero(a, 16), v128.load64_zero(b, 16), 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(v128.load64_zero(c, 16), v128.load64_zero(d, 16), 0, 4, 1, 5);
  const e0 = v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5);
  const e1 = v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7);
  const e2 = v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5);
  const e3 = v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7);
  const e4 = v128.shuffle<f32>(ab, cd, 0, 1, 4, 5);
  const e5 = v128.shuffle<f32>(ab, cd, 2, 3, 6, 7);
  storeEnds(to, to + 80, e0, e1, e2, e3, e4, e5);
  storeNear(to + 16, 16, e1, e2, e3, e4);
  storeFar(to + 48, 16, e1, e2, e3, e4);
}

/**
 * Bᵀ times six columns of six. Entries lie `step` bytes apart, columns `next`. The loop is in here, not around a call, because
 * V8 does not inline a function.
 */
function expand(
  to: usize,
  toNext: usize,
  toStep: usize,
  from: usize,
  next: usize,
  step: usize,
): void {
  for (let column = 0; column < 6; column++) {
    const e0 = v128.load(from);
    const e1 = v128.load(from + step);
    const e2 = v128.load(from + step * 2);
    const e3 = v128.load(from + step * 3);
    const e4 = v128.load(from + step * 4);
    const e5 = v128.load(from + step * 5);
    storeEnds(to, to + toStep * 5, e0, e1, e2, e3, e4, e5);
    storeNear(to + toStep, toStep, e1, e2, e3, e4);
    storeFar(to + toStep * 3, toStep, e1, e2, e3, e4);
    to += toNext;
    from += next;
  }
}

/** The first and the last entry of Bᵀ times a column. */
function storeEnds(
  to: usize,
  last: usize,
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
): void {
  const middle = f32x4.splat(2.5);
  v128.store(to, f32x4.add(f32x4.sub(d0, f32x4.mul(d2, middle)), d4));
  v128.store(last, f32x4.add(f32x4.sub(d1, f32x4.mul(d3, middle)), d5));
}

/** The entries of the points ±√½. */
function storeNear(to: usize, step: usize, d1: v128, d2: v128, d3: v128, d4: v128): void {
  const even = f32x4.sub(d4, f32x4.add(d2, d2));
  const odd = f32x4.mul(f32x4.sub(d3, f32x4.add(d1, d1)), f32x4.splat(SQRT_HALF));
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + step, f32x4.sub(even, odd));
}

/** The entries of the points ±√2. */
function storeFar(to: usize, step: usize, d1: v128, d2: v128, d3: v128, d4: v128): void {
  const half = f32x4.splat(0.5);
  const even = f32x4.sub(d4, f32x4.mul(d2, half));
  const odd = f32x4.mul(f32x4.sub(d3, f32x4.mul(d1, half)), f32x4.splat(SQRT_TWO));
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + step, f32x4.sub(even, odd));
}
