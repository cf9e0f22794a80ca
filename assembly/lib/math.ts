/**
 * exp and log as polynomials of our own. They give the same bits on every engine; Math.exp and Math.log may
 * differ in the last bit.
 *
 *   exp   x = n·ln 2 + r with |r| <= ln 2 / 2;  eˣ = 2ⁿ·P(r), P the Taylor polynomial of degree 7
 *   log   x = 2ⁿ·m with √½ <= m < √2;  ln x = n·ln 2 + 2·artanh(s), s = (m − 1) / (m + 1), a series in s²
 *
 * (Muller, "Elementary functions", 2016, chapters 3 and 11.) In single precision both are within 2 units in the last
 * place. exp is 0 below −103.98 and infinite above 88.73. log is −∞ at 0 and NaN below 0. A NaN stays a NaN.
 * x, y: f32[length], byte addresses; y may be x.
 */

/**
 * y = eˣ
 *
 * @writes y
 * @inPlace y x
 */
export function exp(y: usize, x: usize, length: i32): void {
  const end = (<usize>length) << 2;
  for (let i: usize = 0; i < end; i += 4) store<f32>(y + i, expf(load<f32>(x + i)));
}

/**
 * y = ln x
 *
 * @writes y
 * @inPlace y x
 */
export function log(y: usize, x: usize, length: i32): void {
  const end = (<usize>length) << 2;
  for (let i: usize = 0; i < end; i += 4) store<f32>(y + i, <f32>logd(<f64>load<f32>(x + i)));
}

/** eˣ in single precision, computed in double precision: this costs little here and keeps the error bound simple. */
export function expf(x: f32): f32 {
  if (!(x > -104)) return x != x ? x : 0;
  if (x > 89) return Infinity;
  const n = nearest<f64>(<f64>x * 1.4426950408889634);
  const r = <f64>x - n * 0.6931471805599453;
  let p: f64 = 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return <f32>(p * reinterpret<f64>((<i64>n + 1023) << 52));
}

/** ln x in double precision, for normal numbers, within 2 units in the last place. */
export function logd(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  const bits = reinterpret<i64>(x);
  let n = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    n += 1;
  }
  const s = (m - 1.0) / (m + 1.0);
  const z = s * s; // at most 0.0295: ten terms reach 2^-55
  let p: f64 = 1.0 / 21.0;
  p = p * z + 1.0 / 19.0;
  p = p * z + 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  return <f64>n * 0.6931471805599453 + (2.0 * s + 2.0 * s * z * p);
}
