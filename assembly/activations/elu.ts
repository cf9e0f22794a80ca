/**
 * Exponential linear unit, element by element.
 *
 *   forward    y[i]  = x[i] > 0 ? x[i] : alpha·(eˣ − 1)
 *   backward   dx[i] = y[i] > 0 ? dy[i] : dy[i]·(y[i] + alpha)        (slope at 0 is alpha)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. alpha is at least 0, so that the
 * sign of y is that of x. The slope is within two units in the last place of alpha. A NaN in x stays a NaN in y and dx.
 * (Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016,
 * section 3)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';
import { expm1 } from '../lib/vectorMath';

/**
 * y = x > 0 ? x : alpha·(eˣ − 1)
 *
 * @writes y
 * @inPlace y x
 * @param alpha minus the limit for x → −∞, at least 0
 */
export function eluForward(y: usize, x: usize, length: i32, alpha: f32): void {
  scaledEluForward(y, x, length, 1, alpha);
}

/**
 * dx = y > 0 ? dy : dy·(y + alpha)
 *
 * @writes dx
 * @inPlace dx dy
 * @param alpha minus the limit for x → −∞, at least 0
 */
export function eluBackward(dx: usize, dy: usize, y: usize, length: i32, alpha: f32): void {
  scaledEluBackward(dx, dy, y, length, 1, alpha);
}

/** y = x > 0 ? scale·x : alpha·(eˣ − 1) */
export function scaledEluForward(y: usize, x: usize, length: i32, scale: f32, alpha: f32): void {
  assert(length >= 0);
  const slope = f32x4.splat(scale);
  const limit = f32x4.splat(alpha);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, bend(v128.load(x), slope, limit));
  const tail = length & 3;
  if (tail > 0) storeTail(y, bend(loadTail(x, tail), slope, limit), tail);
}

function bend(x: v128, scale: v128, alpha: v128): v128 {
  const zero = f32x4.splat(0);
  const below = f32x4.mul(alpha, expm1(f32x4.pmin(x, zero)));
  return v128.bitselect(f32x4.mul(scale, x), below, f32x4.gt(x, zero));
}

/** dx = y > 0 ? scale·dy : dy·(y + alpha) */
export function scaledEluBackward(
  dx: usize,
  dy: usize,
  y: usize,
  length: i32,
  scale: f32,
  alpha: f32,
): void {
  assert(length >= 0);
  const slope = f32x4.splat(scale);
  const limit = f32x4.splat(alpha);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    v128.store(dx, unbend(v128.load(dy), v128.load(y), slope, limit));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, unbend(loadTail(dy, tail), loadTail(y, tail), slope, limit), tail);
}

function unbend(dy: v128, y: v128, scale: v128, alpha: v128): v128 {
  const isAbove = f32x4.gt(y, f32x4.splat(0));
  return f32x4.mul(dy, v128.bitselect(scale, f32x4.add(y, alpha), isAbove));
}
