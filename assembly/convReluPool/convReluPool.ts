/**
 * Convolution, ReLU and 2×2 max pooling in one step: the outputs of the convolution never reach memory.
 *
 *   forward          y  = max(0, b + max over the 2×2 window of w·patch)
 *   backward weight  dw += Σ dy·(patch under the winner)       if y > 0
 *   backward bias    db += Σ dy                                if y > 0
 *   backward input   dx = the convolution's gradient of dy at the winners, 0 elsewhere
 *
 * x, dx: f32[batch, inC, inH, inW]. w, dw: f32[outC, inC, kH, kW]. b, db: f32[outC]; 0 if there is no bias.
 * y, dy: f32[batch, outC, outH / 2, outW / 2], rounded down: a last odd row or column of the convolution's outH × outW
 * outputs is not pooled. No dilation, no groups. Byte addresses; nothing overlaps. y and dx are overwritten, dw and db
 * added to. Up to 12 bytes past the end of x are read, never used.
 *
 *   direction         shape                               path                                   file
 *   forward           3×3, stride 1, inC and outC ≥ 8,    Winograd's tiles over channels         manyForward.ts
 *                     tiles of 4×4 that fit
 *                     3×3, stride 1, inC = 1              Winograd's tiles, twelve filters at    oneChannel.ts
 *                                                         a time; direct sums for the others     forward.ts
 *                     any other                           direct sums                            forward.ts
 *   backward weight   ten vectors of taps or more, in     lists of gradients; channels in        weightManyRows.ts
 *                     pairs: 4 < kW ≤ 8, or channels      blocks of eight if that saves vectors  channelBlocks.ts
 *                     in blocks
 *                     any other                           winners of four filters at a time      weightFewRows.ts
 *   backward input    3×3, stride 1, inC and outC ≥ 3,    Winograd's tiles over channels         manyBackwardInput.ts
 *                     tiles of 4×4 that fit, pad ≤ 2
 *                     5×5                                 kernels at the winners                 sparseBackwardInput.ts
 *                     any other                           gradients of outputs, then conv2d.ts   backwardInput.ts
 *
 * Measured: forward of 10,000 digits takes 22 ms with oneChannel.ts, 27 ms without (Node 20).
 *
 * Ties: the first in row-major order wins. A sum over a patch runs in ascending (c, p, q), as in conv2d.ts. A NaN in the
 * first output of a window stays; a NaN in another output loses. oneChannel.ts and winograd/winograd.ts say what Winograd's
 * tiles change in rounding, ties and infinities.
 *
 *   saved, for each image: i32[windows, filters]: bytes from the first of the four outputs' patches to the winner's,
 *                          filters = outC rounded up to 4 │ i32[4]: how many windows are listed │ the list (windows.ts)
 *
 * If the whole patch of a window of a one-channel image is 0, forward does not list the window: its value is max(0, b), it
 * adds nothing to dw, and its winner, the first output, is not yet written. Backward input writes these winners, so it
 * changes `saved`. On MNIST 56 % of the windows are of this kind.
 *
 * An image with padding is first copied between zeros, so that every patch lies inside it.
 */
import { conv2dScratchBytes } from '../conv2d/conv2d';
import { saturate } from '../lib/bytes';
import { frameBytes } from '../lib/pad';
import { ConvSizes, isPlain3x3, SIZES_BYTES } from '../lib/sizes';
import { backwardInputByOutputs, backwardInputBytes } from './backwardInput';
import { backwardWeightBytes, backwardWeightByWinners } from './backwardWeight';
import { channelBlocksBytes } from './channelBlocks';
import { forwardBytes, forwardByWindows } from './forward';
import { backwardInputManyChannels, gainsBackwardInput } from './manyBackwardInput';
import { forwardManyBytes, forwardManyChannels, gainsForward } from './manyForward';
import { backwardInputBySparse, hasSparseKernel, sparseBytes } from './sparseBackwardInput';
import { savedBytes } from './windows';

/** Bytes that forward saves for backward, for each image; 2³¹ − 1: too many, do not call the kernel. */
export function convReluPoolSavedBytes(outC: i32, outH: i32, outW: i32): i32 {
  return saturate(savedBytes(outC, outH, outW));
}

/** Bytes of scratch for any of these; 2³¹ − 1: too many, do not call the kernel. */
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
  const windows = <f64>(outH >> 1) * (outW >> 1);
  const frameH = <f64>(outH - 1) * strideH + kH;
  const frameW = <f64>(outW - 1) * strideW + kW;
  const rows = <f64>inC * kH;
  const lines = (max<f64>(frameW, inW) + 8) * (outH >> 1);
  const isPlain = isPlain3x3(kH, kW, strideH, strideW, 1, 1, 1);
  const isFast = isPlain && gainsForward(inC, outC, outH, outW);
  const forward = max<f64>(
    forwardBytes(outC, rows * kW, rows, windows, lines),
    isFast ? forwardManyBytes(inC, inH, inW, outC, outH, outW) : 0,
  );
  const backwardWeight =
    backwardWeightBytes(outC, windows, rows * ((kW + 3) >> 2)) +
    channelBlocksBytes(inC, max<f64>(inH, frameH), max<f64>(inW, frameW));
  // manyBackwardInput.ts needs no more than conv2d.ts: it puts dy into the frame at once
  const conv2d = conv2dScratchBytes(
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
  const backwardInput = hasSparseKernel(kH, kW)
    ? sparseBytes(windows)
    : backwardInputBytes(outC, windows, <f64>outH * outW) + conv2d;
  const frame = frameBytes(inC, frameH, frameW);
  const needed = max<f64>(max<f64>(forward, backwardInput) + frame, backwardWeight);
  return saturate(SIZES_BYTES + needed);
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
  const s = changetype<ConvSizes>(scratch);
  s.setTensors(batch, inC, inH, inW, outC, outH, outW);
  s.setWindow(kH, kW, strideH, strideW, padH, padW, 1, 1, 1);
  const rest = scratch + SIZES_BYTES;
  const isFast = s.isPlain3x3 && gainsForward(inC, outC, outH, outW);
  if (isFast) forwardManyChannels(y, saved, x, w, b, rest, s);
  else forwardByWindows(y, saved, x, w, b, rest, s);
}

/**
 * dw += Σ dy·patch, db += Σ dy, at the winners, if y > 0
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
  const s = changetype<ConvSizes>(scratch);
  s.setTensors(batch, inC, inH, inW, outC, outH, outW);
  s.setWindow(kH, kW, strideH, strideW, padH, padW, 1, 1, 1);
  backwardWeightByWinners(dw, db, dy, y, saved, x, scratch + SIZES_BYTES, s);
}

/**
 * dx = the gradient that comes through the winners, if y > 0. Completes `saved`: writes the winners of the windows that
 * forward did not list.
 *
 * @writes dx
 * @updates saved
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
  const s = changetype<ConvSizes>(scratch);
  s.setTensors(batch, inC, inH, inW, outC, outH, outW);
  s.setWindow(kH, kW, strideH, strideW, padH, padW, 1, 1, 1);
  const rest = scratch + SIZES_BYTES;
  const isFast = s.isPlain3x3 && gainsBackwardInput(s);
  if (isFast) backwardInputManyChannels(dx, dy, y, saved, w, rest, s);
  else if (hasSparseKernel(kH, kW)) backwardInputBySparse(dx, dy, y, saved, w, rest, s);
  else backwardInputByOutputs(dx, dy, y, saved, w, rest, s);
}
