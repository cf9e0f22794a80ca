/**
 * ReLU with a trained slope for each channel.
 *
 *   forward    y[n, c, p]  = x[n, c, p] > 0 ? x[n, c, p] : w[c]·x[n, c, p]
 *   backward   dx[n, c, p] = x[n, c, p] > 0 ? dy[n, c, p] : w[c]·dy[n, c, p]        (slope at 0 is w[c])
 *              dw[c]      += Σ dy[n, c, p]·x[n, c, p] over n and p with x[n, c, p] <= 0
 *
 * x, y, dx, dy: f32[batch, channels, pixels]; w, dw: f32[channels]; byte addresses. dw is added to: a plane after the
 * other, each sum from four lanes. A NaN in x stays a NaN in y and goes into dw; its slope is w[c].
 * (He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015, section 2.1)
 */
import { bytes, horizontalSum, loadTail } from '../lib/simd';
import { leakyReluBackward, leakyReluForward } from './leakyRelu';

/**
 * y = x > 0 ? x : w·x
 *
 * @writes y
 * @inPlace y x
 */
export function preluForward(
  y: usize,
  x: usize,
  w: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const planeBytes = bytes(pixels);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      leakyReluForward(y, x, pixels, load<f32>(w + bytes(c)));
      y += planeBytes;
      x += planeBytes;
    }
  }
}

/**
 * dx = x > 0 ? dy : w·dy
 *
 * @writes dx
 * @inPlace dx dy
 */
export function preluBackwardInput(
  dx: usize,
  dy: usize,
  x: usize,
  w: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const planeBytes = bytes(pixels);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      leakyReluBackward(dx, dy, x, pixels, load<f32>(w + bytes(c)));
      dx += planeBytes;
      dy += planeBytes;
      x += planeBytes;
    }
  }
}

/**
 * dw += Σ dy·x where x is not above 0
 *
 * @adds dw
 */
export function preluBackwardWeight(
  dw: usize,
  dy: usize,
  x: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const tail = pixels & 3;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      let sums = f32x4.splat(0);
      const end = x + bytes(pixels & ~3);
      for (; x < end; x += 16, dy += 16) sums = addBelow(sums, v128.load(dy), v128.load(x));
      if (tail > 0) sums = addBelow(sums, loadTail(dy, tail), loadTail(x, tail));
      x += bytes(tail);
      dy += bytes(tail);
      const at = dw + bytes(c);
      store<f32>(at, load<f32>(at) + horizontalSum(sums));
    }
  }
}

/** sums + dy·x in lanes that are not above 0. */
function addBelow(sums: v128, dy: v128, x: v128): v128 {
  const isAbove = f32x4.gt(x, f32x4.splat(0));
  return f32x4.add(sums, v128.andnot(f32x4.mul(dy, x), isAbove));
}
