/**
 * Sigmoid of straight lines, element by element.
 *
 *   forward    y[i]  = min(max(x[i] + 3, 0), 6) / 6
 *   backward   dx[i] = −3 < x[i] < 3 ? dy[i] / 6 : 0        (slope at −3 and at 3 is taken as 0)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y; its
 * slope is 0. (Howard et al., "Searching for MobileNetV3", 2019, section 5.2)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';

/**
 * y = min(max(x + 3, 0), 6) / 6
 *
 * @writes y
 * @inPlace y x
 */
export function hardSigmoidForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, hardSigmoid(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, hardSigmoid(loadTail(x, tail)), tail);
}

/** Of four numbers; hardSwish takes it, too. */
export function hardSigmoid(x: v128): v128 {
  const six = f32x4.splat(6);
  const shifted = f32x4.add(x, f32x4.splat(3)); // pmin and pmax with it first keep NaN
  return f32x4.div(f32x4.pmin(f32x4.pmax(shifted, f32x4.splat(0)), six), six);
}

/**
 * dx = −3 < x < 3 ? dy / 6 : 0
 *
 * @writes dx
 * @inPlace dx dy
 */
export function hardSigmoidBackward(dx: usize, dy: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, x += 16) v128.store(dx, pass(v128.load(dy), v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(dx, pass(loadTail(dy, tail), loadTail(x, tail)), tail);
}

function pass(dy: v128, x: v128): v128 {
  const isBetween = f32x4.lt(f32x4.abs(x), f32x4.splat(3));
  return v128.and(f32x4.div(dy, f32x4.splat(6)), isBetween);
}
