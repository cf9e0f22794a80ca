/**
 * Sine and cosine in double precision by arithmetic alone, so that every engine gives the same bits: the Taylor series of the sine,
 * after whole turns are taken off (Muller, "Elementary functions", 2016, chapter 3). Both are within 10⁻¹⁴; at 0 they are exact.
 */

/** Terms of the series: those after fifteen are below 2⁻⁵³ at half a turn. */
const TERMS: i32 = 15;

/** sin(π·x) = Σ (−1)ᵏ·(π·x)²ᵏ⁺¹ / (2k + 1)! for any finite x. */
export function sinPi(x: f64): f64 {
  const angle = Math.PI * (x - 2 * nearest<f64>(x / 2)); // at most half a turn
  let sum: f64 = 1;
  for (let k = 2 * TERMS; k > 0; k -= 2) sum = 1 - (sum * angle * angle) / <f64>(k * (k + 1));
  return angle * sum;
}

/** cos(π·x) = 1 − 2·sin²(π·x / 2) */
export function cosPi(x: f64): f64 {
  const half = sinPi(x / 2);
  return 1 - 2 * half * half;
}
