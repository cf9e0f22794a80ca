/**
 * Average pooling.
 *
 *   forward    y[n, c, i, j]  = Σ x[n, c, h, v] / divisor[i, j]       over the pixels (h, v) of the window
 *   backward   dx[n, c, h, v] = Σ dy[n, c, i, j] / divisor[i, j]      over the windows with (h, v)
 *
 * x, dx: f32[batch, channels, inH, inW]. y, dy: f32[batch, channels, outH, outW]. Byte addresses; nothing overlaps. y and dx
 * are overwritten.
 *
 * Window (i, j) begins at row i·strideH − padH and column j·strideW − padW, and has kH rows and kW columns. Every window must
 * hold at least one pixel of the image. With countsPadding 0 the divisor is the number of these pixels. With countsPadding 1
 * the padding counts too, but not what a window has past it: the padding ends before row inH + padBottom and column
 * inW + padRight. (PyTorch's AvgPool2d.) Sums run in row-major order: of pixels forward, of windows backward. A NaN reaches
 * the windows that hold it.
 */

import { bytes } from '../lib/simd';

/**
 * y = mean of each window
 *
 * @writes y
 * @param padBottom rows of padding after the last row
 * @param padRight columns of padding after the last column
 * @param countsPadding 1: the divisor counts the padding; 0: it does not
 */
export function averagePool2dForward(
  y: usize,
  x: usize,
  batch: i32,
  channels: i32,
  inH: i32,
  inW: i32,
  outH: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  padBottom: i32,
  padRight: i32,
  countsPadding: i32,
): void {
  assert(batch >= 0 && channels >= 0);
  const planes = batch * channels;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < outH; i++) {
      const top = i * strideH - padH;
      const row = max(top, 0);
      const rowEnd = min(top + kH, inH);
      const rows = countsPadding ? min(top + kH, inH + padBottom) - top : rowEnd - row;
      for (let j = 0; j < outW; j++) {
        const left = j * strideW - padW;
        const column = max(left, 0);
        const columnEnd = min(left + kW, inW);
        const columns = countsPadding ? min(left + kW, inW + padRight) - left : columnEnd - column;
        let sum: f32 = 0;
        for (let h = row; h < rowEnd; h++) {
          for (let v = column; v < columnEnd; v++) sum += load<f32>(x + bytes(h * inW + v));
        }
        store<f32>(y, sum / <f32>(<f64>rows * columns));
        y += 4;
      }
    }
    x += bytes(inH * inW);
  }
}

/**
 * dx = 0, then dx += dy / divisor for every pixel of each window
 *
 * @writes dx
 * @param padBottom rows of padding after the last row
 * @param padRight columns of padding after the last column
 * @param countsPadding 1: the divisor counts the padding; 0: it does not
 */
export function averagePool2dBackward(
  dx: usize,
  dy: usize,
  batch: i32,
  channels: i32,
  inH: i32,
  inW: i32,
  outH: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  padBottom: i32,
  padRight: i32,
  countsPadding: i32,
): void {
  assert(batch >= 0 && channels >= 0);
  const planes = batch * channels;
  memory.fill(dx, 0, <usize>planes * bytes(inH * inW));
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < outH; i++) {
      const top = i * strideH - padH;
      const row = max(top, 0);
      const rowEnd = min(top + kH, inH);
      const rows = countsPadding ? min(top + kH, inH + padBottom) - top : rowEnd - row;
      for (let j = 0; j < outW; j++) {
        const left = j * strideW - padW;
        const column = max(left, 0);
        const columnEnd = min(left + kW, inW);
        const columns = countsPadding ? min(left + kW, inW + padRight) - left : columnEnd - column;
        const share = load<f32>(dy) / <f32>(<f64>rows * columns);
        for (let h = row; h < rowEnd; h++) {
          for (let v = column; v < columnEnd; v++) {
            const at = dx + bytes(h * inW + v);
            store<f32>(at, load<f32>(at) + share);
          }
        }
        dy += 4;
      }
    }
    dx += bytes(inH * inW);
  }
}
