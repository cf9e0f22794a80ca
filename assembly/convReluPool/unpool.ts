/**
 * From the gradients of windows to those of the outputs of the convolution: each at its winner, 0 elsewhere. See
 * convReluPool.ts.
 */
import { bytes, transpose4x4 } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/** Bytes of scratch for unpool. */
export const UNPOOL_BYTES: usize = 128;

/**
 * dy[outC, outH, outW] of masked[outC, windows]. The rows and channels of dy lie t.pitch and t.plane numbers apart; outputs
 * that no window covers are left alone. s: the sizes of forward, its frame included. aside: UNPOOL_BYTES of scratch.
 */
export function unpool(
  dy: usize,
  masked: usize,
  winners: usize,
  aside: usize,
  s: ConvSizes,
  t: ConvSizes,
): void {
  const outC = s.outC;
  const pooledH = s.outH >> 1;
  const pooledW = s.outW >> 1;
  const plane = t.plane;
  const step = 2 * t.pitch;
  const filters = s.filters;
  const windows = s.windows;
  for (let o = 0; o < outC; o += 4) {
    const some = min(outC - o, 4);
    for (let i = 0; i < pooledH; i++) {
      const window = i * pooledW;
      const kept = winners + bytes(window * filters + o);
      const from = masked + bytes(o * windows + window);
      const to = dy + bytes(o * plane + i * step);
      if (pooledW >= 4) unpoolRow(to, from, kept, aside, some, s, t);
      else unpoolShortRow(to, from, kept, some, s, t);
    }
  }
}

/** Bytes from a patch to the one below: a winner of at least so many bytes is in the second row of outputs. */
function rowStepOf(s: ConvSizes): i32 {
  return (s.strideH * s.pitch) << 2;
}

/** A row of four windows or more, of at most four filters. The last four windows may overlap the four before. */
function unpoolRow(
  dy: usize,
  masked: usize,
  winners: usize,
  aside: usize,
  some: i32,
  s: ConvSizes,
  t: ConvSizes,
): void {
  const pooledW = s.outW >> 1;
  const windowBytes = bytes(s.windows);
  const filterBytes = bytes(s.filters);
  const rowStep = rowStepOf(s);
  const planeBytes = bytes(t.plane);
  const rowBytes = bytes(t.pitch);
  const outputs = aside + 64;
  for (let j = 0; j < pooledW; j += 4) {
    const first = min(j, pooledW - 4);
    transpose4x4(aside, 16, winners + <usize>first * filterBytes, filterBytes);
    for (let f = 0; f < some; f++) {
      const gradients = v128.load(masked + <usize>f * windowBytes + bytes(first));
      placeGradients(outputs, gradients, v128.load(aside + bytes(4 * f)), rowStep);
      const to = dy + <usize>f * planeBytes + bytes(2 * first);
      storePairs(to, v128.load(outputs), v128.load(outputs, 16));
      storePairs(to + rowBytes, v128.load(outputs, 32), v128.load(outputs, 48));
    }
  }
}

/** to[4][4] = the gradients of the four outputs of four windows side by side, in row-major order. */
function placeGradients(to: usize, gradients: v128, winners: v128, rowStep: i32): void {
  const down = i32x4.splat(rowStep);
  const isDown = i32x4.ge_s(winners, down);
  const isRight = i32x4.ne(winners, v128.and(isDown, down));
  const bottom = v128.and(gradients, isDown);
  const top = v128.andnot(gradients, isDown);
  v128.store(to, v128.andnot(top, isRight));
  v128.store(to, v128.and(top, isRight), 16);
  v128.store(to, v128.andnot(bottom, isRight), 32);
  v128.store(to, v128.and(bottom, isRight), 48);
}

function storePairs(to: usize, even: v128, odd: v128): void {
  v128.store(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
}

/** A row of fewer than four windows. */
function unpoolShortRow(
  dy: usize,
  masked: usize,
  winners: usize,
  some: i32,
  s: ConvSizes,
  t: ConvSizes,
): void {
  const pooledW = s.outW >> 1;
  const windows = s.windows;
  const filters = s.filters;
  const rowStep = rowStepOf(s);
  const plane = t.plane;
  const rowBytes = bytes(t.pitch);
  for (let f = 0; f < some; f++) {
    for (let j = 0; j < pooledW; j++) {
      const winner = load<i32>(winners + bytes(j * filters + f));
      const isDown = winner >= rowStep;
      const isRight = winner != (isDown ? rowStep : 0);
      const gradient = load<f32>(masked + bytes(f * windows + j));
      const to = dy + bytes(f * plane + 2 * j);
      const below = to + rowBytes;
      store<f32>(to, isDown || isRight ? 0 : gradient);
      store<f32>(to, !isDown && isRight ? gradient : 0, 4);
      store<f32>(below, isDown && !isRight ? gradient : 0);
      store<f32>(below, isDown && isRight ? gradient : 0, 4);
    }
  }
}
