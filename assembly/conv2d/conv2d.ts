/**
 * Two-dimensional convolution. It is a cross-correlation, as everywhere in the field. With col the patches of one group of
 * one image (im2col.ts), w[OC, C·KH·KW] and y[OC, OH·OW]:
 *
 *   forward          y  = b + w·col
 *   backward input   dx = col2im(wᵀ·dy)
 *   backward weight  dw += dy·colᵀ
 *   backward bias    db += Σ dy over images, rows and columns
 *
 * A transposed convolution is the same with the roles exchanged: its forward is this backward input, to which
 * conv2dAddBias adds the bias, and its backward input is this forward.
 *
 * x, dx: f32[batch, inC, inH, inW]. w, dw: f32[outC, inC / groups, kH, kW]. b, db: f32[outC].
 * y, dy: f32[batch, outC, outH, outW]. Byte addresses; nothing overlaps. y and dx are overwritten, dw and db added to.
 * padH and padW are the zeros before the first row and column; those after the last follow from outH and outW. groups
 * divides inC and outC; with groups 0 a kernel traps.
 *
 * If the kernel is 3×3, with stride 1, dilation 1 and one group, and there are at least three channels on both sides (dw:
 * eight), the sums go by Winograd's tiles of 4×4, unless more than half of their outputs would lie outside (5×5, 2×n). If every channel has
 * filters of its own, the sums are direct. If the kernel is 1×1, with stride 1 and without padding, the matrix products take
 * x as it lies.
 *
 *   direction         shape                                        path                 file
 *   forward,          3×3, inC and outC ≥ 3, tiles that fit        Winograd's tiles     winograd.ts
 *   backward input    outputs (of dx: pad ≤ 2)
 *   backward weight   3×3, inC and outC ≥ 8, tiles that fit        Winograd's tiles     winogradWeight.ts
 *   all three         groups = inC > 1, outC / inC ≤ 16,           direct sums          depthwise.ts
 *                     stride ≤ 2, kH·kW ≤ 256
 *                     1×1, stride 1, no padding                    products over x      patches.ts
 *                     any other                                    products over col    patches.ts
 *
 * Measured: Winograd's tiles are 1.2 to 2.5 times as fast, 1.2 to 1.6 times as tiles of 2×2 (Node 20).
 *
 * An image's outputs, and its dx, do not depend on the batch around it. Order of the
 * sums: that of the products (gemm.ts): forward in ascending (c, p, q), backward input in ascending o, backward weight over
 * pixels as gemmNT; then image after image. A NaN spreads as in the formulas, also if it is multiplied by padding.
 * winograd/winograd.ts says what Winograd's tiles change in rounding, NaNs and infinities.
 */
import { saturate } from '../lib/bytes';
import { bytes, sum } from '../lib/simd';
import { ConvSizes, isDepthwise, isPlain3x3, isPointwise, SIZES_BYTES } from '../lib/sizes';
import { FEW, gainsByWinograd, MANY } from '../winograd/winograd';
import {
  backwardInputDepthwise,
  backwardWeightDepthwise,
  depthwiseBytes,
  forwardDepthwise,
} from './depthwise';
import {
  backwardInputByPatches,
  backwardWeightByPatches,
  forwardByPatches,
  patchesBytes,
} from './patches';
import { backwardInputByWinograd, forwardByWinograd, winogradBytes } from './winograd';
import { backwardWeightByWinograd, winogradWeightBytes } from './winogradWeight';

/** Bytes of scratch for any of these; 2³¹ − 1: too many, do not call the kernel. */
export function conv2dScratchBytes(
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
  dilationH: i32,
  dilationW: i32,
  groups: i32,
): i32 {
  const filters = outC / groups;
  if (isDepthwise(inC, outC, kH, kW, strideH, strideW, groups)) {
    const needed = depthwiseBytes(
      inH,
      inW,
      filters,
      outH,
      outW,
      kH,
      kW,
      strideH,
      strideW,
      padH,
      padW,
      dilationH,
      dilationW,
    );
    return saturate(SIZES_BYTES + needed);
  }
  const taps = <f64>(inC / groups) * kH * kW;
  const isDirect = outH == inH && outW == inW && isPointwise(kH, kW, strideH, strideW, padH, padW);
  let needed = patchesBytes(taps, filters, <f64>outH * outW, !isDirect);
  if (isPlain3x3(kH, kW, strideH, strideW, dilationH, dilationW, groups)) {
    if (gainsByWinograd(inC, outC, outH, outW, FEW)) {
      needed = max<f64>(needed, winogradBytes(inC, inH, inW, outC, outH, outW));
    }
    if (gainsByWinograd(inC, outC, outH, outW, MANY)) {
      needed = max<f64>(needed, winogradWeightBytes(inC, outC, outH, outW));
    }
    if (gainsByWinograd(outC, inC, inH, inW, FEW)) {
      needed = max<f64>(needed, winogradBytes(outC, outH, outW, inC, inH, inW));
    }
  }
  return saturate(SIZES_BYTES + needed);
}

