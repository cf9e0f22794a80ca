/** Activations that take one number at a time, in double precision. @module */

/** `y = max(x, 0)`; a NaN stays a NaN. */
export function reluForward(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => (value < 0 ? 0 : value));
}

/** `dx = y > 0 ? dy : 0` */
export function reluBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dy, (value, at) => (y[at] > 0 ? value : 0));
}

/** `y = x > 0 ? x : negativeSlope·x` */
export function leakyReluForward(x: ArrayLike<number>, negativeSlope: number): Float64Array {
  return Float64Array.from(x, (value) => (value > 0 ? value : negativeSlope * value));
}

/** `dx = y > 0 ? dy : negativeSlope·dy` */
export function leakyReluBackward(
  dy: ArrayLike<number>,
  y: ArrayLike<number>,
  negativeSlope: number,
): Float64Array {
  return Float64Array.from(dy, (value, at) => (y[at] > 0 ? value : negativeSlope * value));
}
