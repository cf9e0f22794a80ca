/**
 * Winograd's minimal filtering F(4×4, 3×3) over many channels: what is common to all kernels that use it.
 *
 *   Y = Aᵀ·(Σ over channels of (G·g·Gᵀ) ⊙ (Bᵀ·d·B))·A     g[3, 3] a filter, d[6, 6] a patch, Y[4, 4] its outputs: a tile
 *
 * For each filter and each tile, every one of the 36 entries is a sum over channels. So 36 matrix products take the place of
 * the 144 that the direct sum has. (A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016,
 * section 4.) The points of interpolation are 0, ±√½, ±√2 and ∞:
 *
 *         1   0   -5/2   0   1   0           1      0     0
 *         0  -√2   -2   √½   1   0         -2/3  -√2/3  -1/3            1   1    1    1    1   0
 *   Bᵀ =  0   √2   -2  -√½   1   0     G = -2/3   √2/3  -1/3     Aᵀ =   0  √½  -√½   √2  -√2   0
 *         0  -√½   -½   √2   1   0          1/6   √2/6   1/3            0   ½    ½    2    2   0
 *         0   √½   -½  -√2   1   0          1/6  -√2/6   1/3            0  √⅛  -√⅛   √8  -√8   1
 *         0   1     0  -5/2  0   1           0      0     1
 *
 * Measured: RMS error 0.7e-6 of the outputs' RMS over 64 channels; 1.3e-6 with the usual points 0, ±1, ±2.
 *
 * The tiles of a batch are numbered in row-major order, image after image, and taken in blocks (tiling.ts):
 *
 *   u[36][filters / 4][channels][4]   transformed filters (filters.ts), packed as tiles.ts reads A
 *   v[36][channels][16]               transformed patches (patches.ts), a tile a column
 *   m[36][filters][16]                the products, of which outputs.ts makes Y
 *
 * filters is rounded up to 4. The gradient of the filters sums over tiles instead, in blocks of 32:
 *
 *   v[36][channels / 4][32][4]        transformed patches, packed as tiles.ts reads A
 *   m[36][32][columns]                transformed gradients, a filter a column
 *   sums[36][channels][columns]       their products, of which filters.ts makes dw
 *
 * columns is filters rounded up to 8. Each of the 36 matrices begins a cache line further on: without that, all would fall
 * into one set of the first-level cache.
 *
 * Order of the sums: ascending channels, or tiles. The numbers summed are larger than in the direct form, so the last bits
 * differ. A NaN or an infinity in a patch reaches every output that it reaches in the direct sum, and may make NaNs of other
 * outputs of the same tile. An output whose patch is 0 throughout is exactly 0, also under a NaN weight (blank.ts); but not in
 * backward input of convReluPool, which has no masks. Equal patches that are not 0 may give outputs that differ in the last bits.
 */
import { tile4x8, tiles2x16 } from '../gemm/tiles';
import { bytesOf } from '../lib/bytes';
import { bytes, roundUp } from '../lib/simd';

/** Entries of a transformed patch or filter. */
export const ENTRIES: usize = 36;

export const SQRT_HALF: f32 = 0.7071067811865476;
export const SQRT_TWO: f32 = 1.4142135623730951;

/** Tiles of a block if the sums go over channels, and if they go over tiles. */
export const TILES: i32 = 16;
export const DEEP_TILES: i32 = 32;

/**
 * The least number of channels, on both sides, with which Winograd's tiles are faster than the direct sums. With fewer, the
 * transforms cost more than they save. FEW: forward and backward input of conv2d, backward input of convReluPool. MANY: the
 * gradients of the weights, and forward of convReluPool. Gradients gain from three channels on, but where the direct sum is
 * exactly 0, tiles leave a rounding error, which Adam and its like scale up to a whole step: so small networks keep direct sums.
 */
export const FEW: i32 = 3;
export const MANY: i32 = 8;

/**
 * Whether a convolution with 3×3 kernels that move by one gains by Winograd's tiles: if there are at least `channels`
 * channels on both sides, and not more than half of the outputs of the tiles lie beyond the outH × outW wanted ones.
 */
export function gainsByWinograd(inC: i32, outC: i32, outH: i32, outW: i32, channels: i32): bool {
  if (outH <= 0 || outW <= 0) return false;
  const computed = <f64>tilesAlong(outH) * tilesAlong(outW) * 16;
  return min(inC, outC) >= channels && computed <= <f64>outH * outW * 2;
}

/** Tiles in a row or column of `out` outputs. */
export function tilesAlong(out: i32): i32 {
  return ((out - 1) >> 2) + 1;
}

/** Filters rounded up to the width of a product: the columns of the sums of the gradient. */
export function columnsOf(filters: i32): i32 {
  return (filters + 7) & ~7;
}

/** Bytes from one of the 36 matrices to the next. */
export function matrixBytes(rows: i32, columns: i32): usize {
  return bytes(roundUp(rows) * columns) + 64;
}

/** Bytes of all 36. */
export function matricesBytes(rows: f64, columns: f64): f64 {
  return (bytesOf((rows + 3) * columns) + 64) * ENTRIES;
}

/** m = u·v, 36 times, over the first `columns` columns, a multiple of 8. */
export function multiplyTiles(
  m: usize,
  u: usize,
  v: usize,
  filters: i32,
  channels: i32,
  columns: i32,
): void {
  const whole = columns >> 4;
  const last = bytes(whole << 4);
  const rowBytes = bytes(TILES);
  const filterBytes = bytes(channels * 4);
  const mStep = matrixBytes(filters, TILES);
  const uStep = matrixBytes(filters, channels);
  const vStep = matrixBytes(channels, TILES);
  for (let entry: usize = 0; entry < ENTRIES; entry++) {
    let a = u;
    let to = m;
    for (let o = 0; o < filters; o += 4) {
      tiles2x16(to, a, v, rowBytes, whole, channels, rowBytes, false);
      tiles2x16(to + rowBytes * 2, a + 8, v, rowBytes, whole, channels, rowBytes, false);
      if (columns & 8) tile4x8(to + last, a, v + last, rowBytes, channels, rowBytes, false);
      a += filterBytes;
      to += rowBytes * 4;
    }
    m += mStep;
    u += uStep;
    v += vStep;
  }
}

/** sums += v·m, 36 times, over `tiles` tiles. */
export function sumTiles(
  sums: usize,
  v: usize,
  m: usize,
  filters: i32,
  channels: i32,
  tiles: i32,
): void {
  const columns = columnsOf(filters);
  const whole = columns >> 4;
  const last = bytes(whole << 4);
  const rowBytes = bytes(columns);
  const channelBytes = bytes(DEEP_TILES * 4);
  const sumStep = matrixBytes(channels, columns);
  const vStep = matrixBytes(channels, DEEP_TILES);
  const mStep = matrixBytes(DEEP_TILES, columns);
  for (let entry: usize = 0; entry < ENTRIES; entry++) {
    let a = v;
    let to = sums;
    for (let c = 0; c < channels; c += 4) {
      tiles2x16(to, a, m, rowBytes, whole, tiles, rowBytes, true);
      tiles2x16(to + rowBytes * 2, a + 8, m, rowBytes, whole, tiles, rowBytes, true);
      if (columns & 8) tile4x8(to + last, a, m + last, rowBytes, tiles, rowBytes, true);
      a += channelBytes;
      to += rowBytes * 4;
    }
    sums += sumStep;
    v += vStep;
    m += mStep;
  }
}
