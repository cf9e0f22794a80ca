/**
 * Two-dimensional convolution (a cross-correlation, as everywhere in the field), as matrix products over patches.
 * With col the patches of one group of one image (im2col.ts), w[OC, C·KH·KW] and y[OC, OH·OW]:
 *
 *   forward          y  = b + w·col
 *   backward input   dx = col2im(wᵀ·dy)
 *   backward weight  dw += dy·colᵀ
 *   backward bias    db += Σ dy over images, rows and columns
 *
 * x, dx: f32[batch, inC, inH, inW]. w, dw: f32[outC, inC / groups, kH, kW]. b, db: f32[outC].
 * y, dy: f32[batch, outC, outH, outW]. Byte addresses; nothing overlaps. y and dx are overwritten, dw and db added to.
 * padH and padW stand before the first row and column; what lies after the last follows from outH and outW. groups
 * divides inC and outC; with groups 0 a kernel traps.
 *
 * Images are taken in order, one at a time, so that an image's outputs do not depend on the batch around it. Order of the
 * sums: those of the products (gemm.ts, forward and backward input in ascending (c, p, q) and o, backward weight by dot
 * products over pixels); then image after image. A NaN spreads as in the formulas, also where it is multiplied by padding.
 *
 * Kernels of 3×3 that move by one, without dilation and groups, go by winograd.ts, which says what that changes in rounding
 * and infinities, where there are three channels or more on both sides (eight for backward weight) and seven columns or more
 * to compute: 1.3 to 2 times as fast. Backward input then reads dy as an image, its channels in the place of the filters
 * and the kernels turned.
 */

import { gemmNN, gemmNT, gemmScratchBytes, multiply } from '../gemm/gemm';
import { bytes, fill, sum } from '../lib/simd';
import { FEW, gainsByWinograd, isUnit3x3, MANY } from '../winograd/winograd';
import { col2im, im2col } from './im2col';
import { convolveWinograd, convolveWinogradBytes } from './winograd';
import { weightWinograd, weightWinogradBytes } from './winogradWeight';

/**
 * Bytes of scratch for any of these: the patches of one group of one image, and what the products need.
 */
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
  const rows = (inC / groups) * kH * kW;
  const filters = outC / groups;
  const pixels = outH * outW;
  const forward = gemmScratchBytes(filters, pixels, rows);
  const backwardWeight = gemmScratchBytes(filters, rows, pixels);
  const backwardInput = gemmScratchBytes(rows, pixels, filters);
  let needed = colBytes(rows, pixels) + max(forward, max(backwardWeight, backwardInput));
  if (isPlain3x3(kH, kW, strideH, strideW, dilationH, dilationW, groups)) {
    if (gainsByWinograd(inC, outC, outH, outW, FEW)) {
      needed = max(needed, convolveWinogradBytes(inC, outC, outH, outW));
      needed = max(needed, weightWinogradBytes(inC, outC, outH, outW));
    }
    if (gainsByWinograd(outC, inC, inH, inW, FEW)) {
      needed = max(needed, convolveWinogradBytes(outC, inC, inH, inW));
    }
  }
  return needed;
}

/** A kernel of 3×3 that moves by one, over all channels. */
function isPlain3x3(
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
): bool {
  return isUnit3x3(kH, kW, strideH, strideW) && dilationH == 1 && dilationW == 1 && groups == 1;
}

/** Bytes of the patches, rounded up so that what follows is aligned. */
function colBytes(rows: i32, pixels: i32): i32 {
  return (((rows * pixels) << 2) + 63) & ~63;
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
  const groupC = inC / groups;
  const filters = outC / groups;
  const rows = groupC * kH * kW;
  const pixels = outH * outW;
  const rest = scratch + <usize>colBytes(rows, pixels);
  const isPlain = isPlain3x3(kH, kW, strideH, strideW, dilationH, dilationW, groups);
  if (isPlain && gainsByWinograd(inC, outC, outH, outW, FEW)) {
    const filter = bytes(rows);
    convolveWinograd(
      y,
      x,
      w,
      b,
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
      filter,
      36,
      false,
    );
    return;
  }
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      im2col(
        scratch,
        x,
        groupC,
        inH,
        inW,
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
      for (let o = 0; o < filters; o++) {
        fill(
          y + ((<usize>(o * pixels)) << 2),
          b == 0 ? 0 : load<f32>(b + ((<usize>(g * filters + o)) << 2)),
          pixels,
        );
      }
      gemmNN(y, w + ((<usize>(g * filters * rows)) << 2), scratch, rest, filters, pixels, rows);
      x += (<usize>(groupC * inH * inW)) << 2;
      y += (<usize>(filters * pixels)) << 2;
    }
  }
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
  const groupC = inC / groups;
  const filters = outC / groups;
  const rows = groupC * kH * kW;
  const pixels = outH * outW;
  const rest = scratch + <usize>colBytes(rows, pixels);
  const groupBytes = (<usize>(groupC * inH * inW)) << 2;
  const isPlain = isPlain3x3(kH, kW, strideH, strideW, dilationH, dilationW, groups);
  if (isPlain && padH <= 2 && padW <= 2 && gainsByWinograd(outC, inC, inH, inW, FEW)) {
    const filter = bytes(rows);
    convolveWinograd(
      dx,
      dy,
      w,
      0,
      scratch,
      batch,
      outC,
      outH,
      outW,
      inC,
      inH,
      inW,
      2 - padH,
      2 - padW,
      36,
      filter,
      true,
    );
    return;
  }
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      const weight = w + ((<usize>(g * filters * rows)) << 2);
      multiply(
        scratch,
        weight,
        dy,
        rest,
        rows,
        pixels,
        filters,
        4,
        (<usize>rows) << 2,
        (<usize>pixels) << 2,
        4,
        false,
      );
      memory.fill(dx, 0, groupBytes);
      col2im(
        dx,
        scratch,
        groupC,
        inH,
        inW,
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
      dx += groupBytes;
      dy += (<usize>(filters * pixels)) << 2;
    }
  }
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
  const groupC = inC / groups;
  const filters = outC / groups;
  const rows = groupC * kH * kW;
  const pixels = outH * outW;
  const isPlain = isPlain3x3(kH, kW, strideH, strideW, dilationH, dilationW, groups);
  if (isPlain && gainsByWinograd(inC, outC, outH, outW, MANY)) {
    weightWinograd(dw, dy, x, scratch, batch, inC, inH, inW, outC, outH, outW, padH, padW);
    return;
  }
  const rest = scratch + <usize>colBytes(rows, pixels);
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      im2col(
        scratch,
        x,
        groupC,
        inH,
        inW,
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
      gemmNT(dw + ((<usize>(g * filters * rows)) << 2), dy, scratch, rest, filters, rows, pixels);
      x += (<usize>(groupC * inH * inW)) << 2;
      dy += (<usize>(filters * pixels)) << 2;
    }
  }
}

/**
 * db += Σ dy, image after image. Order of a plane's sum: sixteen partial sums take its entries in turn (what is left of
 * sixteen goes to the first four), and are added by fours, then as (0 + 2) + (1 + 3).
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
      const at = db + ((<usize>o) << 2);
      store<f32>(at, load<f32>(at) + sum(dy, pixels));
      dy += (<usize>pixels) << 2;
    }
  }
}
