/** Powers in double precision by multiplication alone: `Math.pow` differs between engines in the last bit. @module */

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
