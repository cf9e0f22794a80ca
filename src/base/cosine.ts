/** The cosine in double precision by arithmetic alone: `Math.cos` differs between engines in the last bit. @module */

/** Terms of the series: angles are at most π/4, so the terms after nine are below 2⁻⁶⁰. */
const TERMS = 9;

/**
 * cos(π·x) for x from 0 to 1: exactly 1, 0 and −1 at 0, ½ and 1, elsewhere within 2⁻⁵¹. The angle is brought below π/4 by
 * symmetry, where a Taylor series is short (Muller, "Elementary functions", 2016, chapter 3).
 */
export function cosineOfPi(x: number): number {
  if (x > 0.5) return -cosineOfPi(1 - x);
  if (x > 0.25) {
    const angle = Math.PI * (0.5 - x); // cos(π·x) = sin(π·(½ − x))
    return angle * series(angle, 1);
  }
  return series(Math.PI * x, 0);
}

/** `Σ (−1)ᵏ·angle²ᵏ / (2k + odd)!` */
function series(angle: number, odd: 0 | 1): number {
  let sum = 1;
  for (let k = TERMS; k > 0; k--) {
    const m = 2 * k + odd;
    sum = 1 - (sum * angle * angle) / (m * (m - 1));
  }
  return sum;
}
