/**
 * Winograd's minimal filtering F(2×2, 3×3) over many channels: what the kernels share that go by it.
 *
 *   Y = Aᵀ·(Σ over channels of (G·g·Gᵀ) ⊙ (Bᵀ·d·B))·A     g[3, 3] a filter, d[4, 4] a patch, Y[2, 2] its outputs
 *
 * The matrices stand in convReluPoolWinograd.ts. An entry of the 16 is a sum over channels, for each filter and each tile
 * of outputs: so 16 matrix products take the place of the 36 that the direct sum has. (A. Lavin and S. Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016, section 4.)
 *
 * Tiles are taken in whole rows, some of them at a time, so that what belongs to one block stays in the second-level cache:
 *
 *   u[16][filters / 4][channels][4]   transformed filters, packed as gemmTiles.ts reads A
 *   v[16][channels][stride]           transformed patches, a tile a column
 *   m[16][filters][stride]            the products
 *
 * filters rounded up to 4, stride the tiles of a block rounded up to 8. Each of the 16 begins a cache line further on, or all
 * would fall into one set of the first-level cache.
 *
 * Order of the sums: ascending channels. What is summed is up to four times as large as in the direct form, so the last bits
 * differ. A NaN reaches the outputs that it reaches in the direct sum; an infinity too, but may become NaN there (∞ − ∞).
 */
import { multiply } from './gemm';
import { tile4x8, tiles2x16 } from './gemmTiles';
import { bytes, gather } from './simd';

/**
 * Channels on both sides from which on this is faster than the direct sums (with fewer, transforms cost more than they spare):
 * 1.3 times with three. With fewer than eight, weight gradients and fused forward are the faster the direct way. Node 20.
 */
export const FEW: i32 = 3;
export const MANY: i32 = 8;

/** Tiles of a block, about. */
const TILES: i32 = 64;

/**
 * Whether a convolution with kernels of 3×3 that move by one can go this way, which takes four tiles in a row, and gains:
 * so many channels on both sides, and more than one row of tiles.
 */
export function gainsByWinograd(inC: i32, outC: i32, outH: i32, outW: i32, channels: i32): bool {
  return min(inC, outC) >= channels && outW >= 7 && outH >= 4;
}

/** Tiles in a row or column of so many outputs. */
export function tilesAlong(out: i32): i32 {
  return (out + 1) >> 1;
}

/** Rows of tiles in a block. */
export function rowsOfBlock(outH: i32, outW: i32): i32 {
  const down = tilesAlong(outH);
  const blocks = (down * tilesAlong(outW) + TILES - 1) / TILES;
  return (down + blocks - 1) / blocks;
}

/** Numbers from a row of v or m to the next: the columns that the products have. */
export function strideOf(tiles: i32): i32 {
  return (tiles + 7) & ~7;
}

/** Bytes from one of the 16 matrices to the next. */
export function matrixBytes(rows: i32, stride: i32): usize {
  return bytes(((rows + 3) & ~3) * stride) + 64;
}

/** Bytes of what addFilters puts aside. */
export const CONTRACT_BYTES: usize = 336;

/** Bytes of u, v and m. */
export function winogradBytes(inC: i32, outC: i32, outH: i32, outW: i32): i32 {
  const stride = strideOf(rowsOfBlock(outH, outW) * tilesAlong(outW));
  const one = matrixBytes(outC, inC) + matrixBytes(inC, stride) + matrixBytes(outC, stride);
  return <i32>(one << 4);
}

/**
 * u = G·g·Gᵀ for each filter and channel, where g begins at w + filter·filterStep + channel·channelStep, or ends there,
 * turned by half a turn.
 */
export function transformFilters(
  u: usize,
  w: usize,
  filters: i32,
  channels: i32,
  filterStep: usize,
  channelStep: usize,
  isTurned: bool,
): void {
  const matrix = matrixBytes(filters, channels);
  const tap: usize = isTurned ? <usize>-4 : 4;
  for (let o = 0; o < filters; o += 4) {
    const some = filters - o;
    for (let c = 0; c < channels; c++) {
      const g = w + <usize>o * filterStep + <usize>c * channelStep + (isTurned ? 32 : 0);
      for (let q: usize = 0; q < 3; q++) {
        const top = g + q * tap;
        const g0 = gather(top, filterStep, some);
        const g1 = gather(top + tap * 3, filterStep, some);
        const g2 = gather(top + tap * 6, filterStep, some);
        expand(u + q * matrix, matrix * 4, g0, g1, g2);
      }
      for (let row = u; row < u + matrix * 16; row += matrix * 4) {
        const g1 = v128.load(row + matrix);
        expand(row, matrix, v128.load(row), g1, v128.load(row + matrix * 2));
      }
      u += 16;
    }
  }
}

