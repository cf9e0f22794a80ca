/** Logarithms in double precision by arithmetic alone: `Math.log` differs between engines in the last bit. @module */

/** Terms of the series: s² is at most 0.0295, so twelve reach 2⁻⁶⁰. */
const TERMS = 12;

/**
 * ln x for x > 0: `x = 2ⁿ·m` with m near 1, and `ln m = 2·artanh(s)`, `s = (m − 1) / (m + 1)`, a series in s² (Muller,
 * "Elementary functions", 2016, chapter 11).
 */
export function naturalLog(x: number): number {
  let exponent = 0;
  let m = x;
  for (; m > Math.SQRT2; m /= 2) exponent++;
  for (; m < Math.SQRT1_2; m *= 2) exponent--;
  const s = (m - 1) / (m + 1);
  let sum = 0;
  for (let k = TERMS; k >= 0; k--) sum = sum * s * s + 1 / (2 * k + 1);
  return exponent * Math.LN2 + 2 * s * sum;
}
