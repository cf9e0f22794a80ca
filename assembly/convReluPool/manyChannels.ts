/**
 * convReluPool.ts over many channels, under 3×3 kernels that move by one: forward and backward input by way of winograd.ts,
 * whose tile of four outputs is the window of the pooling. What is saved is the same. Twice and 1.5 times as fast as the
 * direct sums, 32 → 64 channels, Node 20. Backward weight visits the winners alone, as with few channels: as fast as this
 * form would be, which takes losers too.
 */

import { reluBackward } from '../activations/relu';
import { convolveImage, paddedSize } from '../conv2d/winograd';
import { copyPadded, needsPadding } from '../lib/pad';
import { bytes, fill, transpose4x4 } from '../lib/simd';
import { transformFilters, transformOutputs, transformPatches } from '../winograd/transforms';
import {
  FEW,
  gainsByWinograd,
  MANY,
  matrixBytes,
  multiplyTiles,
  rowsOfBlock,
  strideOf,
  winogradBytes,
} from '../winograd/winograd';
import { storeValues, storeWinners } from './tiles';
import { UNPOOL_BYTES, unpool } from './unpool';
import { listAll, roundUp, savedBytes, spanOf, windowCount, winnersBytes } from './windows';

/** Bytes of what storeWindows puts aside: outputs of four tiles, then winners, steps and biases of four filters. */
const ASIDE_BYTES: usize = 64 + 64 + 32 + 64;

/** Whether forward goes this way. */
export function goesDeep(inC: i32, outC: i32, outH: i32, outW: i32): bool {
  return gainsByWinograd(inC, outC, outH & ~1, outW & ~1, MANY);
}

/** Whether backward input does: its patches reach two pixels beyond dx, and no gradient may lie further out. */
export function goesDeepBack(
  inC: i32,
  inH: i32,
  inW: i32,
  outC: i32,
  outH: i32,
  outW: i32,
  padH: i32,
  padW: i32,
): bool {
  const isInside = padH <= 2 && padW <= 2 && outH - padH <= inH && outW - padW <= inW;
  return isInside && gainsByWinograd(outC, inC, inH, inW, FEW);
}

/** Bytes of scratch for deepForward, beside a padded image. */
export function deepForwardBytes(inC: i32, outC: i32, outH: i32, outW: i32): i32 {
  return winogradBytes(inC, outC, outH & ~1, outW & ~1) + <i32>ASIDE_BYTES;
}

/** As convReluPoolForward. */
export function deepForward(
  y: usize,
  saved: usize,
  x: usize,
  w: usize,
  b: usize,
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
  const down = outH >> 1;
  const across = outW >> 1;
  const windows = windowCount(outH, outW);
  const filters = roundUp(outC);
  const spanH = spanOf(outH, 3, 1);
  const spanW = spanOf(outW, 3, 1);
  const isPadded = needsPadding(inH, inW, spanH, spanW, padH, padW);
  const pitch = isPadded ? spanW : inW;
  const plane = isPadded ? spanH * spanW : inH * inW;

  const blockRows = rowsOfBlock(2 * down, 2 * across);
  const stride = strideOf(blockRows * across);
  const u = scratch;
  const v = u + matrixBytes(outC, inC) * 16;
  const m = v + matrixBytes(inC, stride) * 16;
  const aside = m + matrixBytes(outC, stride) * 16;
  const image = aside + ASIDE_BYTES;
  transformFilters(u, w, outC, inC, bytes(inC * 9), 36, false);
  memory.fill(aside, 0, ASIDE_BYTES);
  v128.store(aside, i32x4.splat(4), 128);
  v128.store(aside, i32x4.splat(pitch << 2), 144);
  if (isPadded) fill(image, 0, inC * plane);
  for (let n = 0; n < batch; n++) {
    const list = saved + winnersBytes(outC, outH, outW) + 16;
    listAll(list, outH, outW, 1, 1, pitch, filters);
    store<i32>(list - 16, windows);
    if (isPadded) copyPadded(image, x, inC, inH, inW, spanH, spanW, padH, padW);
    const from = isPadded ? image : x;
    for (let i = 0; i < down; i += blockRows) {
      const rows = min(down - i, blockRows);
      const first = i * across;
      const tiles = rows * across;
      transformPatches(v, from + bytes(2 * i * pitch), inC, plane, pitch, rows, across, stride);
      multiplyTiles(m, u, v, outC, inC, tiles, stride);
      const winners = saved + bytes(first * filters);
      storeWindows(y + bytes(first), winners, m, b, aside, outC, windows, tiles, stride);
    }
    x += bytes(inC * inH * inW);
    y += bytes(outC * windows);
    saved += <usize>savedBytes(outC, outH, outW);
  }
}

/** y[outC, windows] and winners[windows, filters] of so many windows, four or more. The last four may overlap others. */
function storeWindows(
  y: usize,
  winners: usize,
  m: usize,
  b: usize,
  aside: usize,
  outC: i32,
  windows: i32,
  tiles: i32,
  stride: i32,
): void {
  const matrix = matrixBytes(outC, stride);
  const rowBytes = bytes(roundUp(outC));
  const kept = aside + 64;
  const steps = aside + 128;
  const biases = aside + 160;
  for (let o = 0; o < outC; o += 4) {
    const some = min(outC - o, 4);
    for (let f = 0; f < some; f++) {
      const bias: f32 = b == 0 ? 0 : load<f32>(b + bytes(o + f));
      v128.store(biases + bytes(f * 4), f32x4.splat(bias));
    }
    for (let t = 0; t < tiles; t += 4) {
      const first = min(t, tiles - 4);
      for (let f = 0; f < some; f++) {
        transformOutputs(aside, m + bytes((o + f) * stride + first), matrix);
        const a0 = v128.load(aside);
        const a1 = v128.load(aside, 16);
        const a2 = v128.load(aside, 32);
        const a3 = v128.load(aside, 48);
        storeWinners(kept + bytes(f * 4), steps, a0, a1, a2, a3);
        storeValues(y + bytes((o + f) * windows + first), biases + bytes(f * 4), a0, a1, a2, a3);
      }
      transpose4x4(winners + <usize>first * rowBytes + bytes(o), rowBytes, kept, 16);
    }
  }
}

/** As convReluPoolBackwardInput: the gradients of the outputs are put between zeros at once. */
export function deepBackwardInput(
  dx: usize,
  dy: usize,
  y: usize,
  saved: usize,
  w: usize,
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
  rowStep: i32,
): void {
  const down = outH >> 1;
  const across = outW >> 1;
  const outputs = outC * down * across;
  const pitch = paddedSize(inW);
  const plane = paddedSize(inH) * pitch;
  const masked = scratch;
  const aside = masked + bytes(roundUp(outputs));
  const u = aside + UNPOOL_BYTES;
  const image = u + matrixBytes(inC, outC) * 16;
  const rest = image + bytes(outC * plane);
  const corner = image + bytes((2 - padH) * pitch + 2 - padW);
  transformFilters(u, w, inC, outC, 36, bytes(inC * 9), true);
  fill(image, 0, outC * plane);
  for (let n = 0; n < batch; n++) {
    reluBackward(masked, dy, y, outputs);
    unpool(corner, masked, saved, aside, outC, down, across, plane, pitch, rowStep);
    convolveImage(dx, image, u, 0, rest, outC, inC, inH, inW, plane, pitch);
    dx += bytes(inC * inH * inW);
    y += bytes(outputs);
    dy += bytes(outputs);
    saved += <usize>savedBytes(outC, outH, outW);
  }
}
