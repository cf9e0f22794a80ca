/**
 * Dense layer.
 *
 *   forward          y  = x·wᵀ + b
 *   backward input   dx = dy·w
 *   backward weight  dw += dyᵀ·x
 *   backward bias    db += Σₙ dy[n]
 *
 * x, dx: f32[batch, inputs]. w, dw: f32[outputs, inputs]. b, db: f32[outputs]. y, dy: f32[batch, outputs].
 * Byte addresses. y and dx are overwritten, dw and db are added to. Nothing overlaps.
 * The order of the sums is that of gemm.ts, forward that of dot products, so it depends on their length alone. A NaN spreads
 * as in the formulas.
 */

import { multiplyDots } from '../gemm/dots';
import { gemmScratchBytes, gemmTN, multiply } from '../gemm/gemm';
import { bytes } from '../lib/simd';

/** Bytes of scratch for any of these; 2³¹ − 1: too many, do not call the kernel. */
export function denseScratchBytes(batch: i32, inputs: i32, outputs: i32): i32 {
  const forward = gemmScratchBytes(batch, outputs, inputs);
  const backwardInput = gemmScratchBytes(batch, inputs, outputs);
  const backwardWeight = gemmScratchBytes(outputs, inputs, batch);
  return max(forward, max(backwardInput, backwardWeight));
}

/**
 * y = x·wᵀ + b
 *
 * @writes y
 * @optional b no bias
 * @bytes scratch denseScratchBytes of the same sizes
 */
export function denseForward(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  batch: i32,
  inputs: i32,
  outputs: i32,
): void {
  assert(batch >= 0 && inputs >= 0 && outputs >= 0);
  const rowBytes = (<usize>outputs) << 2;
  for (let n = 0; n < batch; n++) {
    const row = y + <usize>n * rowBytes;
    if (b != 0) memory.copy(row, b, rowBytes);
    else memory.fill(row, 0, rowBytes);
  }
  multiplyDots(y, x, w, scratch, batch, outputs, inputs);
}

/**
 * dx = dy·w
 *
 * @writes dx
 * @bytes scratch denseScratchBytes of the same sizes
 */
export function denseBackwardInput(
  dx: usize,
  dy: usize,
  w: usize,
  scratch: usize,
  batch: i32,
  inputs: i32,
  outputs: i32,
): void {
  assert(batch >= 0 && inputs >= 0 && outputs >= 0);
  const rowBytes = bytes(inputs);
  multiply(dx, dy, w, scratch, batch, inputs, outputs, bytes(outputs), 4, rowBytes, 4, false);
}

/**
 * dw += dyᵀ·x
 *
 * @adds dw
 * @bytes scratch denseScratchBytes of the same sizes
 */
export function denseBackwardWeight(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  batch: i32,
  inputs: i32,
  outputs: i32,
): void {
  assert(batch >= 0 && inputs >= 0 && outputs >= 0);
  gemmTN(dw, dy, x, scratch, outputs, inputs, batch);
}

/**
 * db += Σₙ dy[n], row after row
 *
 * @adds db
 */
export function denseBackwardBias(db: usize, dy: usize, batch: i32, outputs: i32): void {
  assert(batch >= 0 && outputs >= 0);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const at = db + ((<usize>o) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(dy + ((<usize>o) << 2)));
    }
    dy += (<usize>outputs) << 2;
  }
}
