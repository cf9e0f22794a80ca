/**
 * C[m, n] += A[m, k]·B[n, k]ᵀ, both operands in rows: dot products, in tiles of 2×4 and 4×2.
 *
 * Four rows of B are copied side by side, a vector of each in turn, so that a tile reads one stream. Shapes and aliasing:
 * gemm.ts, which also gives the order of the sums.
 *
 *   scratch: four rows of B, at most 4·512 numbers, the last vector of each filled up with zeros │ a tile of 8 numbers │
 *            32 numbers of its lanes
 */

import { add, horizontalSums, loadTail, multiplyAdd } from '../lib/simd';
import { storeFour } from './tiles';

/** Four rows of B in a block fill a quarter of a first-level cache of 32 kB. */
const K_BLOCK: i32 = 512;

/** C += A·Bᵀ */
export function multiplyDots(
  c: usize,
  a: usize,
  b: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0);
  const stride = (<usize>k) << 2;
  for (let p = 0; p < k; p += K_BLOCK) {
    const depth = min(k - p, K_BLOCK);
    const from = (<usize>p) << 2;
    for (let j = 0; j < n; j += 4) {
      const columns = min(n - j, 4);
      packRows(scratch, b + <usize>j * stride + from, columns, depth, stride);
      const to = c + ((<usize>j) << 2);
      if (columns > 2) multiplyRows2x4(to, a + from, scratch, m, columns, n, depth, stride);
      else multiplyRows4x2(to, a + from, scratch, m, columns, n, depth, stride);
    }
  }
}

/** Up to four rows of B side by side: [ceil(depth / 4)][4][4]; rows that do not exist repeat the last one. */
function packRows(to: usize, b: usize, rows: i32, depth: i32, stride: usize): void {
  const row1 = b + <usize>min(1, rows - 1) * stride;
  const row2 = b + <usize>min(2, rows - 1) * stride;
  const row3 = b + <usize>min(3, rows - 1) * stride;
  const vectorEnd = (<usize>depth & ~3) << 2;
  for (let i: usize = 0; i < vectorEnd; i += 16) {
    storeFour(to, v128.load(b + i), v128.load(row1 + i), v128.load(row2 + i), v128.load(row3 + i));
    to += 64;
  }
  const tail = depth & 3;
  if (tail > 0) {
    const b0 = loadTail(b + vectorEnd, tail);
    const b1 = loadTail(row1 + vectorEnd, tail);
    const b2 = loadTail(row2 + vectorEnd, tail);
    storeFour(to, b0, b1, b2, loadTail(row3 + vectorEnd, tail));
  }
}

/** Three or four columns of C, two rows at a time. */
function multiplyRows2x4(
  c: usize,
  a: usize,
  b: usize,
  m: i32,
  columns: i32,
  n: i32,
  depth: i32,
  stride: usize,
): void {
  const tile = b + ((<usize>(depth + 3) & ~3) << 4);
  for (let i = 0; i < m; i += 2) {
    const rows = min(m - i, 2);
    dots2x4(tile, a + <usize>i * stride, b, depth, rows == 2 ? stride : 0);
    for (let r = 0; r < rows; r++) {
      const to = c + ((<usize>(i + r) * <usize>n) << 2);
      const from = tile + ((<usize>r) << 4);
      if (columns == 4) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
      else add(to, from, columns);
    }
  }
}

/** One or two columns of C, four rows at a time. */
function multiplyRows4x2(
  c: usize,
  a: usize,
  b: usize,
  m: i32,
  columns: i32,
  n: i32,
  depth: i32,
  stride: usize,
): void {
  const tile = b + ((<usize>(depth + 3) & ~3) << 4);
  for (let i = 0; i < m; i += 4) {
    const rows = min(m - i, 4);
    // rows that do not exist repeat the last one
    const row1 = <usize>min(1, rows - 1) * stride;
    const row2 = <usize>min(2, rows - 1) * stride;
    const row3 = <usize>min(3, rows - 1) * stride;
    dots4x2(tile, a + <usize>i * stride, b, depth, row1, row2, row3);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) {
        const to = c + ((<usize>(i + r) * <usize>n + <usize>j) << 2);
        store<f32>(to, load<f32>(to) + load<f32>(tile + ((<usize>(j * 4 + r)) << 2)));
      }
    }
  }
}

