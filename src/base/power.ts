/**
 * Powers in double precision by arithmetic alone: `Math.pow` and `Math.exp` differ between engines in the last bit.
 * @module
 */
import { naturalLog } from './logarithm.ts';

/** `base` to a whole power of at least 0, by squaring. */
export function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/**
 * `base`, 0 or more, to a power of at least 0: whole powers by squaring, others as e^(exponent·ln base). The relative error of
 * those is below 10⁻¹⁴ between 10⁻¹⁵ and 10¹⁵.
 */
export function power(base: number, exponent: number): number {
  if (Number.isInteger(exponent)) return integerPower(base, exponent);
  return base === 0 ? 0 : exponential(exponent * naturalLog(base));
}

/** ln 2 in two parts: the first has zeros enough that its whole multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Degree of the Taylor polynomial: |r| is at most ln 2 / 2, so the next term is below 2⁻⁵⁷. */
const DEGREE = 13;

/**
 * eˣ: `x = n·ln 2 + r`, and `eˣ = 2ⁿ·eʳ` (Muller, "Elementary functions", 2016, chapter 11). Within 2 units in the last place;
 * 0 where 2ⁿ is below the normal numbers.
 */
export function exponential(x: number): number {
  const n = Math.round(x / Math.LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let sum = 1;
  for (let k = DEGREE; k > 0; k--) sum = 1 + (sum * r) / k;
  return n < 0 ? sum / integerPower(2, -n) : sum * integerPower(2, n);
}
