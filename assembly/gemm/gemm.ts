/**
 * Matrix multiplication in the three transposes that training needs.
 *
 *   gemmNN   C[m, n] += A[m, k]·B[k, n]
 *   gemmNT   C[m, n] += A[m, k]·B[n, k]ᵀ
 *   gemmTN   C[m, n] += A[k, m]ᵀ·B[k, n]
 *
 * c: f32[m, n]. All matrices are f32, row-major and contiguous. Byte addresses; nothing overlaps; C is added to. A NaN
 * spreads as in the formula.
 *
 *   function         shape                                 path                         file
 *   gemmNN, gemmTN   n ≥ 16, a block of k ≤ 64             tiles, B read in place       tiles.ts
 *                    any other                             tiles, B packed in panels    tiles.ts
 *   gemmNT           m ≥ 24, n ≥ 96 or a multiple of 16    tiles, B turned to panels    tiles.ts
 *                    any other                             dot products                 dots.ts
 *
 * A is packed in tiles of four rows, B in panels of sixteen columns; the inner loops walk down both. (Goto & van de Geijn,
 * "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008, section 4.)
 *
 * Order of the sums of tiles, the same for every one: k is cut in blocks of 256. Within a block, entries are added in ascending
 * k. The sums of the blocks are added to C in order.
 * Of dot products: k is cut in blocks of 512. Within a block, lane l adds the entries with k ≡ l (mod 4) in ascending k. The
 * lanes are added as (0 + 2) + (1 + 3), and the sums of the blocks to C in order.
 *
 *   scratch: A in tiles, 4·kBlock each │ panels of B, 16·kBlock each │ one tile of 4×16, for the edges of C
 */

import { bytesOf, saturate } from '../lib/bytes';
import { bytes, gather, loadTail, transpose4x4 } from '../lib/simd';
import { multiplyDots } from './dots';
import { storeFour, tile4x8, tiles2x16 } from './tiles';

/** Rows of a block: a panel of B fills half of a first-level cache of 32 kB. */
const K_BLOCK: i32 = 256;

/**
 * With at most 64 rows of B, packing B costs more than it saves. Besides, C is then read and written in long runs, which a
 * processor fetches ahead; columns sixteen at a time touch another page in every row of C.
 * Measured: B in place 1.25× the speed for the gradients of a layer of ten classes in a shard of sixteen images, 1.7× with
 * 9,216 inputs and 128 outputs.
 */
const DIRECT_DEPTH: i32 = 64;

/**
 * Numbers of B that are then taken at once: 64 kB. The runs of C matter more than a first-level cache.
 * Measured: 0.97 of the time of a quarter of it for 128×9216×16, 0.94 for 512×4096×16; 128 kB and more gain no more but at
 * 512×4096×16.
 */
const DIRECT_NUMBERS: i32 = 16384;

/**
 * Panels that are packed in one go if the rows of B lie in different pages: those are then read in runs of 256 bytes.
 * Measured: 0.78 of the time for 16×9216×128, 0.98 for 16×4096×512; with two panels 0.81 and 1.0 (Node 20). 1.05 for small
 * matrices with wide vectors, so those are packed panel by panel.
 */
const PANELS: i32 = 4;
const FAR_APART: usize = 4096;

/**
 * Whether turning B into panels costs less than the slower loop of dot products: if there are enough rows to make up for it,
 * and if all panels are full or there are many of them.
 * Measured: 1.2× the speed at 64×64×64, 0.9× at 64×36×300.
 */
function isWorthTurning(m: i32, n: i32): bool {
  return m >= 24 && (n >= 96 || (n & 15) == 0);
}

/** Bytes of scratch for a product of these sizes; 2³¹ − 1: too many, do not call the kernel. */
export function gemmScratchBytes(m: i32, n: i32, k: i32): i32 {
  assert(m >= 0 && n >= 0 && k >= 0);
  return saturate(gemmBytes(m, k));
}

