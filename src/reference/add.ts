/** The sum of tensors in double precision. The gradient of each tensor is dy. @module */

/** `x₀ + x₁ + …` */
export function add(...xs: readonly ArrayLike<number>[]): Float64Array {
  // from −0, which changes no number: 0 would turn −0 + −0 into 0
  return Float64Array.from(xs[0], (_, i) => xs.reduce((sum, x) => sum + x[i], -0));
}
