/**
 * Winograd's minimal filtering F(2×2, 3×3) over many channels: what the kernels share that go by it.
 *
 *   Y = Aᵀ·(Σ over channels of (G·g·Gᵀ) ⊙ (Bᵀ·d·B))·A     g[3, 3] a filter, d[4, 4] a patch, Y[2, 2] its outputs
 *
 * The matrices stand in transforms.ts. An entry of the 16 is a sum over channels, for each filter and each tile
 * of outputs: so 16 matrix products take the place of the 36 that the direct sum has. (A. Lavin and S. Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016, section 4.)
 *
 * Tiles are taken in whole rows, some of them at a time, so that what belongs to one block stays in the second-level cache:
 *
 *   u[16][filters / 4][channels][4]   transformed filters, packed as tiles.ts reads A
 *   v[16][channels][stride]           transformed patches, a tile a column
 *   m[16][filters][stride]            the products
 *
 * filters rounded up to 4, stride the tiles of a block rounded up to 8. Each of the 16 begins a cache line further on, or all
 * would fall into one set of the first-level cache.
 *
 * Order of the sums: ascending channels. What is summed is up to four times as large as in the direct form, so the last bits
 * differ. A NaN reaches the outputs that it reaches in the direct sum; an infinity too, but may become NaN there (∞ − ∞).
 */
import { multiply } from '../gemm/gemm';
import { tile4x8, tiles2x16 } from '../gemm/tiles';
import { bytes } from '../lib/simd';

/**
 * Channels on both sides from which on this is faster than the direct sums (with fewer, transforms cost more than they spare):
 * 1.3 times with three. With fewer than eight, weight gradients and fused forward are the faster the direct way. Node 20.
 */
export const FEW: i32 = 3;
export const MANY: i32 = 8;

/** Whether kernels are of 3×3 and move by one. */
export function isUnit3x3(kH: i32, kW: i32, strideH: i32, strideW: i32): bool {
  return kH == 3 && kW == 3 && strideH == 1 && strideW == 1;
}

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

/** Bytes of u, v and m. */
export function winogradBytes(inC: i32, outC: i32, outH: i32, outW: i32): i32 {
  const stride = strideOf(rowsOfBlock(outH, outW) * tilesAlong(outW));
  const one = matrixBytes(outC, inC) + matrixBytes(inC, stride) + matrixBytes(outC, stride);
  return <i32>(one << 4);
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