/** G times a column of three. */
function expand(to: usize, step: usize, g0: v128, g1: v128, g2: v128): void {
  const half = f32x4.splat(0.5);
  const ends = f32x4.add(g0, g2);
  v128.store(to, g0);
  v128.store(to + step, f32x4.mul(half, f32x4.add(ends, g1)));
  v128.store(to + step * 2, f32x4.mul(half, f32x4.sub(ends, g1)));
  v128.store(to + step * 3, g2);
}

/**
 * v = Bᵀ·d·B of so many rows of tiles, `across` ≥ 4 in each. image: f32[channels][plane], `pitch` numbers from row to row,
 * from the first row of the first patch on. The last four tiles of a row may overlap the four before.
 */
export function transformPatches(
  v: usize,
  image: usize,
  channels: i32,
  plane: i32,
  pitch: i32,
  rows: i32,
  across: i32,
  stride: i32,
): void {
  const matrix = matrixBytes(channels, stride);
  const rowBytes = bytes(pitch);
  for (let c = 0; c < channels; c++) {
    let top = image + bytes(c * plane);
    let to = v + bytes(c * stride);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < across; j += 4) {
        const first = min(j, across - 4);
        transformFour(to + bytes(first), matrix, top + bytes(2 * first), rowBytes);
      }
      top += rowBytes * 2;
      to += bytes(across);
    }
  }
}

/** Four patches side by side. */
function transformFour(to: usize, matrix: usize, d0: usize, rowBytes: usize): void {
  const d1 = d0 + rowBytes;
  const d2 = d1 + rowBytes;
  const d3 = d2 + rowBytes;
  subtractRows(to, matrix, d0, d2);
  const four = to + matrix * 4;
  expandRow(
    four,
    matrix,
    f32x4.add(v128.load(d1), v128.load(d2)),
    f32x4.add(v128.load(d1, 8), v128.load(d2, 8)),
    f32x4.add(v128.load(d1, 16), v128.load(d2, 16)),
    f32x4.add(v128.load(d1, 24), v128.load(d2, 24)),
  );
  subtractRows(four + matrix * 4, matrix, d2, d1);
  subtractRows(four + matrix * 8, matrix, d1, d3);
}

function subtractRows(to: usize, matrix: usize, a: usize, b: usize): void {
  expandRow(
    to,
    matrix,
    f32x4.sub(v128.load(a), v128.load(b)),
    f32x4.sub(v128.load(a, 8), v128.load(b, 8)),
    f32x4.sub(v128.load(a, 16), v128.load(b, 16)),
    f32x4.sub(v128.load(a, 24), v128.load(b, 24)),
  );
}

/** A row times B for four patches, whose first columns are 0, 2, 4 and 6. e0: columns 0 to 3, e2: 2 to 5, and so on. */
function expandRow(to: usize, matrix: usize, e0: v128, e2: v128, e4: v128, e6: v128): void {
  const d0 = v128.shuffle<f32>(e0, e4, 0, 2, 4, 6);
  const d1 = v128.shuffle<f32>(e0, e4, 1, 3, 5, 7);
  const d2 = v128.shuffle<f32>(e2, e6, 0, 2, 4, 6);
  const d3 = v128.shuffle<f32>(e2, e6, 1, 3, 5, 7);
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + matrix, f32x4.add(d1, d2));
  v128.store(to + matrix * 2, f32x4.sub(d2, d1));
  v128.store(to + matrix * 3, f32x4.sub(d1, d3));
}

/** m = u·v, 16 times, over the first so many tiles. */
export function multiplyTiles(
  m: usize,
  u: usize,
  v: usize,
  filters: i32,
  channels: i32,
  tiles: i32,
  stride: i32,
): void {
  const rowBytes = bytes(stride);
  const columns = strideOf(tiles);
  const whole = columns >> 4;
  const last = bytes(whole << 4);
  for (let xi = 0; xi < 16; xi++) {
    let a = u;
    let to = m;
    for (let o = 0; o < filters; o += 4) {
      tiles2x16(to, a, v, rowBytes, whole, channels, rowBytes, false);
      tiles2x16(to + rowBytes * 2, a + 8, v, rowBytes, whole, channels, rowBytes, false);
      if (columns & 8) tile4x8(to + last, a, v + last, rowBytes, channels, rowBytes);
      a += bytes(channels * 4);
      to += rowBytes * 4;
    }
    m += matrixBytes(filters, stride);
    u += matrixBytes(filters, channels);
    v += matrixBytes(channels, stride);
  }
}

