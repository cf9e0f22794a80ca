/**
 * Sigmoid linear unit, also called swish, element by element. σ(x) = 1 / (1 + e⁻ˣ).
 *
 *   forward    y[i]  = x[i]·σ(x[i])
 *   backward   dx[i] = dy[i]·σ(x[i])·(1 + x[i]·(1 − σ(x[i])))
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y and
 * dx; an infinity may become one, as in PyTorch.
 * (Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function approximation", 2018)
 */
import { bytes, loadTail, multiplyAdd, storeTail } from '../lib/simd';
import { sigmoid } from '../lib/vectorMath';

/**
 * y = x·σ(x)
 *
 * @writes y
 * @inPlace y x
 */
export function siluForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, silu(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, silu(loadTail(x, tail)), tail);
}

function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

/**
 * dx = dy·σ(x)·(1 + x·(1 − σ(x)))
 *
 * @writes dx
 * @inPlace dx dy
 */
export function siluBackward(dx: usize, dy: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(v128.load(x))));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, f32x4.mul(loadTail(dy, tail), slope(loadTail(x, tail))), tail);
}

function slope(x: v128): v128 {
  const one = f32x4.splat(1);
  const s = sigmoid(x);
  return f32x4.mul(s, multiplyAdd(one, x, f32x4.sub(one, s)));
}
