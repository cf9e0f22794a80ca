/**
 * Convolution, ReLU and 2×2 max pooling in one step: the outputs of the convolution never reach memory.
 *
 *   forward          y  = max(0, b + max over the 2×2 window of w·patch)
 *   backward weight  dw += Σ dy·(patch under the winner)       where y > 0
 *   backward bias    db += Σ dy                                where y > 0
 *   backward input   dx = the convolution's gradient of dy at the winners, 0 elsewhere
 *
 * x, dx: f32[batch, inC, inH, inW]. w, dw: f32[outC, inC, kH, kW]. b, db: f32[outC], 0 where there is no bias.
 * y, dy: f32[batch, outC, outH / 2, outW / 2], rounded down: a last odd row or column of the convolution's outH × outW
 * outputs is not pooled. No dilation, no groups. Byte addresses; nothing overlaps. y and dx are overwritten, dw and db
 * added to. Up to 12 bytes past the end of x are read, never used. Ties: the first in row-major order. A sum over a
 * patch runs in ascending (c, p, q), as in conv2d.ts; a NaN in the first output of a window stays, elsewhere it loses.
 * Of a one-channel image under 3×3 kernels that move by one, whole dozens of filters go by oneChannel.ts, which
 * says what that changes in rounding, ties and infinities: 22 instead of 27 ms forward for 10,000 digits, Node 20. Of three
 * channels and more under such kernels, three filters and more go by manyChannels.ts, with the same to be said, where
 * there are four windows or more in a row and two or more such rows.
 *
 * Only one output in four has a gradient, so backward visits the winners alone: four filters at a time where a patch has few
 * rows of taps (weightFewRows.ts), else by lists of gradients (weightManyRows.ts). A window of a one-channel image whose
 * whole patch is 0 (56 % of them, on MNIST) gives max(0, b) and adds nothing to dw: such windows are left out of the list,
 * and their winners, the first outputs, are not written until backward input asks.
 *
 *   saved, for each image: i32[windows, filters]: bytes from the first of the four outputs' patches to the winner's,
 *                          filters = outC rounded up to 4 │ i32[4]: how many windows are listed │ the list (windows.ts)
 *
 * An image with padding is copied between zeros first, so that every patch lies inside it.
 */
// Long for its lists of sizes, of which a module without objects cannot hand on a bundle: three kernels, forward beside
// backward; windows, layouts, sums and inner loops have files of their own.

import { reluBackward } from '../activations/relu';
import { conv2dBackwardInput, conv2dScratchBytes } from '../conv2d/conv2d';
import { copyPadded, needsPadding } from '../lib/pad';
import { bytes, copy, fill } from '../lib/simd';
import { isUnit3x3 } from '../winograd/winograd';
import { packWeights, tapOffsets, transposeValues } from './layout';
import {
  deepBackwardInput,
  deepForward,
  deepForwardBytes,
  goesDeep,
  goesDeepBack,
} from './manyChannels';
import { maskPlane } from './mask';
import {
  factorsBytes,
  transformDozens,
  WINOGRAD_BYTES,
  winogradFilters,
  winogradWindows,
} from './oneChannel';
import { paddedRows, rowOffsets, rowsOf } from './rows';
import { windows4, windows4x3, windows8 } from './tiles';
import { UNPOOL_BYTES, unpool } from './unpool';
import { addFew, fewBytes, sumFew } from './weightFewRows';
import { addMany, hasManyRows, manyBytes, sumMany } from './weightManyRows';
import {
  clearUnlisted,
  ENTRY_BYTES,
  fillBlank,
  joinRows,
  listAll,
  listInked,
  listInked3x3,
  roundUp,
  savedBytes,
  spanOf,
  windowCount,
  winnersBytes,
} from './windows';

/** Bytes of what forward saves for backward, for each image. */
export function convReluPoolSavedBytes(outC: i32, outH: i32, outW: i32): i32 {
  return savedBytes(outC, outH, outW);
}

/** Bytes of scratch for any of these. */
export function convReluPoolScratchBytes(
  batch: i32,
  inC: i32,
  inH: i32,
  inW: i32,
  outC: i32,
  outH: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
): i32 {
  const taps = inC * kH * kW;
  const image = inC * spanOf(outH, kH, strideH) * spanOf(outW, kW, strideW) + 4;
  const values = roundUp(outC) * windowCount(outH, outW);
  const lines = (outH >> 1) * (max(spanOf(outW, kW, strideW), inW) + 8);
  const entries = windowCount(outH, outW) * 4;
  const forward =
    ((roundUp(outC) * (max(taps, 16) + 1) + taps + inC * kH + 20 + values + lines + entries) << 2) +
    <i32>WINOGRAD_BYTES;
  const isDeep = isUnit3x3(kH, kW, strideH, strideW) && goesDeep(inC, outC, outH, outW);
  const deep = isDeep ? deepForwardBytes(inC, outC, outH, outW) : 0;
  const masked = outC * windowCount(outH, outW);
  const rows = rowsOf(inC, kH, kW);
  const windows = windowCount(outH, outW);
  const sums = hasManyRows(rows) ? manyBytes(outC, windows, rows) : fewBytes(outC, rows);
  const backwardWeight = ((values + paddedRows(rows)) << 2) + sums;
  const conv = conv2dScratchBytes(
    1,
    inC,
    inH,
    inW,
    outC,
    outH,
    outW,
    kH,
    kW,
    strideH,
    strideW,
    padH,
    padW,
    1,
    1,
    1,
  );
  const backwardInput =
    ((roundUp(masked) + roundUp(outC * outH * outW)) << 2) + <i32>UNPOOL_BYTES + conv;
  return (image << 2) + max(max(forward, deep), max(backwardWeight, backwardInput)) + 64;
}

