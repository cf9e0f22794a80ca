/**
 * Winograd's minimal filtering F(2×2, 3×3) over many channels: the part that is common to all kernels that use it.
 *
 *   Y = Aᵀ·(Σ over channels of (G·g·Gᵀ) ⊙ (Bᵀ·d·B))·A     g[3, 3] a filter, d[4, 4] a patch, Y[2, 2] its outputs
 *
 * The matrices are in transforms.ts. For each filter and each tile of outputs, every one of the 16 entries is a sum over
 * channels. So 16 matrix products take the place of the 36 that the direct sum has. (A. Lavin and S. Gray, "Fast Algorithms
 * for Convolutional Neural Networks", 2016, section 4.)
 *
 * A block is some whole rows of tiles, so few that its numbers stay in the second-level cache:
 *
 *   u[16][filters / 4][channels][4]   transformed filters, packed as tiles.ts reads A
 *   v[16][channels][stride]           transformed patches, a tile a column
 *   m[16][filters][stride]            the products
 *
 * filters is rounded up to 4; stride is the number of tiles of a block, rounded up to 8. Each of the 16 matrices begins a
 * cache line further on: without that, all would fall into one set of the first-level cache.
 *
 * Order of the sums: ascending channels. The numbers summed are up to four times as large as in the direct form, so the last
 * bits differ. A NaN reaches the outputs that it reaches in the direct sum. So does an infinity, but it may become NaN there
 * (∞ − ∞).
 */
import { multiply } from '../gemm/gemm';
import { tile4x8, tiles2x16 } from '../gemm/tiles';
import { bytesOf } from '../lib/bytes';
import { bytes, roundUp } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/**
 * The least number of channels, on both sides, with which Winograd's tiles are faster than the direct sums. With fewer, the
 * transforms cost more than they save. FEW: forward and backward input of conv2d, backward input of convReluPool. MANY: the
 * gradients of the weights, and forward of convReluPool.
 * Measured: 1.3× the speed with three channels (Node 20).
 */
export const FEW: i32 = 3;
export const MANY: i32 = 8;

/** Tiles of a block, about. */
const TILES: i32 = 64;

/**
 * Whether a convolution with 3×3 kernels that move by one can use Winograd's tiles, and gains by it: if there are at least
 * `channels` channels on both sides, four tiles in a row and two rows of tiles.
 */
export function gainsByWinograd(inC: i32, outC: i32, outH: i32, outW: i32, channels: i32): bool {
  return min(inC, outC) >= channels && outW >= 7 && outH >= 4;
}

/** Tiles in a row or column of `out` outputs. */
export function tilesAlong(out: i32): i32 {
  return (out + 1) >> 1;
}

/** Rows of tiles in a block. */
export function rowsOfBlock(outH: i32, outW: i32): i32 {
  const down = <i64>tilesAlong(outH);
  const blocks = (down * tilesAlong(outW) + TILES - 1) / TILES;
  return <i32>((down + blocks - 1) / blocks);
}

/** Numbers from a row of v or m to the next, for blocks of `tiles` tiles: the columns of the products. */
export function strideOf(tiles: i32): i32 {
  return (tiles + 7) & ~7;
}

/** The same for the blocks of a convolution with outH × outW outputs. */
export function blockStride(outH: i32, outW: i32): i32 {
  return strideOf(rowsOfBlock(outH, outW) * tilesAlong(outW));
}

/** Bytes from one of the 16 matrices to the next. */
export function matrixBytes(rows: i32, columns: i32): usize {
  return bytes(roundUp(rows) * columns) + 64;
}

/** Bytes of u. */
export function filtersBytes(inC: i32, outC: i32): f64 {
  return (bytesOf(<f64>roundUp(outC) * inC) + 64) * 16;
}

/** Bytes of v and m. */
export function tilesBytes(inC: i32, outC: i32, outH: i32, outW: i32): f64 {
  const rows = <f64>roundUp(inC) + roundUp(outC);
  return (bytesOf(rows * blockStride(outH, outW)) + 128) * 16;
}

/** m = u·v, 16 times, over the first `tiles` tiles. */
export function multiplyTiles(
  m: usize,
  u: usize,
  v: usize,
  s: ConvSizes,
  tiles: i32,
  stride: i32,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const rowBytes = bytes(stride);
  const columns = strideOf(tiles);
  const whole = columns >> 4;
  const last = bytes(whole << 4);
  const mStep = matrixBytes(outC, stride);
  const uStep = matrixBytes(outC, inC);
  const vStep = matrixBytes(inC, stride);
  for (let xi = 0; xi < 16; xi++) {
    let a = u;
    let to = m;
    for (let o = 0; o < outC; o += 4) {
      tiles2x16(to, a, v, rowBytes, whole, inC, rowBytes, false);
      tiles2x16(to + rowBytes * 2, a + 8, v, rowBytes, whole, inC, rowBytes, false);
      if (columns & 8) tile4x8(to + last, a, v + last, rowBytes, inC, rowBytes);
      a += bytes(inC * 4);
      to += rowBytes * 4;
    }
    m += mStep;
    u += uStep;
    v += vStep;
  }
}

/** sums[16][inC, outC] += v·mᵀ, 16 times, over the first `tiles` tiles. */
export function sumTiles(
  sums: usize,
  v: usize,
  m: usize,
  scratch: usize,
  s: ConvSizes,
  tiles: i32,
  stride: i32,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const rowBytes = bytes(stride);
  const sumStep = matrixBytes(inC, outC);
  const vStep = matrixBytes(inC, stride);
  const mStep = matrixBytes(outC, stride);
  for (let xi = 0; xi < 16; xi++) {
    multiply(sums, v, m, scratch, inC, outC, tiles, rowBytes, 4, 4, rowBytes, true);
    sums += sumStep;
    v += vStep;
    m += mStep;
  }
}