/** to[4][4] = Aᵀ·m·A of four tiles side by side: their first outputs, the second ones, and so on. */
export function transformOutputs(to: usize, m: usize, matrix: usize): void {
  const m1 = m + matrix * 4;
  const m2 = m + matrix * 8;
  const m3 = m + matrix * 12;
  const a1 = v128.load(m1);
  const a2 = v128.load(m2);
  const a = upper(v128.load(m), a1, a2);
  const e = lower(a1, a2, v128.load(m3));
  const b1 = v128.load(m1 + matrix);
  const b2 = v128.load(m2 + matrix);
  const b = upper(v128.load(m + matrix), b1, b2);
  const f = lower(b1, b2, v128.load(m3 + matrix));
  const c1 = v128.load(m1 + matrix * 2);
  const c2 = v128.load(m2 + matrix * 2);
  const c = upper(v128.load(m + matrix * 2), c1, c2);
  const g = lower(c1, c2, v128.load(m3 + matrix * 2));
  v128.store(to, upper(a, b, c));
  v128.store(to, upper(e, f, g), 32);
  const d1 = v128.load(m1 + matrix * 3);
  const d2 = v128.load(m2 + matrix * 3);
  const d = upper(v128.load(m + matrix * 3), d1, d2);
  const h = lower(d1, d2, v128.load(m3 + matrix * 3));
  v128.store(to, lower(b, c, d), 16);
  v128.store(to, lower(f, g, h), 48);
}

/** to = A·dY·Aᵀ of four tiles side by side, given their first gradients, their second ones, and so on. */
export function transformGradients(
  to: usize,
  matrix: usize,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
): void {
  const row = matrix * 4;
  widen(to, matrix, a0, a1);
  widen(to + row, matrix, f32x4.add(a0, a2), f32x4.add(a1, a3));
  widen(to + row * 2, matrix, f32x4.sub(a0, a2), f32x4.sub(a1, a3));
  widen(to + row * 3, matrix, f32x4.neg(a2), f32x4.neg(a3));
}

/** A times a column of two. */
function widen(to: usize, step: usize, a: v128, b: v128): void {
  v128.store(to, a);
  v128.store(to + step, f32x4.add(a, b));
  v128.store(to + step * 2, f32x4.sub(a, b));
  v128.store(to + step * 3, f32x4.neg(b));
}

/** s[16][channels, filters] += v·mᵀ, 16 times, over so many tiles. */
export function sumTiles(
  s: usize,
  v: usize,
  m: usize,
  scratch: usize,
  channels: i32,
  filters: i32,
  tiles: i32,
  stride: i32,
): void {
  const step = bytes(stride);
  for (let xi = 0; xi < 16; xi++) {
    multiply(s, v, m, scratch, channels, filters, tiles, step, 4, 4, step, true);
    s += matrixBytes(channels, filters);
    v += matrixBytes(channels, stride);
    m += matrixBytes(filters, stride);
  }
}

/** dw[filters, channels, 3, 3] += Gᵀ·s·G, four filters at a time. aside: CONTRACT_BYTES of scratch. */
export function addFilters(dw: usize, s: usize, aside: usize, filters: i32, channels: i32): void {
  const matrix = matrixBytes(channels, filters);
  const taps = aside + 192;
  for (let c = 0; c < channels; c++) {
    for (let o = 0; o < filters; o += 4) {
      const from = s + bytes(c * filters + o);
      for (let q: usize = 0; q < 4; q++)
        contract(aside + q * 16, 64, from + q * matrix, matrix * 4);
      for (let p: usize = 0; p < 3; p++) contract(taps + p * 48, 16, aside + p * 64, 16);
      for (let f = 0; f < min(filters - o, 4); f++) {
        const to = dw + bytes(((o + f) * channels + c) * 9);
        for (let tap: usize = 0; tap < 9; tap++) {
          const at = to + tap * 4;
          store<f32>(at, load<f32>(at) + load<f32>(taps + tap * 16 + bytes(f)));
        }
      }
    }
  }
}

/** Gᵀ times a column of four. */
function contract(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  const half = f32x4.splat(0.5);
  const s1 = v128.load(from + fromStep);
  const s2 = v128.load(from + fromStep * 2);
  const middle = f32x4.mul(half, f32x4.add(s1, s2));
  v128.store(to, f32x4.add(v128.load(from), middle));
  v128.store(to + toStep, f32x4.mul(half, f32x4.sub(s1, s2)));
  v128.store(to + toStep * 2, f32x4.add(middle, v128.load(from + fromStep * 3)));
}

/** Row 0 of Aᵀ times a column. */
export function upper(m0: v128, m1: v128, m2: v128): v128 {
  return f32x4.add(m0, f32x4.add(m1, m2));
}

/** Row 1. */
export function lower(m1: v128, m2: v128, m3: v128): v128 {
  return f32x4.sub(f32x4.sub(m1, m2), m3);
}