/**
 * y = max(0, b + max of w·patch)
 *
 * @writes y, saved
 * @optional b no bias
 * @bytes saved batch · convReluPoolSavedBytes(outC, outH, outW)
 * @bytes scratch convReluPoolScratchBytes of the same sizes
 */
export function convReluPoolForward(
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
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
): void {
  if (isUnit3x3(kH, kW, strideH, strideW) && goesDeep(inC, outC, outH, outW)) {
    deepForward(y, saved, x, w, b, scratch, batch, inC, inH, inW, outC, outH, outW, padH, padW);
    return;
  }
  const taps = inC * kH * kW;
  const spanH = spanOf(outH, kH, strideH);
  const spanW = spanOf(outW, kW, strideW);
  const isPadded = needsPadding(inH, inW, spanH, spanW, padH, padW);
  const pitch = isPadded ? spanW : inW;
  const plane = isPadded ? spanH * spanW : inH * inW;
  const filters = roundUp(outC);
  const windows = windowCount(outH, outW);

  const is3x3 = isUnit3x3(kH, kW, strideH, strideW);
  const tiled = is3x3 && inC == 1 ? winogradFilters(outC) : 0;
  const weights = scratch;
  const factors = weights + bytes(roundUp(outC - tiled) * taps);
  const bias = factors + factorsBytes(tiled);
  const steps = bias + bytes(filters);
  const offsets = steps + 32;
  const rows = offsets + bytes(roundUp(taps));
  const values = rows + bytes(roundUp(inC * kH));
  const entries = values + bytes(windows * filters);
  const lines = entries + <usize>windows * ENTRY_BYTES;
  const work = lines + bytes(roundUp((outH >> 1) * (pitch + 8)));
  const image = work + WINOGRAD_BYTES;
  transformDozens(factors, w, tiled);
  packWeights(weights, w + bytes(tiled * taps), outC - tiled, taps);
  fill(bias, 0, filters);
  if (b != 0) copy(bias, b, outC);
  v128.store(steps, i32x4.splat(strideW << 2));
  v128.store(steps, i32x4.splat((strideH * pitch) << 2), 16);
  tapOffsets(offsets, inC, kH, kW, plane, pitch);
  tapOffsets(rows, inC, kH, 1, plane, pitch);
  listAll(entries, outH, outW, strideH, strideW, pitch, filters);
  if (inC == 1) fillBlank(values, bias, filters, entries, windows);
  if (isPadded) fill(image, 0, inC * plane + 4);

  for (let n = 0; n < batch; n++) {
    const list = saved + winnersBytes(outC, outH, outW) + 16;
    let from = x;
    if (isPadded) {
      from = image;
      copyPadded(image, x, inC, inH, inW, spanH, spanW, padH, padW);
    }
    // maps inside a network are seldom blank in all channels, and looking at all would cost more
    let count = windows;
    if (inC > 1) {
      memory.copy(list, entries, <usize>windows * ENTRY_BYTES);
    } else if (is3x3) {
      count = listInked3x3(list, entries, outH >> 1, outW >> 1, from, pitch);
    } else {
      joinRows(lines, from, outH >> 1, kH + strideH, strideH, pitch);
      count = listInked(list, entries, windows, lines, outW >> 1, kW + strideW, strideW, pitch);
    }
    store<i32>(list - 16, count);
    if (tiled > 0) {
      winogradWindows(values, saved, from, pitch, factors, bias, steps, work, tiled, list, count);
    }
    for (let o = tiled; o < outC; o += 8) {
      const at = bytes(o);
      const tap = weights + bytes((o - tiled) * taps);
      if (o + 4 < outC) {
        windows8(values + at, saved + at, from, tap, bias + at, offsets, taps, steps, list, count);
      } else if (kW == 3 && strideW == 1) {
        const rowCount = inC * kH;
        windows4x3(
          values + at,
          saved + at,
          from,
          tap,
          bias + at,
          rows,
          rowCount,
          steps,
          list,
          count,
        );
      } else {
        windows4(values + at, saved + at, from, tap, bias + at, offsets, taps, steps, list, count);
      }
    }
    transposeValues(y, values, outC, windows, filters);
    if (inC == 1) fillBlank(values, bias, filters, list, count);
    x += bytes(inC * inH * inW);
    y += bytes(outC * windows);
    saved += <usize>savedBytes(outC, outH, outW);
  }
}

