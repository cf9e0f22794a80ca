/**
 * Normal numbers from random bits: one number from each integer, so that a weight depends on its own integer alone.
 *
 *   y[i] = standardDeviation·Φ⁻¹((bits[i] + ½) / 2³²)
 *
 * Φ⁻¹ is the inverse of the normal distribution, after M. J. Wichura, "Algorithm AS 241: the percentage points of the normal
 * distribution", Applied Statistics 37 (1988), routine PPND16. Its relative error is about 10⁻¹⁶ in double precision; the
 * result is rounded once.
 * y: f32[length]; bits: u32[length]; byte addresses; y may be bits.
 */
import { logd } from './math';

/**
 * y = standardDeviation·Φ⁻¹(…)
 *
 * @writes y
 * @inPlace y bits
 * @param standardDeviation converted to double precision before the multiplication
 */
export function randomNormal(y: usize, bits: usize, length: i32, standardDeviation: f32): void {
  assert(length >= 0);
  const end = (<usize>length) << 2;
  for (let i: usize = 0; i < end; i += 4) {
    const p = (<f64>load<u32>(bits + i) + 0.5) / 4294967296.0;
    store<f32>(y + i, <f32>(<f64>standardDeviation * normalQuantile(p)));
  }
}

/** Φ⁻¹(p) for 0 < p < 1. The polynomials have the names of the paper. */
function normalQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomialA(r)) / polynomialB(r);
  }
  const tail = q < 0 ? p : 1.0 - p;
  const r = Math.sqrt(-logd(tail));
  const value =
    r <= 5.0
      ? polynomialC(r - 1.6) / polynomialD(r - 1.6)
      : polynomialE(r - 5.0) / polynomialF(r - 5.0);
  return q < 0 ? -value : value;
}

function polynomialA(r: f64): f64 {
  return (
    ((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) *
      r +
      4.5921953931549871457e4) *
      r +
      1.3731693765509461125e4) *
      r +
      1.9715909503065514427e3) *
      r +
      1.3314166789178437745e2) *
      r +
    3.387132872796366608
  );
}

function polynomialB(r: f64): f64 {
  return (
    ((((((5.226495278852854561e3 * r + 2.8729085735721942674e4) * r + 3.930789580009271061e4) * r +
      2.1213794301586595867e4) *
      r +
      5.3941960214247511077e3) *
      r +
      6.871870074920579083e2) *
      r +
      4.2313330701600911252e1) *
      r +
    1.0
  );
}

function polynomialC(r: f64): f64 {
  return (
    ((((((7.7454501427834140764e-4 * r + 2.27238449892691845833e-2) * r +
      2.4178072517745061177e-1) *
      r +
      1.27045825245236838258) *
      r +
      3.64784832476320460504) *
      r +
      5.7694972214606914055) *
      r +
      4.6303378461565452959) *
      r +
    1.42343711074968357734
  );
}

function polynomialD(r: f64): f64 {
  return (
    ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r +
      1.51986665636164571966e-2) *
      r +
      1.4810397642748007459e-1) *
      r +
      6.8976733498510000455e-1) *
      r +
      1.6763848301838038494) *
      r +
      2.05319162663775882187) *
      r +
    1.0
  );
}

function polynomialE(r: f64): f64 {
  return (
    ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
      1.2426609473880784386e-3) *
      r +
      2.6532189526576123093e-2) *
      r +
      2.9656057182850489123e-1) *
      r +
      1.7848265399172913358) *
      r +
      5.4637849111641143699) *
      r +
    6.6579046435011037772
  );
}

function polynomialF(r: f64): f64 {
  return (
    ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r +
      1.8463183175100546818e-5) *
      r +
      7.868691311456132591e-4) *
      r +
      1.48753612908506148525e-2) *
      r +
      1.3692988092273580531e-1) *
      r +
      5.9983220655588793769e-1) *
      r +
    1.0
  );
}
