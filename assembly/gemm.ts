/**
 * Matrix multiplication in the three transposes that training needs.
 *
 *   gemmNN   C[m, n] += A[m, k]·B[k, n]
 *   gemmNT   C[m, n] += A[m, k]·B[n, k]ᵀ
 *   gemmTN   C[m, n] += A[k, m]ᵀ·B[k, n]
 *
 * c: f32[m, n]. f32, row-major, contiguous, byte addresses; nothing overlaps; C is added to. A NaN spreads as in the
 * formula.
 *
 * NN and TN walk down columns: A is packed in tiles of four rows, B in panels of eight columns, and a tile of 4×8 keeps
 * its eight accumulators in registers. NT has both operands in rows: it takes dot products (gemmDots.ts).
 * (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008, section 4.)
 *
 * Order of the sums, whatever the tile: k is cut in blocks of 256; within one, entries are added in ascending k; the sums
 * of the blocks are added to C in order. Eight accumulators, two vectors of B, one of A and a product are what V8 keeps in
 * sixteen registers: tiles of 5×8 (ten accumulators) spill and run at 0.6 of the speed, Node 20.
 *
 *   scratch: A in tiles, 4·kBlock each │ two panels of B, 8·kBlock each │ one tile of 4×16, for the edges of C
 */
import { multiplyDots } from './gemmDots';
import { multiplyAdd, transpose4x4 } from './simd';

/** Rows of a block: two panels of B fill half of a first-level cache of 32 kB. */
const K_BLOCK: i32 = 256;

/**
 * So few rows of A, and so few of B, that packing B costs more than it gives: 1.25× for the gradients of a layer of ten
 * classes in a shard of sixteen images.
 */
const DIRECT_ROWS: i32 = 16;
const DIRECT_DEPTH: i32 = 64;
/** Columns taken at once there: 64 rows of them fill a first-level cache. */
const DIRECT_COLUMNS: i32 = 128;

/** Bytes of scratch for a product of these sizes. */
export function gemmScratchBytes(m: i32, n: i32, k: i32): i32 {
  assert(m >= 0 && n >= 0 && k >= 0);
  // dots need four rows of B in blocks of 512, which is no more than two panels
  return ((((m + 3) & ~3) + 16) * min(k, K_BLOCK) + 64) << 2;
}

/**
 * C += A·B. a: f32[m, k]. b: f32[k, n].
 *
 * @adds c
 * @bytes scratch gemmScratchBytes(m, n, k)
 */
export function gemmNN(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  multiply(c, a, b, scratch, m, n, k, (<usize>k) << 2, 4, true);
}

/**
 * C += A·Bᵀ. a: f32[m, k]. b: f32[n, k]. Order of the sums: k is cut in blocks of 512; within one, four partial sums take
 * the entries in turn, and are added as (0 + 2) + (1 + 3); the sums of the blocks are added to C in order.
 *
 * @adds c
 * @bytes scratch gemmScratchBytes(m, n, k)
 */
export function gemmNT(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  multiplyDots(c, a, b, scratch, m, n, k);
}

/**
 * C += Aᵀ·B. a: f32[k, m]. b: f32[k, n].
 *
 * @adds c
 * @bytes scratch gemmScratchBytes(m, n, k)
 */
export function gemmTN(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  multiply(c, a, b, scratch, m, n, k, 4, (<usize>m) << 2, true);
}

/**
 * C = or += A·B, where entry (i, p) of A lies at a + i·rowStep + p·step.
 * Overwriting spares a pass over C: 8 % of a product with k = 10.
 */
