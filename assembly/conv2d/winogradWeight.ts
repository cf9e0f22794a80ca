/**
 * The gradient of 3×3 kernels that move by one, by Winograd's tiles: see winograd/winograd.ts.
 *
 *   dw += Gᵀ·(Σ over tiles of (A·dY·Aᵀ) ⊙ (Bᵀ·d·B))·G     dY[2, 2] the gradients of a tile of outputs
 *
 * This is the transpose of the forward form, F(3×3, 2×2). Order of the sums: the tiles of a block in row-major order, block
 * after block, image after image; then the sums of the call are added to dw.
 *
 *   scratch: sizes of dy as an image │ the sums, f32[16][inC, outC] │ v │ m │ CONTRACT_BYTES │
 *            a frame for x │ a frame for dy (lib/pad.ts) │ scratch of the products (gemm.ts)
 */
import { gemmBytes } from '../gemm/gemm';
import { clearFrame, enframe, frameBytes } from '../lib/pad';
import { bytes } from '../lib/simd';
import { ConvSizes, gradientSizes, SIZES_BYTES } from '../lib/sizes';
import {
  addFilters,
  CONTRACT_BYTES,
  transformGradients,
  transformPatches,
} from '../winograd/transforms';
import {
  blockStride,
  filtersBytes,
  matrixBytes,
  rowsOfBlock,
  sumTiles,
  tilesAlong,
  tilesBytes,
} from '../winograd/winograd';
import { paddedSize } from './winograd';

/** Bytes of scratch for backwardWeightByWinograd. */
export function winogradWeightBytes(inC: i32, outC: i32, outH: i32, outW: i32): f64 {
  const sums = filtersBytes(outC, inC);
  const tiles = tilesBytes(inC, outC, outH, outW);
  const frame = frameBytes(inC, paddedSize(outH), paddedSize(outW));
  const gradients = frameBytes(outC, 2 * tilesAlong(outH), 2 * tilesAlong(outW));
  const product = gemmBytes(inC, blockStride(outH, outW));
  return SIZES_BYTES + sums + tiles + CONTRACT_BYTES + frame + gradients + product;
}

/** dw += the sums over a batch. */
export function backwardWeightByWinograd(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const down = tilesAlong(s.outH);
  const across = tilesAlong(s.outW);
  const blockRows = rowsOfBlock(s.outH, s.outW);
  const stride = blockStride(s.outH, s.outW);
  s.chooseFrame(paddedSize(s.outH), paddedSize(s.outW));
  const t = gradientSizes(scratch, s);
  t.chooseFrame(2 * down, 2 * across); // if the number of rows or columns is odd
  const sums = scratch + SIZES_BYTES;
  const v = sums + matrixBytes(inC, outC) * 16;
  const m = v + matrixBytes(inC, stride) * 16;
  const aside = m + matrixBytes(outC, stride) * 16;
  const xFrame = aside + CONTRACT_BYTES;
  const dyFrame = xFrame + bytes(inC * s.plane + 4);
  const rest = dyFrame + bytes(outC * t.plane + 4);
  memory.fill(sums, 0, matrixBytes(inC, outC) * 16);
  clearFrame(xFrame, s);
  clearFrame(dyFrame, t);
  for (let n = s.batch; n > 0; n--) {
    const patches = enframe(xFrame, x, s);
    const gradients = enframe(dyFrame, dy, t);
    for (let i = 0; i < down; i += blockRows) {
      const rows = min(down - i, blockRows);
      transformPatches(v, patches + bytes(2 * i * s.pitch), s, rows, across, stride);
      transformRows(m, gradients + bytes(2 * i * t.pitch), t, rows, across, stride);
      sumTiles(sums, v, m, rest, s, rows * across, stride);
    }
    x += s.xBytes;
    dy += s.yBytes;
  }
  addFilters(dw, sums, aside, outC, inC);
}

/** m = A·dY·Aᵀ of `rows` rows of tiles. dy begins with the first row of the first tile; t has its sizes. */
function transformRows(
  m: usize,
  dy: usize,
  t: ConvSizes,
  rows: i32,
  across: i32,
  stride: i32,
): void {
  const channels = t.inC;
  const plane = t.plane;
  const matrix = matrixBytes(channels, stride);
  const rowBytes = bytes(t.pitch);
  for (let o = 0; o < channels; o++) {
    let top = dy + bytes(o * plane);
    let to = m + bytes(o * stride);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < across; j += 4) {
        const first = min(j, across - 4);
        const at = top + bytes(2 * first);
        const below = at + rowBytes;
        transformGradients(to + bytes(first), matrix, even(at), odd(at), even(below), odd(below));
      }
      top += rowBytes * 2;
      to += bytes(across);
    }
  }
}

/** Columns 0, 2, 4 and 6. */
function even(row: usize): v128 {
  return v128.shuffle<f32>(v128.load(row), v128.load(row, 16), 0, 2, 4, 6);
}

/** Columns 1, 3, 5 and 7. */
function odd(row: usize): v128 {
  return v128.shuffle<f32>(v128.load(row), v128.load(row, 16), 1, 3, 5, 7);
}