/**
 * tile[2][4] = two rows of A by four rows of B. The accumulators go by memory, after the tile, and so does the tail of A: V8 joins
 * neighbours that end in a store, and begin with a whole load, into vectors of 256 bits.
 * Measured: 0.82 of the time with wide vectors (Node 24), the same without.
 */
function dots2x4(tile: usize, a: usize, b: usize, depth: i32, row1: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c02 = f32x4.splat(0);
  let c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c12 = f32x4.splat(0);
  let c13 = f32x4.splat(0);
  const tail = depth & 3;
  const end = b + ((<usize>depth & ~3) << 4);
  for (; b < end; b += 64) {
    const a0 = v128.load(a);
    const a1 = v128.load(a + row1);
    const b0 = v128.load(b);
    c00 = multiplyAdd(c00, a0, b0);
    c10 = multiplyAdd(c10, a1, b0);
    const b1 = v128.load(b, 16);
    c01 = multiplyAdd(c01, a0, b1);
    c11 = multiplyAdd(c11, a1, b1);
    const b2 = v128.load(b, 32);
    c02 = multiplyAdd(c02, a0, b2);
    c12 = multiplyAdd(c12, a1, b2);
    const b3 = v128.load(b, 48);
    c03 = multiplyAdd(c03, a0, b3);
    c13 = multiplyAdd(c13, a1, b3);
    a += 16;
  }
  if (tail > 0) {
    v128.store(tile, loadTail(a, tail));
    v128.store(tile, loadTail(a + row1, tail), 16);
    const a0 = v128.load(tile);
    const a1 = v128.load(tile, 16);
    c00 = multiplyAdd(c00, a0, v128.load(b));
    c10 = multiplyAdd(c10, a1, v128.load(b));
    c01 = multiplyAdd(c01, a0, v128.load(b, 16));
    c11 = multiplyAdd(c11, a1, v128.load(b, 16));
    c02 = multiplyAdd(c02, a0, v128.load(b, 32));
    c12 = multiplyAdd(c12, a1, v128.load(b, 32));
    c03 = multiplyAdd(c03, a0, v128.load(b, 48));
    c13 = multiplyAdd(c13, a1, v128.load(b, 48));
  }
  storeFour(tile + 32, c00, c01, c02, c03);
  storeFour(tile + 96, c10, c11, c12, c13);
  sumFour(tile, tile + 32);
  sumFour(tile + 16, tile + 96);
}

/** to[4] = the horizontal sums of four vectors. */
function sumFour(to: usize, from: usize): void {
  v128.store(
    to,
    horizontalSums(v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48)),
  );
}

/** tile[2][4] = the first two rows of B by four rows of A. */
function dots4x2(
  tile: usize,
  a: usize,
  b: usize,
  depth: i32,
  row1: usize,
  row2: usize,
  row3: usize,
): void {
  let c00 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const tail = depth & 3;
  const end = b + ((<usize>depth & ~3) << 4);
  for (; b < end; b += 64) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load(a);
    c00 = multiplyAdd(c00, a0, b0);
    c01 = multiplyAdd(c01, a0, b1);
    const a1 = v128.load(a + row1);
    c10 = multiplyAdd(c10, a1, b0);
    c11 = multiplyAdd(c11, a1, b1);
    const a2 = v128.load(a + row2);
    c20 = multiplyAdd(c20, a2, b0);
    c21 = multiplyAdd(c21, a2, b1);
    const a3 = v128.load(a + row3);
    c30 = multiplyAdd(c30, a3, b0);
    c31 = multiplyAdd(c31, a3, b1);
    a += 16;
  }
  if (tail > 0) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    c00 = multiplyAdd(c00, loadTail(a, tail), b0);
    c01 = multiplyAdd(c01, loadTail(a, tail), b1);
    c10 = multiplyAdd(c10, loadTail(a + row1, tail), b0);
    c11 = multiplyAdd(c11, loadTail(a + row1, tail), b1);
    c20 = multiplyAdd(c20, loadTail(a + row2, tail), b0);
    c21 = multiplyAdd(c21, loadTail(a + row2, tail), b1);
    c30 = multiplyAdd(c30, loadTail(a + row3, tail), b0);
    c31 = multiplyAdd(c31, loadTail(a + row3, tail), b1);
  }
  v128.store(tile, horizontalSums(c00, c10, c20, c30));
  v128.store(tile, horizontalSums(c01, c11, c21, c31), 16);
}