/** The same for other kernels. The columns of C do not matter: so many panels of B are packed at a time. */
export function gemmBytes(m: f64, k: f64): f64 {
  // dots need four rows of B in blocks of 512, which is no more than a panel
  return bytesOf((ceil<f64>(m / 4) * 4 + 16 * PANELS) * min<f64>(k, K_BLOCK) + 64);
}

/**
 * C += A·B. a: f32[m, k]. b: f32[k, n].
 *
 * @adds c
 * @bytes scratch gemmScratchBytes(m, n, k)
 */
export function gemmNN(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  multiply(c, a, b, scratch, m, n, k, bytes(k), 4, bytes(n), 4, true);
}

/**
 * C += A·Bᵀ. a: f32[m, k]. b: f32[n, k]. If m < 24, or if n < 96 and not a multiple of 16, the order of the sums is that of
 * dots.ts.
 *
 * @adds c
 * @bytes scratch gemmScratchBytes(m, n, k)
 */
export function gemmNT(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  if (isWorthTurning(m, n)) multiply(c, a, b, scratch, m, n, k, bytes(k), 4, 4, bytes(k), true);
  else multiplyDots(c, a, b, scratch, m, n, k);
}

/**
 * C += Aᵀ·B. a: f32[k, m]. b: f32[k, n].
 *
 * @adds c
 * @bytes scratch gemmScratchBytes(m, n, k)
 */
export function gemmTN(c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32): void {
  multiply(c, a, b, scratch, m, n, k, 4, bytes(m), bytes(n), 4, true);
}

/**
 * C = or += A·B. Entry (i, p) of A lies at a + i·rowStep + p·step, entry (p, j) of B at b + p·deeper + j·across. One of
 * rowStep and step is 4, and one of deeper and across.
 * Measured: overwriting saves a pass over C, 8 % of a product with k = 10.
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
  deeper: usize,
  across: usize,
  accumulate: bool,
): void {
  assert(m >= 0 && n >= 0 && k >= 0);
  if (k == 0 && !accumulate) memory.fill(c, 0, (<usize>m * <usize>n) << 2);
  const rowBytes = bytes(n);
  for (let p = 0; p < k; p += K_BLOCK) {
    const depth = min(k - p, K_BLOCK);
    const panel = scratch + bytes(((m + 3) & ~3) * depth);
    const edge = panel + ((<usize>(depth * PANELS)) << 6);
    packA(scratch, a + <usize>p * step, m, depth, rowStep, step);
    const from = b + <usize>p * deeper;
    let j = 0;
    if (depth <= DIRECT_DEPTH && across == 4) {
      const atOnce = (DIRECT_NUMBERS / depth) & ~15;
      for (; n - j >= 16; j += atOnce) {
        const columns = min(n - j, atOnce) & ~15;
        const at = from + bytes(j);
        tiles(c + bytes(j), scratch, at, deeper, edge, m, columns, depth, rowBytes, accumulate);
      }
      j = n & ~15;
    }
    const panelBytes = (<usize>depth) << 6;
    const isFarApart = across == 4 && deeper >= FAR_APART;
    for (; isFarApart && n - j >= 16 * PANELS; j += 16 * PANELS) {
      packPanels(panel, from + bytes(j), depth, deeper);
      for (let q = 0; q < PANELS; q++) {
        const at = panel + <usize>q * panelBytes;
        tiles(c + bytes(j + 16 * q), scratch, at, 64, edge, m, 16, depth, rowBytes, accumulate);
      }
    }
    for (; j < n; j += 16) {
      const columns = min(n - j, 16);
      packPanel(panel, from + <usize>j * across, columns, depth, deeper, across);
      tiles(c + bytes(j), scratch, panel, 64, edge, m, columns, depth, rowBytes, accumulate);
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

/** Panels side by side, each as packPanel's. A row of B is read in one run. */
function packPanels(to: usize, b: usize, depth: i32, deeper: usize): void {
  const panelBytes = (<usize>depth) << 6;
  const width = panelBytes * PANELS;
  for (let p = 0; p < depth; p++) {
    let from = b;
    for (let at: usize = 0; at < width; at += panelBytes) {
      storeFour(
        to + at,
        v128.load(from),
        v128.load(from, 16),
        v128.load(from, 32),
        v128.load(from, 48),
      );
      from += 64;
    }
    b += deeper;
    to += 64;
  }
}

