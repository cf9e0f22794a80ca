/**
 * Scaling of sums in whole numbers: `y = zero + ⌊(sum·multiplier + 2^(shift − 1)) / 2^shift⌋`, saturated to −128 … 127.
 *
 * Every product and sum is below 2⁵³, so doubles compute the same as integers of 64 bits in C.
 * @module
 */

/** Multipliers are below this; sums are below 2³¹, their products below 2⁵². */
const MOST_MULTIPLIER = 2 ** 21;

/** From this shift on every product is less than a half of a step. */
const MOST_SHIFT = 52;

export interface Factor {
  readonly multiplier: number;
  /** 1 to 52. */
  readonly shift: number;
}

/** `multiplier·2^−shift` for a positive number, with 21 significant bits. */
export function factorOf(value: number): Factor {
  let shift = 0;
  let scaled = value;
  for (; scaled < MOST_MULTIPLIER / 2 && shift <= MOST_SHIFT; shift++) scaled *= 2;
  const multiplier = Math.round(scaled);
  if (shift > MOST_SHIFT) return { multiplier: 0, shift: 1 };
  // a factor so large takes any sum past the ends
  if (shift < 1) return { multiplier: MOST_MULTIPLIER - 1, shift: 1 };
  if (multiplier < MOST_MULTIPLIER) return { multiplier, shift };
  return shift > 1
    ? { multiplier: multiplier / 2, shift: shift - 1 }
    : { multiplier: MOST_MULTIPLIER - 1, shift };
}

/** Bits behind the point of the multipliers of summands. */
export const SUMMAND_SHIFT = 20;

/** Summands of larger factors saturate the sum. */
const MOST_SUMMAND = 2 ** 30;

/** `multiplier·2⁻²⁰` for a positive number. */
export function summandOf(value: number): number {
  return Math.min(Math.round(value * 2 ** SUMMAND_SHIFT), MOST_SUMMAND);
}

/** 2^shift. */
const POWERS = Float64Array.from({ length: MOST_SHIFT + 1 }, (_, shift) => 2 ** shift);

/** A product or a sum of products, scaled down, rounded, moved and saturated. */
export function scaled(product: number, shift: number, zero: number): number {
  const power = POWERS[shift] as number;
  return saturated(Math.floor((product + power / 2) / power) + zero);
}

/** A whole number in −128 … 127. */
export function saturated(value: number): number {
  return Math.max(-128, Math.min(127, value));
}