export function multiply(
  c: usize,
  a: usize,
  b: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  rowStep: usize,
  step: usize,
  accumulate: bool,
): void {
  assert(m >= 0 && n >= 0 && k >= 0);
  if (k == 0 && !accumulate) memory.fill(c, 0, (<usize>m * <usize>n) << 2);
  const rowBytes = (<usize>n) << 2;
  for (let p = 0; p < k; p += K_BLOCK) {
    const depth = min(k - p, K_BLOCK);
    const panels = scratch + ((<usize>(((m + 3) & ~3) * depth)) << 2);
    packA(scratch, a + <usize>p * step, m, depth, rowStep, step);
    let j = 0;
    if (m <= DIRECT_ROWS && depth <= DIRECT_DEPTH) {
      for (; n - j >= 16; j += DIRECT_COLUMNS) {
        const columns = min(n - j, DIRECT_COLUMNS) & ~15;
        const from = b + <usize>p * rowBytes + ((<usize>j) << 2);
        const to = c + ((<usize>j) << 2);
        tiles(to, scratch, from, rowBytes, 32, panels, m, columns, depth, rowBytes, accumulate);
      }
      j = n & ~15;
    }
    for (; j < n; j += 16) {
      const columns = min(n - j, 16);
      const from = b + <usize>p * rowBytes + ((<usize>j) << 2);
      const to = c + ((<usize>j) << 2);
      const second = (<usize>depth) << 5;
      packPanel(panels, from, min(columns, 8), depth, rowBytes);
      if (columns > 8) packPanel(panels + second, from + 32, columns - 8, depth, rowBytes);
      const edge = panels + second * 2;
      tiles(to, scratch, panels, 32, second, edge, m, columns, depth, rowBytes, accumulate);
    }
    accumulate = true;
  }
}

/** A as tiles of four rows: tile after tile, each [depth][4]; rows that do not exist are 0. */
function packA(to: usize, a: usize, m: i32, depth: i32, rowStep: usize, step: usize): void {
  for (let i = 0; i < m; i += 4) {
    const rows = min(m - i, 4);
    let from = a + <usize>i * rowStep;
    if (rows == 4 && rowStep == 4) {
      for (let p = 0; p < depth; p++) {
        v128.store(to, v128.load(from));
        from += step;
        to += 16;
      }
      continue;
    }
    let p = 0;
    if (rows == 4 && step == 4) {
      for (; p <= depth - 4; p += 4) {
        transpose4x4(to, 16, from, rowStep);
        from += 16;
        to += 64;
      }
    }
    for (; p < depth; p++) {
      for (let r = 0; r < 4; r++) {
        store<f32>(to + ((<usize>r) << 2), r < rows ? load<f32>(from + <usize>r * rowStep) : 0);
      }
      from += step;
      to += 16;
    }
  }
}

/** A panel of up to eight columns of B: [depth][8]; columns that do not exist are 0. */
function packPanel(to: usize, b: usize, columns: i32, depth: i32, rowBytes: usize): void {
  const end = to + ((<usize>depth) << 5);
  if (columns == 8) {
    for (; to < end; to += 32) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
      b += rowBytes;
    }
    return;
  }
  for (; to < end; to += 32) {
    for (let j = 0; j < 8; j++) {
      store<f32>(to + ((<usize>j) << 2), j < columns ? load<f32>(b + ((<usize>j) << 2)) : 0);
    }
    b += rowBytes;
  }
}

/**
 * A multiple of sixteen columns of C: whole tiles in place, the last rows by way of a tile of their own; or fewer than
 * sixteen, the same way. Row p of B lies at b + p·step, its panels of eight columns `next` bytes from one another.
 */
function tiles(
  c: usize,
  a: usize,
  b: usize,
  step: usize,
  next: usize,
  edge: usize,
  m: i32,
  columns: i32,
  depth: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  const tileBytes = (<usize>depth) << 4;
  const isWhole = (columns & 15) == 0;
  for (let i = 0; i < m; i += 4) {
    const rows = min(m - i, 4);
    if (rows == 4 && isWhole) {
      gemm4x8(c, a, b, step, next, columns >> 3, depth, rowBytes, accumulate);
    } else if (rows == 2 && isWhole) {
      gemm2x16(c, a, b, step, next, columns >> 4, depth, rowBytes, accumulate);
    } else {
      for (let j = 0; j < columns; j += 16) {
        const width = min(columns - j, 16);
        const from = b + (<usize>j >> 3) * next;
        gemm4x8(edge, a, from, step, next, (width + 7) >> 3, depth, 64, false);
        storeEdge(c + ((<usize>j) << 2), edge, rows, width, rowBytes, accumulate);
      }
    }
    a += tileBytes;
    c += rowBytes << 2;
  }
}