/** A panel of up to sixteen columns of B: [depth][16]; columns that do not exist are 0. */
function packPanel(
  to: usize,
  b: usize,
  columns: i32,
  depth: i32,
  deeper: usize,
  across: usize,
): void {
  let p = 0;
  if (columns == 16 && across == 4) {
    for (; p < depth; p++) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
      v128.store(to, v128.load(b, 32), 32);
      v128.store(to, v128.load(b, 48), 48);
      b += deeper;
      to += 64;
    }
  } else if (columns == 16) {
    for (; p <= depth - 4; p += 4) {
      for (let j: usize = 0; j < 16; j += 4) {
        transpose4x4(to + j * 4, 64, b + j * across, across);
      }
      b += 16;
      to += 256;
    }
  }
  for (; p < depth; p++) {
    for (let j = 0; j < 16; j += 4) {
      const at = b + <usize>j * across;
      v128.store(
        to + bytes(j),
        across == 4 ? loadUpTo4(at, columns - j) : gather(at, across, columns - j),
      );
    }
    b += deeper;
    to += 64;
  }
}

/** The numbers at `address`, at most four, then zeros. */
function loadUpTo4(address: usize, count: i32): v128 {
  if (count >= 4) return v128.load(address);
  return count > 0 ? loadTail(address, count) : f32x4.splat(0);
}

/**
 * A multiple of sixteen columns of C, or fewer than sixteen. Whole tiles go straight to C; a last odd row, or fewer than
 * sixteen columns, go by `edge`. Up to eight columns are taken four rows at a time.
 */
function tiles(
  c: usize,
  a: usize,
  b: usize,
  step: usize,
  edge: usize,
  m: i32,
  columns: i32,
  depth: i32,
  rowBytes: usize,
  accumulate: bool,
): void {
  const tileBytes = (<usize>depth) << 4;
  for (let i = 0; i < m; i += 4) {
    const rows = min(m - i, 4);
    if (columns <= 8) {
      tile4x8(edge, a, b, step, depth, 32, false);
      storeEdge(c, edge, rows, columns, 32, rowBytes, accumulate);
    } else {
      for (let r = 0; r < rows; r += 2) {
        const from = a + bytes(r);
        const to = c + <usize>r * rowBytes;
        if (columns >= 16 && r + 1 < rows) {
          tiles2x16(to, from, b, step, columns >> 4, depth, rowBytes, accumulate);
        } else {
          for (let j = 0; j < columns; j += 16) {
            const at = bytes(j);
            tiles2x16(edge, from, b + at, step, 1, depth, 64, false);
            storeEdge(
              to + at,
              edge,
              min(rows - r, 2),
              min(columns - j, 16),
              64,
              rowBytes,
              accumulate,
            );
          }
        }
      }
    }
    a += tileBytes;
    c += rowBytes << 2;
  }
}

/** The part of a tile that lies inside C. */
function storeEdge(
  c: usize,
  tile: usize,
  rows: i32,
  columns: i32,
  tileRowBytes: usize,
  rowBytes: usize,
  accumulate: bool,
): void {
  const width = bytes(columns);
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < width; j += 4) {
      const sum = load<f32>(tile + j);
      store<f32>(c + j, accumulate ? load<f32>(c + j) + sum : sum);
    }
    tile += tileRowBytes;
    c += rowBytes;
  }
}
