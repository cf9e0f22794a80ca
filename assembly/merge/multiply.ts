/**
 * Products, element by element, and of an image with a number a channel, as a squeeze-and-excitation block has it (Hu, Shen &
 * Sun, "Squeeze-and-excitation networks", 2018, section 3).
 *
 *   multiply           y[i]       = a[i]·b[i]
 *   multiplyChannels   y[n, c, p] = x[n, c, p]·s[n, c]
 *
 * The gradient by one factor is dy times the others, by the same two kernels, summed over the channel for s:
 *
 *   sumProducts        ds[n, c]   = Σ dy[n, c, p]·x[n, c, p]
 *
 * a, b: f32[length]. x, dy: f32[batch, channels, pixels]. s, ds: f32[batch, channels]. Byte addresses. A NaN in a factor is a
 * NaN in the product. The sum keeps four partial sums, the lanes of a vector, and adds them as (0 + 2) + (1 + 3).
 */

import { bytes, horizontalSum, loadTail, multiplyAdd } from '../lib/simd';

/**
 * y = a·b. y: f32[length], which may be a, b or both.
 *
 * @writes y
 * @inPlace y a
 */
export function multiply(y: usize, a: usize, b: usize, length: i32): void {
  assert(length >= 0);
  const end = bytes(length);
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    v128.store(y + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  }
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(a + i) * load<f32>(b + i));
}

/**
 * y = x·s, channel by channel. y: f32[batch, channels, pixels].
 *
 * @writes y
 * @inPlace y x
 */
export function multiplyChannels(
  y: usize,
  x: usize,
  s: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const planes = batch * channels;
  const end = bytes(pixels);
  const vectorEnd = end & ~15;
  for (let plane = 0; plane < planes; plane++) {
    const factor = load<f32>(s + bytes(plane));
    const factors = f32x4.splat(factor);
    let i: usize = 0;
    for (; i < vectorEnd; i += 16) v128.store(y + i, f32x4.mul(v128.load(x + i), factors));
    for (; i < end; i += 4) store<f32>(y + i, load<f32>(x + i) * factor);
    y += end;
    x += end;
  }
}

/**
 * ds = Σ dy·x over each channel
 *
 * @writes ds
 */
export function sumProducts(
  ds: usize,
  dy: usize,
  x: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const planes = batch * channels;
  const end = bytes(pixels);
  const vectorEnd = end & ~15;
  const tail = pixels & 3;
  for (let plane = 0; plane < planes; plane++) {
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < vectorEnd; i += 16) {
      sums = multiplyAdd(sums, v128.load(dy + i), v128.load(x + i));
    }
    if (tail > 0) {
      sums = multiplyAdd(sums, loadTail(dy + vectorEnd, tail), loadTail(x + vectorEnd, tail));
    }
    store<f32>(ds + bytes(plane), horizontalSum(sums));
    dy += end;
    x += end;
  }
}
