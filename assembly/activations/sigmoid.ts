/**
 * Logistic sigmoid, element by element.
 *
 *   forward    y[i]  = 1 / (1 + e⁻ˣ)
 *   backward   dx[i] = dy[i]·y[i]·(1 − y[i])
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y and
 * dx. (Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 4.59 and 4.88)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';
import { sigmoid } from '../lib/vectorMath';

/**
 * y = 1 / (1 + e⁻ˣ)
 *
 * @writes y
 * @inPlace y x
 */
export function sigmoidForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, sigmoid(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, sigmoid(loadTail(x, tail)), tail);
}

/**
 * dx = dy·y·(1 − y)
 *
 * @writes dx
 * @inPlace dx dy
 */
export function sigmoidBackward(dx: usize, dy: usize, y: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(v128.load(y))));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, f32x4.mul(loadTail(dy, tail), slope(loadTail(y, tail))), tail);
}

function slope(y: v128): v128 {
  return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y));
}