/**
 * y = b + w·col
 *
 * @writes y
 * @optional b no bias
 * @bytes scratch conv2dScratchBytes of the same sizes
 */
export function conv2dForward(
  y: usize,
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
  dilationH: i32,
  dilationW: i32,
  groups: i32,
): void {
  const s = changetype<ConvSizes>(scratch);
  s.setTensors(batch, inC, inH, inW, outC, outH, outW);
  s.setWindow(kH, kW, strideH, strideW, padH, padW, dilationH, dilationW, groups);
  const rest = scratch + SIZES_BYTES;
  const isFast = s.isPlain3x3 && gainsByWinograd(inC, outC, outH, outW, FEW);
  if (isFast) forwardByWinograd(y, x, w, b, rest, s);
  else if (s.isDepthwise) forwardDepthwise(y, x, w, b, rest, s);
  else forwardByPatches(y, x, w, b, rest, s);
}

/**
 * dx = col2im(wᵀ·dy)
 *
 * @writes dx
 * @bytes scratch conv2dScratchBytes of the same sizes
 */
export function conv2dBackwardInput(
  dx: usize,
  dy: usize,
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
  dilationH: i32,
  dilationW: i32,
  groups: i32,
): void {
  const s = changetype<ConvSizes>(scratch);
  s.setTensors(batch, inC, inH, inW, outC, outH, outW);
  s.setWindow(kH, kW, strideH, strideW, padH, padW, dilationH, dilationW, groups);
  backwardInput(dx, dy, w, scratch + SIZES_BYTES, s);
}

/** The same for other kernels. */
export function backwardInput(dx: usize, dy: usize, w: usize, scratch: usize, s: ConvSizes): void {
  const isInside = s.padH <= 2 && s.padW <= 2;
  const isFast = s.isPlain3x3 && isInside && gainsByWinograd(s.outC, s.inC, s.inH, s.inW, FEW);
  if (isFast) backwardInputByWinograd(dx, dy, w, scratch, s);
  else if (s.isDepthwise) backwardInputDepthwise(dx, dy, w, scratch, s);
  else backwardInputByPatches(dx, dy, w, scratch, s);
}

/**
 * dw += dy·colᵀ
 *
 * @adds dw
 * @bytes scratch conv2dScratchBytes of the same sizes
 */
export function conv2dBackwardWeight(
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
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
): void {
  const s = changetype<ConvSizes>(scratch);
  s.setTensors(batch, inC, inH, inW, outC, outH, outW);
  s.setWindow(kH, kW, strideH, strideW, padH, padW, dilationH, dilationW, groups);
  const rest = scratch + SIZES_BYTES;
  const isFast = s.isPlain3x3 && gainsByWinograd(inC, outC, outH, outW, MANY);
  if (isFast) backwardWeightByWinograd(dw, dy, x, rest, s);
  else if (s.isDepthwise) backwardWeightDepthwise(dw, dy, x, rest, s);
  else backwardWeightByPatches(dw, dy, x, rest, s);
}

/**
 * y += b, channel by channel: the bias of a transposed convolution, whose outputs conv2dBackwardInput computes.
 *
 * @updates y
 */
export function conv2dAddBias(
  y: usize,
  b: usize,
  batch: i32,
  outC: i32,
  outH: i32,
  outW: i32,
): void {
  const pixels = outH * outW;
  const end = bytes(pixels);
  const vectorEnd = end & ~15;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outC; o++) {
      const bias = load<f32>(b + bytes(o));
      const biases = f32x4.splat(bias);
      let i: usize = 0;
      for (; i < vectorEnd; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), biases));
      for (; i < end; i += 4) store<f32>(y + i, load<f32>(y + i) + bias);
      y += end;
    }
  }
}

/**
 * db += Σ dy, image after image. Order of a plane's sum: sixteen partial sums take its entries in turn, and the first four
 * take the last ones, fewer than sixteen; the partial sums are added by fours, then as (0 + 2) + (1 + 3).
 *
 * @adds db
 */
export function conv2dBackwardBias(
  db: usize,
  dy: usize,
  batch: i32,
  outC: i32,
  outH: i32,
  outW: i32,
): void {
  const pixels = outH * outW;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outC; o++) {
      const at = db + bytes(o);
      store<f32>(at, load<f32>(at) + sum(dy, pixels));
      dy += bytes(pixels);
    }
  }
}
