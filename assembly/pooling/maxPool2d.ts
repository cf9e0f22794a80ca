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
import { bytes } from '../lib/simd';

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
  // windows of 2×2 side by side, all of them inside the image
  const isHalving = kH == 2 && kW == 2 && strideH == 2 && strideW == 2 && padH == 0 && padW == 0;
  const isFast = isHalving && outW >= 4 && outW * 2 <= inW && outH * 2 <= inH;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < outH; i++) {
      const top = i * strideH - padH;
      if (isFast) halveRow(y, argmax, x, top, inW, outW);
      else poolRow(y, argmax, x, top, inH, inW, outW, kH, kW, strideW, padW);
      y += bytes(outW);
      argmax += bytes(outW);
    }
    x += bytes(inH * inW);
  }
}

/** A row of windows, one after another. */
function poolRow(
  y: usize,
  argmax: usize,
  x: usize,
  top: i32,
  inH: i32,
  inW: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideW: i32,
  padW: i32,
): void {
  const rowEnd = min(top + kH, inH);
  for (let j = 0; j < outW; j++) {
    const left = j * strideW - padW;
    const columnEnd = min(left + kW, inW);
    let winner = max(top, 0) * inW + max(left, 0);
    let largest = load<f32>(x + bytes(winner));
    for (let h = max(top, 0); h < rowEnd; h++) {
      for (let v = max(left, 0); v < columnEnd; v++) {
        const at = h * inW + v;
        const value = load<f32>(x + bytes(at));
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

/** A row of windows of 2×2, four at a time. The last four may overlap those before. */
function halveRow(y: usize, argmax: usize, x: usize, top: i32, inW: i32, outW: i32): void {
  const evens = i32x4(0, 2, 4, 6);
  const below = bytes(inW);
  for (let j = 0; j < outW; j += 4) {
    const first = min(j, outW - 4);
    const place = top * inW + 2 * first;
    const at = x + bytes(place);
    const left = v128.load(at);
    const right = v128.load(at, 16);
    const leftBelow = v128.load(at + below);
    const rightBelow = v128.load(at + below, 16);
    let largest = v128.shuffle<f32>(left, right, 0, 2, 4, 6);
    let winner = i32x4.add(i32x4.splat(place), evens);

    let value = v128.shuffle<f32>(left, right, 1, 3, 5, 7);
    let wins = isLarger(value, largest);
    let other = i32x4.add(winner, i32x4.splat(1));
    const corner = winner;
    largest = v128.bitselect(value, largest, wins);
    winner = v128.bitselect(other, winner, wins);

    value = v128.shuffle<f32>(leftBelow, rightBelow, 0, 2, 4, 6);
    wins = isLarger(value, largest);
    other = i32x4.add(corner, i32x4.splat(inW));
    largest = v128.bitselect(value, largest, wins);
    winner = v128.bitselect(other, winner, wins);

    value = v128.shuffle<f32>(leftBelow, rightBelow, 1, 3, 5, 7);
    wins = isLarger(value, largest);
    other = i32x4.add(corner, i32x4.splat(inW + 1));
    v128.store(y + bytes(first), v128.bitselect(value, largest, wins));
    v128.store(argmax + bytes(first), v128.bitselect(other, winner, wins));
  }
}

/** Lane by lane, whether a value takes the place of the largest so far: it is larger, or the first NaN. */
function isLarger(value: v128, largest: v128): v128 {
  return v128.andnot(f32x4.eq(largest, largest), f32x4.le(value, largest));
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