/** The part of a tile of 4×16 that lies inside C. */
function storeEdge(
  c: usize,
  tile: usize,
  rows: i32,
  columns: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  const width = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < width; j += 4) {
      const sum = load<f32>(tile + j);
      store<f32>(c + j, accumulate ? load<f32>(c + j) + sum : sum);
    }
    tile += 64;
    c += rowBytes;
  }
}

/** Tiles of 4 rows by 8 columns, side by side, from a[depth][4] and as many panels of B. */
function gemm4x8(
  c: usize,
  a: usize,
  b: usize,
  step: usize,
  next: usize,
  panels: i32,
  depth: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  for (let panel = 0; panel < panels; panel++) {
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
      addRow(c, c00, c01);
      addRow(c + rowBytes, c10, c11);
      addRow(c + rowBytes * 2, c20, c21);
      addRow(c + rowBytes * 3, c30, c31);
    } else {
      storeRow(c, c00, c01);
      storeRow(c + rowBytes, c10, c11);
      storeRow(c + rowBytes * 2, c20, c21);
      storeRow(c + rowBytes * 3, c30, c31);
    }
    c += 32;
    b += next;
  }
}

/**
 * Tiles of 2 rows by 16 columns, side by side, for the last two rows: a[depth][4], its first two used.
 * A layer of ten classes has ten rows: 4 + 4 + 2 instead of 4 + 4 + 4 is 1.15× its weight gradient.
 */
function gemm2x16(
  c: usize,
  a: usize,
  b: usize,
  step: usize,
  next: usize,
  pairs: i32,
  depth: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  for (let pair = 0; pair < pairs; pair++) {
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let c02 = f32x4.splat(0);
    let c03 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let c12 = f32x4.splat(0);
    let c13 = f32x4.splat(0);
    const end = a + ((<usize>depth) << 4);
    let row = b;
    for (let at = a; at < end; at += 16) {
      const a0 = v128.load32_splat(at);
      const a1 = v128.load32_splat(at, 4);
      const b0 = v128.load(row);
      c00 = multiplyAdd(c00, a0, b0);
      c10 = multiplyAdd(c10, a1, b0);
      const b1 = v128.load(row, 16);
      c01 = multiplyAdd(c01, a0, b1);
      c11 = multiplyAdd(c11, a1, b1);
      const b2 = v128.load(row + next);
      c02 = multiplyAdd(c02, a0, b2);
      c12 = multiplyAdd(c12, a1, b2);
      const b3 = v128.load(row + next, 16);
      c03 = multiplyAdd(c03, a0, b3);
      c13 = multiplyAdd(c13, a1, b3);
      row += step;
    }
    if (accumulate) {
      addRow(c, c00, c01);
      addRow(c + 32, c02, c03);
      addRow(c + rowBytes, c10, c11);
      addRow(c + rowBytes + 32, c12, c13);
    } else {
      storeRow(c, c00, c01);
      storeRow(c + 32, c02, c03);
      storeRow(c + rowBytes, c10, c11);
      storeRow(c + rowBytes + 32, c12, c13);
    }
    c += 64;
    b += next * 2;
  }
}

function storeRow(c: usize, low: v128, high: v128): void {
  v128.store(c, low);
  v128.store(c, high, 16);
}

function addRow(c: usize, low: v128, high: v128): void {
  v128.store(c, f32x4.add(v128.load(c), low));
  v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
}
