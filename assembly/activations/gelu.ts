/**
 * Gaussian error linear unit, the exact one, element by element. Φ and φ are the normal distribution and its density.
 *
 *   forward    y[i]  = x[i]·Φ(x[i]),  Φ(x) = (1 + erf(x / √2)) / 2
 *   backward   dx[i] = dy[i]·(Φ(x[i]) + x[i]·φ(x[i])),  φ(x) = exp(−x² / 2) / √(2π)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y and
 * dx; an infinity may become one, as in PyTorch. (Hendrycks & Gimpel, "Gaussian error linear units", 2016, section 2)
 */
import { bytes, loadTail, multiplyAdd, storeTail } from '../lib/simd';
import { exp, normalTail } from '../lib/vectorMath';

/**
 * y = x·Φ(x)
 *
 * @writes y
 * @inPlace y x
 */
export function geluForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, gelu(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, gelu(loadTail(x, tail)), tail);
}

function gelu(x: v128): v128 {
  return f32x4.mul(x, distribution(x, bell(x)));
}

/** exp(−x² / 2) */
function bell(x: v128): v128 {
  return exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** Φ(x): the tail below 0, one less the tail above. */
function distribution(x: v128, bell: v128): v128 {
  const tail = normalTail(f32x4.abs(x), bell);
  const isBelow = f32x4.lt(x, f32x4.splat(0));
  return v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), isBelow);
}

/**
 * dx = dy·(Φ(x) + x·φ(x))
 *
 * @writes dx
 * @inPlace dx dy
 */
export function geluBackward(dx: usize, dy: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(v128.load(x))));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, f32x4.mul(loadTail(dy, tail), slope(loadTail(x, tail))), tail);
}

function slope(x: v128): v128 {
  const e = bell(x);
  const density = f32x4.mul(e, f32x4.splat(0.3989422804014327)); // 1 / √(2π)
  return multiplyAdd(distribution(x, e), x, density);
}
