/**
 * Softplus, a smooth ReLU, element by element.
 *
 *   forward    y[i]  = ln(1 + eˣ) = max(x[i], 0) + ln(1 + exp(−|x[i]|))
 *   backward   dx[i] = dy[i]·(1 − exp(−y[i]))        (this is the sigmoid of x)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y and
 * dx. (Dugas, Bengio, Bélisle, Nadeau & Garcia, "Incorporating second-order functional knowledge for better option
 * pricing", 2001)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';
import { exp, expm1, log1p } from '../lib/vectorMath';

/**
 * y = ln(1 + eˣ)
 *
 * @writes y
 * @inPlace y x
 */
export function softplusForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, softplus(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, softplus(loadTail(x, tail)), tail);
}

function softplus(x: v128): v128 {
  const rest = log1p(exp(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), rest);
}

/**
 * dx = dy·(1 − e⁻ʸ)
 *
 * @writes dx
 * @inPlace dx dy
 */
export function softplusBackward(dx: usize, dy: usize, y: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(v128.load(y))));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, f32x4.mul(loadTail(dy, tail), slope(loadTail(y, tail))), tail);
}

function slope(y: v128): v128 {
  return f32x4.neg(expm1(f32x4.neg(y)));
}
