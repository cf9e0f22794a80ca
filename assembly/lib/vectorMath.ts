/**
 * Transcendental functions of four f32 at a time: polynomials of our own, with the same bits on every engine and in every
 * lane. They use single precision alone.
 *
 *   exp       x = n·ln 2 + r with |r| <= ln 2 / 2;  eˣ = 2ⁿ·(1 + q),  q = r + r²·P(r) ≈ eʳ − 1,  P of degree 4
 *   expm1     2ⁿ·q + (2ⁿ − 1), which keeps every digit near 0
 *   log1p     2·artanh(s) = 2s + 2s·z·P(z),  s = u / (2 + u),  z = s²,  P of degree 3
 *   sigmoid   1 / (1 + e) above 0, e / (1 + e) below, with e = exp(−|x|)
 *   tanh      −m / (1 + e) with m = expm1(−2|x|) and e = m + 1, from 1 on 1 − 2e / (1 + e), and the sign of x
 *   Φ(−a)     exp(−a²/2)·t·P(t),  t = 1 / (1 + 0.306·a),  P of degree 7: half of erfc(a / √2)
 *
 * ln 2 is split in two so that n·ln 2 is exact in its larger part (Cody & Waite, "Software manual for the elementary
 * functions", 1980, chapter 6; Muller, "Elementary functions", 2016, chapters 3 and 11). The form of Φ is that of
 * Abramowitz & Stegun, "Handbook of mathematical functions", 1964, 7.1.26. All P are minimax polynomials, found by Remez's
 * exchange.
 *
 * Largest errors, in units in the last place of the exact result, over f32 of all sizes (test/kernels/activations.test.ts):
 * exp and expm1 1, sigmoid and tanh 2.5, ln(1 + eˣ) 3. Φ(−a) is within 10⁻⁷; its relative error is at most 10⁻⁶ for a <= 5
 * and 4·10⁻⁶ for a <= 13, since a² is rounded.
 * Beyond the range: exp is 0 below −103.98 and infinite above 88.73; results below 2⁻¹²⁶ round once more. A NaN stays a NaN.
 */
import { multiplyAdd } from './simd';

/** 1.5·2²³: a number that it is added to is rounded to an integer, which stands in the lowest bits. */
const ROUNDER: f32 = 12582912;
const ROUNDER_BITS: i32 = 0x4b400000;

/** eˣ */
export function exp(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89)); // x first keeps NaN
  const rounded = roundedMultiple(bounded);
  const n = exponentOf(rounded);
  const half = i32x4.shr_s(n, 1); // 2ⁿ in two factors: it may be no normal number
  const mantissa = f32x4.add(f32x4.splat(1), expm1Core(bounded, rounded));
  return f32x4.mul(f32x4.mul(mantissa, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** eˣ − 1 for x <= 0 */
export function expm1(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(-18)); // −1 from here on
  const rounded = roundedMultiple(bounded);
  const power = powerOfTwo(exponentOf(rounded));
  return multiplyAdd(f32x4.sub(power, f32x4.splat(1)), power, expm1Core(bounded, rounded));
}

/** ln(1 + u) for 0 <= u <= 1 */
export function log1p(u: v128): v128 {
  const s = f32x4.div(u, f32x4.add(f32x4.splat(2), u));
  const z = f32x4.mul(s, s);
  let p = f32x4.splat(0.1401223);
  p = multiplyAdd(f32x4.splat(0.13999571), p, z);
  p = multiplyAdd(f32x4.splat(0.2001085), p, z);
  p = multiplyAdd(f32x4.splat(0.33333206), p, z);
  const twice = f32x4.add(s, s);
  return multiplyAdd(twice, twice, f32x4.mul(z, p));
}

/** 1 / (1 + e⁻ˣ) */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const top = v128.bitselect(one, e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(top, f32x4.add(one, e));
}

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) */
export function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  const bounded = f32x4.pmax(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)), f32x4.splat(-20));
  const rounded = roundedMultiple(bounded);
  const power = powerOfTwo(exponentOf(rounded));
  const product = f32x4.mul(power, expm1Core(bounded, rounded));
  const e = f32x4.add(power, product); // exp(−2|x|)
  const isLarge = f32x4.lt(e, f32x4.splat(0.135)); // |x| above 1
  const top = v128.bitselect(f32x4.add(e, e), f32x4.sub(f32x4.sub(one, power), product), isLarge);
  const ratio = f32x4.div(top, f32x4.add(one, e));
  const size = v128.bitselect(f32x4.sub(one, ratio), ratio, isLarge);
  return v128.bitselect(x, size, i32x4.splat(0x80000000)); // the sign of x
}

/** Φ(−a), the normal distribution's tail, from a >= 0 and exp(−a²/2) */
export function normalTail(a: v128, bell: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, multiplyAdd(one, f32x4.splat(0.306), a));
  let p = f32x4.splat(0.036537886);
  p = multiplyAdd(f32x4.splat(-0.15070009), p, t);
  p = multiplyAdd(f32x4.splat(0.17938532), p, t);
  p = multiplyAdd(f32x4.splat(-0.033036288), p, t);
  p = multiplyAdd(f32x4.splat(0.118629456), p, t);
  p = multiplyAdd(f32x4.splat(0.104367405), p, t);
  p = multiplyAdd(f32x4.splat(0.12277227), p, t);
  p = multiplyAdd(f32x4.splat(0.122044094), p, t);
  return f32x4.mul(f32x4.mul(p, t), bell);
}

/** n + 1.5·2²³, n the integer next to x / ln 2. */
function roundedMultiple(x: v128): v128 {
  return multiplyAdd(f32x4.splat(ROUNDER), x, f32x4.splat(1.442695));
}

/** n of roundedMultiple, as integers. */
function exponentOf(rounded: v128): v128 {
  return i32x4.sub(rounded, i32x4.splat(ROUNDER_BITS));
}

/** 2ⁿ for −126 <= n <= 127 */
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** eʳ − 1 of what x leaves over n·ln 2. */
function expm1Core(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(1.4286068e-6)));
  let p = f32x4.splat(0.0013814599);
  p = multiplyAdd(f32x4.splat(0.008368717), p, r);
  p = multiplyAdd(f32x4.splat(0.04166839), p, r);
  p = multiplyAdd(f32x4.splat(0.16666521), p, r);
  p = multiplyAdd(f32x4.splat(0.49999994), p, r);
  return multiplyAdd(r, f32x4.mul(r, r), p);
}
