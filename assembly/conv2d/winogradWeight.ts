/**
 * The gradient of 3×3 kernels that move by one, by way of Winograd's tiles: see winograd.ts.
 *
 *   dw += Gᵀ·(Σ over tiles of (A·dY·Aᵀ) ⊙ (Bᵀ·d·B))·G     dY[2, 2] the gradients of a tile of outputs
 *
 * This is the transpose of the forward form, F(3×3, 2×2). Order of the sums: the tiles of a block in row-major order, block
 * after block, image after image, then the kernels of the call are added to dw.
 */

import { gemmScratchBytes } from '../gemm/gemm';
import { copyPadded, needsPadding } from '../lib/pad';
import { bytes, fill } from '../lib/simd';
import {
  addFilters,
  CONTRACT_BYTES,
  transformGradients,
  transformPatches,
} from '../winograd/transforms';
import { matrixBytes, rowsOfBlock, strideOf, sumTiles, tilesAlong } from '../winograd/winograd';
import { paddedSize } from './winograd';

/** Bytes of scratch for weightWinograd. */
export function weightWinogradBytes(inC: i32, outC: i32, outH: i32, outW: i32): i32 {
  const across = tilesAlong(outW);
  const stride = strideOf(rowsOfBlock(outH, outW) * across);
  const one = matrixBytes(inC, outC) + matrixBytes(inC, stride) + matrixBytes(outC, stride);
  const image = inC * paddedSize(outH) * paddedSize(outW);
  const gradients = outC * tilesAlong(outH) * across * 4;
  const rest = gemmScratchBytes(inC, outC, stride) + <i32>CONTRACT_BYTES;
  return <i32>((one << 4) + bytes(image + gradients)) + rest;
}

/** dw += the sums over a batch. */
export function weightWinograd(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  batch: i32,
  inC: i32,
  inH: i32,
  inW: i32,
  outC: i32,
  outH: i32,
  outW: i32,
  padH: i32,
  padW: i32,
): void {
  const down = tilesAlong(outH);
  const across = tilesAlong(outW);
  const blockRows = rowsOfBlock(outH, outW);
  const stride = strideOf(blockRows * across);
  const spanH = paddedSize(outH);
  const spanW = paddedSize(outW);
  const s = scratch;
  const v = s + matrixBytes(inC, outC) * 16;
  const m = v + matrixBytes(inC, stride) * 16;
  const aside = m + matrixBytes(outC, stride) * 16;
  const image = aside + CONTRACT_BYTES;
  const gradients = image + bytes(inC * spanH * spanW);
  const rest = gradients + bytes(outC * down * across * 4);
  const isPadded = needsPadding(inH, inW, spanH, spanW, padH, padW);
  const isOdd = ((outH | outW) & 1) == 1;
  const pitch = isPadded ? spanW : inW;
  const plane = isPadded ? spanH * spanW : inH * inW;
  memory.fill(s, 0, matrixBytes(inC, outC) * 16);
  if (isPadded) fill(image, 0, inC * plane);
  if (isOdd) fill(gradients, 0, outC * down * across * 4);
  for (let n = 0; n < batch; n++) {
    if (isPadded) copyPadded(image, x, inC, inH, inW, spanH, spanW, padH, padW);
    if (isOdd) copyPadded(gradients, dy, outC, outH, outW, 2 * down, 2 * across, 0, 0);
    const patches = isPadded ? image : x;
    const outputs = isOdd ? gradients : dy;
    for (let i = 0; i < down; i += blockRows) {
      const rows = min(down - i, blockRows);
      transformPatches(v, patches + bytes(2 * i * pitch), inC, plane, pitch, rows, across, stride);
      transformRows(m, outputs + bytes(4 * i * across), outC, down, rows, across, stride);
      sumTiles(s, v, m, rest, inC, outC, rows * across, stride);
    }
    x += bytes(inC * inH * inW);
    dy += bytes(outC * outH * outW);
  }
  addFilters(dw, s, aside, outC, inC);
}

/** m = A·dY·Aᵀ of so many rows of tiles. dy: f32[outC, 2·down, 2·across], from the first row of them on. */
function transformRows(
  m: usize,
  dy: usize,
  outC: i32,
  down: i32,
  rows: i32,
  across: i32,
  stride: i32,
): void {
  const matrix = matrixBytes(outC, stride);
  const rowBytes = bytes(2 * across);
  for (let o = 0; o < outC; o++) {
    let top = dy + bytes(o * down * across * 4);
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
