/** The sum of tensors in double precision. The gradient of each tensor is dy. @module */

/** `x₀ + x₁ + …` */
export function add(...xs: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(xs[0], (_, i) => xs.reduce((sum, x) => sum + x[i], 0));
}