/**
 * dw += Σ dy·patch, db += Σ dy, at the winners, where y > 0
 *
 * @adds dw, db
 * @optional db no bias
 * @bytes saved batch · convReluPoolSavedBytes(outC, outH, outW), as forward left it
 * @bytes scratch convReluPoolScratchBytes of the same sizes
 */
export function convReluPoolBackwardWeight(
  dw: usize,
  db: usize,
  dy: usize,
  y: usize,
  saved: usize,
  x: usize,
  scratch: usize,
  batch: i32,
  inC: i32,
  inH: i32,
  inW: i32,
  outC: i32,
  outH: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
): void {
  const spanH = spanOf(outH, kH, strideH);
  const spanW = spanOf(outW, kW, strideW);
  const isPadded = needsPadding(inH, inW, spanH, spanW, padH, padW);
  const pitch = isPadded ? spanW : inW;
  const plane = isPadded ? spanH * spanW : inH * inW;
  const windows = windowCount(outH, outW);
  const outputs = outC * windows;

  const rowCount = rowsOf(inC, kH, kW);
  const isMany = hasManyRows(rowCount);
  const sumsBytes = <usize>(isMany ? manyBytes(outC, windows, rowCount) : fewBytes(outC, rowCount));
  const masked = scratch;
  const values = roundUp(outC) * windows;
  const rows = masked + bytes(values);
  const sums = rows + bytes(paddedRows(rowCount));
  const image = sums + sumsBytes;
  rowOffsets(rows, inC, kH, kW, plane, pitch);
  fill(masked + bytes(outputs), 0, values - outputs); // the last four filters may be fewer
  memory.fill(sums, 0, sumsBytes);
  if (isPadded) fill(image, 0, inC * plane + 4);

  for (let n = 0; n < batch; n++) {
    const list = saved + winnersBytes(outC, outH, outW) + 16;
    let from = x;
    if (isPadded) {
      from = image;
      copyPadded(image, x, inC, inH, inW, spanH, spanW, padH, padW);
    }
    for (let o = 0; o < outC; o++) {
      const at = bytes(o * windows);
      const total = maskPlane(masked + at, dy + at, y + at, windows);
      if (db != 0) store<f32>(db + bytes(o), load<f32>(db + bytes(o)) + total);
    }
    if (isMany) sumMany(sums, masked, saved, from, list, rows, outC, windows, rowCount);
    else sumFew(sums, masked, saved, from, list, rows, outC, windows, rowCount);
    x += bytes(inC * inH * inW);
    y += bytes(outputs);
    dy += bytes(outputs);
    saved += <usize>savedBytes(outC, outH, outW);
  }
  if (isMany) addMany(dw, sums, outC, rowCount, kW);
  else addFew(dw, sums, outC, rowCount, kW);
}

/**
 * dx = the gradient that comes through the winners where y > 0
 *
 * @writes dx
 * @bytes saved batch · convReluPoolSavedBytes(outC, outH, outW), as forward left it
 * @bytes scratch convReluPoolScratchBytes of the same sizes
 */
export function convReluPoolBackwardInput(
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
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
): void {
  const spanH = spanOf(outH, kH, strideH);
  const spanW = spanOf(outW, kW, strideW);
  const isPadded = needsPadding(inH, inW, spanH, spanW, padH, padW);
  const rowStep = (strideH * (isPadded ? spanW : inW)) << 2;
  const is3x3 = isUnit3x3(kH, kW, strideH, strideW);
  if (is3x3 && goesDeepBack(inC, inH, inW, outC, outH, outW, padH, padW)) {
    deepBackwardInput(
      dx,
      dy,
      y,
      saved,
      w,
      scratch,
      batch,
      inC,
      inH,
      inW,
      outC,
      outH,
      outW,
      padH,
      padW,
      rowStep,
    );
    return;
  }
  const windows = windowCount(outH, outW);
  const outputs = outC * windows;
  const masked = scratch;
  const unpooled = masked + bytes(roundUp(outputs));
  const aside = unpooled + bytes(roundUp(outC * outH * outW));
  const rest = aside + UNPOOL_BYTES;
  fill(unpooled, 0, outC * outH * outW);
  for (let n = 0; n < batch; n++) {
    reluBackward(masked, dy, y, outputs);
    const list = saved + winnersBytes(outC, outH, outW) + 16;
    clearUnlisted(saved, windows, roundUp(outC), list, load<i32>(list - 16));
    unpool(unpooled, masked, saved, aside, outC, outH >> 1, outW >> 1, outH * outW, outW, rowStep);
    conv2dBackwardInput(
      dx,
      unpooled,
      w,
      rest,
      1,
      inC,
      inH,
      inW,
      outC,
      outH,
      outW,
      kH,
      kW,
      strideH,
      strideW,
      padH,
      padW,
      1,
      1,
      1,
    );
    dx += bytes(inC * inH * inW);
    y += bytes(outputs);
    dy += bytes(outputs);
    saved += <usize>savedBytes(outC, outH, outW);
  }
}
