/** ReLU in double precision. @module */

/** `y = max(x, 0)`; a NaN stays one. */
export function reluForward(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => (value < 0 ? 0 : value));
}

/** `dx = y > 0 ? dy : 0` */
export function reluBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dy, (value, at) => (y[at] > 0 ? value : 0));
}
