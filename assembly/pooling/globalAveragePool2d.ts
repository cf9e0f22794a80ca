/**
 * The mean of each channel.
 *
 *   forward    y[n, c]      = Σ x[n, c, p] / pixels
 *   backward   dx[n, c, p]  = dy[n, c] / pixels
 *
 * x, dx: f32[batch, channels, pixels]. y, dy: f32[batch, channels]. Byte addresses; nothing overlaps. y and dx are
 * overwritten. The sum of a plane is taken in the order of `sum` in lib/simd.ts.
 * (Lin, Chen & Yan, "Network in network", 2014, section 3.2)
 */
import { bytes, fill, sum } from '../lib/simd';

/**
 * y = mean of x
 *
 * @writes y
 */
export function globalAveragePool2dForward(
  y: usize,
  x: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels > 0);
  const planes = batch * channels;
  for (let i = 0; i < planes; i++) {
    store<f32>(y + bytes(i), sum(x, pixels) / <f32>pixels);
    x += bytes(pixels);
  }
}

/**
 * dx = dy / pixels, everywhere in the channel
 *
 * @writes dx
 */
export function globalAveragePool2dBackward(
  dx: usize,
  dy: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels > 0);
  const planes = batch * channels;
  for (let i = 0; i < planes; i++) {
    fill(dx, load<f32>(dy + bytes(i)) / <f32>pixels, pixels);
    dx += bytes(pixels);
  }
}
