/**
 * The inner loops of gemm.ts: a tile of C stays in eight accumulators for the whole sum over k.
 *
 * V8 keeps eight accumulators, the vectors of one step and a product in sixteen registers; more would spill. A turn of a
 * loop costs a stack check, a test, a jump and moves, so a turn takes four steps. Each step ends with an exit, because V8
 * does all loads of a block before its arithmetic: four steps in one block would spill too.
 * Measured: tiles of 5×8, ten accumulators, 0.6× the speed (Node 20).
 * Measured: tiles of 2×16 with four steps a turn 1.13× the speed of one step a turn (Node 20), 1.0× (Node 24).
 */
import { multiplyAdd } from '../lib/simd';

/**
 * Tiles of 2 rows by 16 columns, side by side: C = or += A·B. a: f32[depth][4], of which the first two of each four are used.
 * b: row p lies at b + p·step, and a row has the columns of one tile after another. depth > 0.
 */
export function tiles2x16(
  c: usize,
  a: usize,
  b: usize,
  step: usize,
  count: i32,
  depth: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  const end = a + ((<usize>depth) << 4);
  for (let tile = 0; tile < count; tile++) {
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let c02 = f32x4.splat(0);
    let c03 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let c12 = f32x4.splat(0);
    let c13 = f32x4.splat(0);
    let at = a;
    let row = b;
    while (true) {
      const a0 = v128.load32_splat(at);
      const a1 = v128.load32_splat(at, 4);
      const b0 = v128.load(row);
      c00 = multiplyAdd(c00, a0, b0);
      c10 = multiplyAdd(c10, a1, b0);
      const b1 = v128.load(row, 16);
      c01 = multiplyAdd(c01, a0, b1);
      c11 = multiplyAdd(c11, a1, b1);
      const b2 = v128.load(row, 32);
      c02 = multiplyAdd(c02, a0, b2);
      c12 = multiplyAdd(c12, a1, b2);
      const b3 = v128.load(row, 48);
      c03 = multiplyAdd(c03, a0, b3);
      c13 = multiplyAdd(c13, a1, b3);
      row += step;
      at += 16;
      if (at >= end) break;

      const d0 = v128.load32_splat(at);
      const d1 = v128.load32_splat(at, 4);
      const e0 = v128.load(row);
      c00 = multiplyAdd(c00, d0, e0);
      c10 = multiplyAdd(c10, d1, e0);
      const e1 = v128.load(row, 16);
      c01 = multiplyAdd(c01, d0, e1);
      c11 = multiplyAdd(c11, d1, e1);
      const e2 = v128.load(row, 32);
      c02 = multiplyAdd(c02, d0, e2);
      c12 = multiplyAdd(c12, d1, e2);
      const e3 = v128.load(row, 48);
      c03 = multiplyAdd(c03, d0, e3);
      c13 = multiplyAdd(c13, d1, e3);
      row += step;
      at += 16;
      if (at >= end) break;

      const f0 = v128.load32_splat(at);
      const f1 = v128.load32_splat(at, 4);
      const g0 = v128.load(row);
      c00 = multiplyAdd(c00, f0, g0);
      c10 = multiplyAdd(c10, f1, g0);
      const g1 = v128.load(row, 16);
      c01 = multiplyAdd(c01, f0, g1);
      c11 = multiplyAdd(c11, f1, g1);
      const g2 = v128.load(row, 32);
      c02 = multiplyAdd(c02, f0, g2);
      c12 = multiplyAdd(c12, f1, g2);
      const g3 = v128.load(row, 48);
      c03 = multiplyAdd(c03, f0, g3);
      c13 = multiplyAdd(c13, f1, g3);
      row += step;
      at += 16;
      if (at >= end) break;

      const h0 = v128.load32_splat(at);
      const h1 = v128.load32_splat(at, 4);
      const i0 = v128.load(row);
      c00 = multiplyAdd(c00, h0, i0);
      c10 = multiplyAdd(c10, h1, i0);
      const i1 = v128.load(row, 16);
      c01 = multiplyAdd(c01, h0, i1);
      c11 = multiplyAdd(c11, h1, i1);
      const i2 = v128.load(row, 32);
      c02 = multiplyAdd(c02, h0, i2);
      c12 = multiplyAdd(c12, h1, i2);
      const i3 = v128.load(row, 48);
      c03 = multiplyAdd(c03, h0, i3);
      c13 = multiplyAdd(c13, h1, i3);
      row += step;
      at += 16;
      if (at >= end) break;
    }
    if (accumulate) {
      addFour(c, c00, c01, c02, c03);
      addFour(c + rowBytes, c10, c11, c12, c13);
    } else {
      storeFour(c, c00, c01, c02, c03);
      storeFour(c + rowBytes, c10, c11, c12, c13);
    }
    c += 64;
    b += 64;
  }
}

/** A tile of 4 rows by 8 columns, for the last columns of C: C = or += A·B. a: f32[depth][4]. b: as in tiles2x16. */
export function tile4x8(
  c: usize,
  a: usize,
  b: usize,
  step: usize,
  depth: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const end = a + ((<usize>depth) << 4);
  let row = b;
  for (let at = a; at < end; at += 16) {
    const b0 = v128.load(row);
    const b1 = v128.load(row, 16);
    const a0 = v128.load32_splat(at);
    c00 = multiplyAdd(c00, a0, b0);
    c01 = multiplyAdd(c01, a0, b1);
    const a1 = v128.load32_splat(at, 4);
    c10 = multiplyAdd(c10, a1, b0);
    c11 = multiplyAdd(c11, a1, b1);
    const a2 = v128.load32_splat(at, 8);
    c20 = multiplyAdd(c20, a2, b0);
    c21 = multiplyAdd(c21, a2, b1);
    const a3 = v128.load32_splat(at, 12);
    c30 = multiplyAdd(c30, a3, b0);
    c31 = multiplyAdd(c31, a3, b1);
    row += step;
  }
  if (accumulate) {
    addPair(c, c00, c01);
    addPair(c + rowBytes, c10, c11);
    addPair(c + rowBytes * 2, c20, c21);
    addPair(c + rowBytes * 3, c30, c31);
  } else {
    storePair(c, c00, c01);
    storePair(c + rowBytes, c10, c11);
    storePair(c + rowBytes * 2, c20, c21);
    storePair(c + rowBytes * 3, c30, c31);
  }
}

function storePair(c: usize, c0: v128, c1: v128): void {
  v128.store(c, c0);
  v128.store(c, c1, 16);
}

function addPair(c: usize, c0: v128, c1: v128): void {
  v128.store(c, f32x4.add(v128.load(c), c0));
  v128.store(c, f32x4.add(v128.load(c, 16), c1), 16);
}

export function storeFour(c: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
}

function addFour(c: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  v128.store(c, f32x4.add(v128.load(c), c0));
  v128.store(c, f32x4.add(v128.load(c, 16), c1), 16);
  v128.store(c, f32x4.add(v128.load(c, 32), c2), 32);
  v128.store(c, f32x4.add(v128.load(c, 48), c3), 48);
}
