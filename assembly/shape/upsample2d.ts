/**
 * Nearest-neighbour upsampling: every pixel becomes a block of scaleH × scaleW.
 *
 *   forward    y[n, c, i, j]  = x[n, c, ⌊i / scaleH⌋, ⌊j / scaleW⌋]
 *   backward   dx[n, c, h, v] = Σ dy[n, c, i, j]      over the block of (h, v), in row-major order
 *
 * x, dx: f32[batch, channels, inH, inW]. y, dy: f32[batch, channels, inH·scaleH, inW·scaleW]. Byte addresses; nothing overlaps. y
 * and dx are overwritten.
 */

import { bytes, copy } from '../lib/simd';

/**
 * y = x, each pixel as a block
 *
 * @writes y
 * @param scaleH rows of a block, at least 1
 * @param scaleW columns of a block, at least 1
 */
export function upsample2dForward(
  y: usize,
  x: usize,
  batch: i32,
  channels: i32,
  inH: i32,
  inW: i32,
  scaleH: i32,
  scaleW: i32,
): void {
  assert(batch >= 0 && channels >= 0 && scaleH > 0 && scaleW > 0);
  const rows = batch * channels * inH;
  const outW = inW * scaleW;
  for (let row = 0; row < rows; row++) {
    const first = y;
    for (let v = 0; v < inW; v++) {
      const value = load<f32>(x);
      for (let q = 0; q < scaleW; q++) {
        store<f32>(y, value);
        y += 4;
      }
      x += 4;
    }
    for (let p = 1; p < scaleH; p++) {
      copy(y, first, outW);
      y += bytes(outW);
    }
  }
}

/**
 * dx = sum of dy over each block
 *
 * @writes dx
 * @param scaleH rows of a block, at least 1
 * @param scaleW columns of a block, at least 1
 */
export function upsample2dBackward(
  dx: usize,
  dy: usize,
  batch: i32,
  channels: i32,
  inH: i32,
  inW: i32,
  scaleH: i32,
  scaleW: i32,
): void {
  assert(batch >= 0 && channels >= 0 && scaleH > 0 && scaleW > 0);
  const rows = batch * channels * inH;
  const outW = inW * scaleW;
  for (let row = 0; row < rows; row++) {
    for (let v = 0; v < inW; v++) {
      let sum: f32 = 0;
      for (let p = 0; p < scaleH; p++) {
        const block = dy + bytes(p * outW + v * scaleW);
        for (let q = 0; q < scaleW; q++) sum += load<f32>(block + bytes(q));
      }
      store<f32>(dx, sum);
      dx += 4;
    }
    dy += bytes(scaleH * outW);
  }
}
