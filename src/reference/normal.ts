/** The normal distribution in double precision. @module */

/** `φ(x) = exp(−x² / 2) / √(2π)` */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * Φ(x): near 0 by the series `½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …)`, far from it by Laplace's continued fraction of the tail,
 * `φ(a) / (a + 1/(a + 2/(a + 3/…)))`. (Abramowitz & Stegun, 1964, 26.2.11 and 26.2.14)
 */
export function normalDistribution(x: number): number {
  if (x > 3) return 1 - normalDistribution(-x);
  if (x < -3) {
    let fraction = -x;
    for (let k = 200; k > 0; k--) fraction = k / fraction - x;
    return normalDensity(x) / fraction;
  }
  let sum = 0;
  let term = x;
  for (let k = 3; k < 200; k += 2) {
    sum += term;
    term *= (x * x) / k;
  }
  return 0.5 + normalDensity(x) * sum;
}
