/**
 * Hyperbolic tangent, element by element.
 *
 *   forward    y[i]  = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
 *   backward   dx[i] = dy[i]·(1 − y[i]²)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y and
 * dx. (LeCun, Bottou, Orr & Müller, "Efficient backprop", 1998, section 4.4)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';
import { tanh } from '../lib/vectorMath';

/**
 * y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
 *
 * @writes y
 * @inPlace y x
 */
export function tanhForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, tanh(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, tanh(loadTail(x, tail)), tail);
}

/**
 * dx = dy·(1 − y²)
 *
 * @writes dx
 * @inPlace dx dy
 */
export function tanhBackward(dx: usize, dy: usize, y: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(v128.load(y))));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, f32x4.mul(loadTail(dy, tail), slope(loadTail(y, tail))), tail);
}

function slope(y: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y));
}
