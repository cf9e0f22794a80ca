/**
 * Matrix multiplication, added to C, in the three transposes that training needs.
 *
 *   gemmNN   C[m, n] += A[m, k]·B[k, n]
 *   gemmNT   C[m, n] += A[m, k]·B[n, k]ᵀ
 *   gemmTN   C[m, n] += A[k, m]ᵀ·B[k, n]
 *
 * f32, row-major, contiguous, byte addresses; nothing overlaps; C is added to. A NaN spreads as in the formula.
 *
 * Eight columns of B are copied into a panel, row after row, the last one filled up with zeros; a tile of 4×8 keeps its
 * eight accumulators in registers while it walks down the panel. Each entry of C is Σ a·b in ascending k, then added to
 * C: its bits depend on k alone, not on the tile it falls into.
 *
 *   scratch: the panel, 8·k numbers; then one tile, 32 numbers, where a tile reaches over the edge of C
 */

/** Bytes of scratch for a product of these sizes. */
export function gemmScratchBytes(m: i32, n: i32, k: i32): i32 {
  assert(m >= 0 && n >= 0 && k >= 0);
  return (k << 5) + 128;
}

/** C += A·B */
export function gemmNN(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  for (let j = 0; j < n; j += 8) {
    packRows(scratch, b + ((<usize>j) << 2), min(n - j, 8), k, n);
    panel(c + ((<usize>j) << 2), a, scratch, m, min(n - j, 8), k, n, (<usize>k) << 2, 4);
  }
}

/** C += A·Bᵀ */
export function gemmNT(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  for (let j = 0; j < n; j += 8) {
    packColumns(scratch, b + ((<usize>j * <usize>k) << 2), min(n - j, 8), k);
    panel(c + ((<usize>j) << 2), a, scratch, m, min(n - j, 8), k, n, (<usize>k) << 2, 4);
  }
}

/** C += Aᵀ·B */
export function gemmTN(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  for (let j = 0; j < n; j += 8) {
    packRows(scratch, b + ((<usize>j) << 2), min(n - j, 8), k, n);
    panel(c + ((<usize>j) << 2), a, scratch, m, min(n - j, 8), k, n, 4, (<usize>m) << 2);
  }
}

/** Panel of `columns` columns of B[k, n]. */
function packRows(to: usize, b: usize, columns: i32, k: i32, n: i32): void {
  const rowBytes = (<usize>n) << 2;
  for (let p = 0; p < k; p++) {
    if (columns == 8) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
    } else {
      for (let j = 0; j < 8; j++) {
        store<f32>(to + ((<usize>j) << 2), j < columns ? load<f32>(b + ((<usize>j) << 2)) : 0);
      }
    }
    to += 32;
    b += rowBytes;
  }
}

/** Panel of `columns` rows of B[n, k], each a column of Bᵀ. */
function packColumns(to: usize, b: usize, columns: i32, k: i32): void {
  const rowBytes = (<usize>k) << 2;
  for (let j = 0; j < 8; j++) {
    const at = to + ((<usize>j) << 2);
    const row = b + <usize>j * rowBytes;
    for (let p = 0; p < k; p++) {
      store<f32>(at + ((<usize>p) << 5), j < columns ? load<f32>(row + ((<usize>p) << 2)) : 0);
    }
  }
}

/** One panel: `columns` columns of C. A's entry (i, p) lies at a + i·rowStep + p·step. */
function panel(
  c: usize,
  a: usize,
  b: usize,
  m: i32,
  columns: i32,
  k: i32,
  n: i32,
  rowStep: usize,
  step: usize,
): void {
  const tile = b + ((<usize>k) << 5);
  const rowBytes = (<usize>n) << 2;
  for (let i = 0; i < m; i += 4) {
    const rows = min(m - i, 4);
    const from = a + <usize>i * rowStep;
    const to = c + <usize>i * rowBytes;
    if (rows == 4 && columns == 8) {
      gemm4x8(to, from, b, k, rowBytes, rowStep, rowStep << 1, rowStep * 3, step);
      continue;
    }
    // over the edge: rows that do not exist repeat the last one and are thrown away
    memory.fill(tile, 0, 128);
    const last = <usize>(rows - 1) * rowStep;
    gemm4x8(tile, from, b, k, 32, min(rowStep, last), min(rowStep << 1, last), last, step);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) {
        const at = to + <usize>r * rowBytes + ((<usize>j) << 2);
        const value = load<f32>(tile + ((<usize>(r * 8 + j)) << 2));
        store<f32>(at, load<f32>(at) + value);
      }
    }
  }
}

/** A tile of 4 rows by 8 columns: eight accumulators, two vectors of B and one entry of A in registers. */
function gemm4x8(
  c: usize,
  a: usize,
  b: usize,
  k: i32,
  rowBytes: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  step: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const end = b + ((<usize>k) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(a + row1);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(a + row2);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(a + row3);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += step;
    b += 32;
  }
  addRow(c, c00, c01);
  addRow(c + rowBytes, c10, c11);
  addRow(c + rowBytes * 2, c20, c21);
  addRow(c + rowBytes * 3, c30, c31);
}

function addRow(c: usize, low: v128, high: v128): void {
  v128.store(c, f32x4.add(v128.load(c), low));
  v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
}
