/**
 * Sine and cosine in double precision by arithmetic alone, so that every engine gives the same bits. The angle is brought to
 * at most π/4 by symmetry; a Taylor series is short there (Muller, "Elementary functions", 2016, chapter 3). Both are
 * within 2⁻⁵⁰, and exactly 0, 1 and −1 at the multiples of a quarter turn.
 */

/** Terms of the series: those after nine are below 2⁻⁶⁰. */
const TERMS: i32 = 9;

/** cos(π·x) for any finite x. */
export function cosPi(x: f64): f64 {
  x = Math.abs(x - 2 * nearest<f64>(x / 2)); // at most one half turn
  const isObtuse = x > 0.5;
  if (isObtuse) x = 1 - x; // cos(π·x) = −cos(π·(1 − x))
  let y: f64;
  if (x > 0.25) {
    const angle = Math.PI * (0.5 - x); // cos(π·x) = sin(π·(½ − x))
    y = angle * series(angle, 1);
  } else y = series(Math.PI * x, 0);
  return isObtuse ? -y : y;
}

/** sin(π·x) for any finite x. */
export function sinPi(x: f64): f64 {
  return cosPi(0.5 - x);
}

/** `Σ (−1)ᵏ·angle²ᵏ / (2k + odd)!` */
function series(angle: f64, odd: i32): f64 {
  let sum: f64 = 1;
  for (let k = TERMS; k > 0; k--) {
    const m = 2 * k + odd;
    sum = 1 - (sum * angle * angle) / <f64>(m * (m - 1));
  }
  return sum;
}
