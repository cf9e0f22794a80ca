/**
 * ReLU that stops at 6, element by element.
 *
 *   forward    y[i]  = min(max(x[i], 0), 6)
 *   backward   dx[i] = 0 < y[i] < 6 ? dy[i] : 0        (slope at 0 and at 6 is taken as 0)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y; its
 * slope is 0. (Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';

/**
 * y = min(max(x, 0), 6)
 *
 * @writes y
 * @inPlace y x
 */
export function relu6Forward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, clip(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, clip(loadTail(x, tail)), tail);
}

/** pmin and pmax with x first keep NaN. */
function clip(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(6));
}

/**
 * dx = 0 < y < 6 ? dy : 0
 *
 * @writes dx
 * @inPlace dx dy
 */
export function relu6Backward(dx: usize, dy: usize, y: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, y += 16) v128.store(dx, pass(v128.load(dy), v128.load(y)));
  const tail = length & 3;
  if (tail > 0) storeTail(dx, pass(loadTail(dy, tail), loadTail(y, tail)), tail);
}

function pass(dy: v128, y: v128): v128 {
  const isBetween = v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, f32x4.splat(6)));
  return v128.and(dy, isBetween);
}
