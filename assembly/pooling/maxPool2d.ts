/**
 * Max pooling.
 *
 *   forward    y[n, c, i, j] = max x[n, c, i·strideH + p − padH, j·strideW + q − padW] over the window's pixels
 *   backward   dx[n, c, winner of (i, j)] += dy[n, c, i, j]
 *
 * x, dx: f32[batch, channels, inH, inW]. y, dy: f32[batch, channels, outH, outW].
 * argmax: i32[batch, channels, outH, outW], the place of the winner in its own plane, row·inW + column. Byte addresses;
 * nothing overlaps. dx is overwritten.
 *
 * The first maximum in row-major order wins. The first NaN of a window wins over all numbers. Padding never wins. Every
 * window must hold at least one pixel of the image.
 */

/**
 * y = max of each window; argmax = its place
 *
 * @writes y, argmax
 */
export function maxPool2dForward(
  y: usize,
  argmax: usize,
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
): void {
  const planes = batch * channels;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < outH; i++) {
      const top = i * strideH - padH;
      const rowEnd = min(top + kH, inH);
      for (let j = 0; j < outW; j++) {
        const left = j * strideW - padW;
        const columnEnd = min(left + kW, inW);
        let winner = max(top, 0) * inW + max(left, 0);
        let largest = load<f32>(x + ((<usize>winner) << 2));
        for (let h = max(top, 0); h < rowEnd; h++) {
          for (let v = max(left, 0); v < columnEnd; v++) {
            const at = h * inW + v;
            const value = load<f32>(x + ((<usize>at) << 2));
            if (value > largest || (value != value && largest == largest)) {
              largest = value;
              winner = at;
            }
          }
        }
        store<f32>(y, largest);
        store<i32>(argmax, winner);
        y += 4;
        argmax += 4;
      }
    }
    x += (<usize>(inH * inW)) << 2;
  }
}

/**
 * dx = 0, then dx[winner] += dy, in the order of dy
 *
 * @writes dx
 */
export function maxPool2dBackward(
  dx: usize,
  dy: usize,
  argmax: usize,
  batch: i32,
  channels: i32,
  inH: i32,
  inW: i32,
  outH: i32,
  outW: i32,
): void {
  const planes = batch * channels;
  const planeBytes = (<usize>(inH * inW)) << 2;
  const outputs = outH * outW;
  memory.fill(dx, 0, <usize>planes * planeBytes);
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < outputs; i++) {
      const at = dx + ((<usize>load<i32>(argmax)) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(dy));
      dy += 4;
      argmax += 4;
    }
    dx += planeBytes;
  }
}
