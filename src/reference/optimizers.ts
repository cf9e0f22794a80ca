/**
 * Optimizers in double precision, one step each. A step returns fresh copies of what it changes. Options have the names
 * of the factories' options; steps `t` count from 1.
 * @module
 */

/** The result of a step with momentum: the weights and the velocity. */
export interface MomentumStep {
  readonly w: Float64Array;
  readonly v: Float64Array;
}

/** A step with two blocks of state beside the weights. */
export interface AdaptiveStep extends MomentumStep {
  readonly u: Float64Array;
}

/** A step of Adam: both moments beside the weights. */
export interface AdamStep extends MomentumStep {
  readonly m: Float64Array;
}

/** `w −= α·dw` */
export function sgdStep(
  w: ArrayLike<number>,
  dw: ArrayLike<number>,
  { learningRate }: { readonly learningRate: number },
): Float64Array {
  return Float64Array.from(w, (value, i) => value - learningRate * dw[i]);
}

/** `v = µ·v + dw`, `w −= α·v` */
export function momentumStep(
  w: ArrayLike<number>,
  v: ArrayLike<number>,
  dw: ArrayLike<number>,
  { learningRate, momentum }: { readonly learningRate: number; readonly momentum: number },
): MomentumStep {
  const velocity = Float64Array.from(v, (value, i) => momentum * value + dw[i]);
  return { w: sgdStep(w, velocity, { learningRate }), v: velocity };
}

/** `v = µ·v + dw`, `w −= α·(dw + µ·v)` */
export function nesterovStep(
  w: ArrayLike<number>,
  v: ArrayLike<number>,
  dw: ArrayLike<number>,
  { learningRate, momentum }: { readonly learningRate: number; readonly momentum: number },
): MomentumStep {
  const velocity = Float64Array.from(v, (value, i) => momentum * value + dw[i]);
  const step = velocity.map((value, i) => dw[i] + momentum * value);
  return { w: sgdStep(w, step, { learningRate }), v: velocity };
}

/** `v = ρ·v + (1 − ρ)·dw²`, `w −= α·dw / (√v + ε)` */
export function rmspropStep(
  w: ArrayLike<number>,
  v: ArrayLike<number>,
  dw: ArrayLike<number>,
  options: { readonly learningRate: number; readonly rho: number; readonly epsilon: number },
): MomentumStep {
  const { learningRate, rho, epsilon } = options;
  const square = Float64Array.from(v, (value, i) => rho * value + (1 - rho) * dw[i] ** 2);
  const step = square.map((value, i) => dw[i] / (Math.sqrt(value) + epsilon));
  return { w: sgdStep(w, step, { learningRate }), v: square };
}

/** `v = ρ·v + (1 − ρ)·dw²`, `u = µ·u + dw / (√v + ε)`, `w −= α·u` */
export function rmspropMomentumStep(
  w: ArrayLike<number>,
  v: ArrayLike<number>,
  u: ArrayLike<number>,
  dw: ArrayLike<number>,
  options: {
    readonly learningRate: number;
    readonly rho: number;
    readonly epsilon: number;
    readonly momentum: number;
  },
): AdaptiveStep {
  const { learningRate, rho, epsilon, momentum } = options;
  const square = Float64Array.from(v, (value, i) => rho * value + (1 - rho) * dw[i] ** 2);
  const velocity = square.map((value, i) => momentum * u[i] + dw[i] / (Math.sqrt(value) + epsilon));
  return { w: sgdStep(w, velocity, { learningRate }), v: square, u: velocity };
}

/** `v = v + dw²`, `w −= α·dw / (√v + ε)` */
export function adagradStep(
  w: ArrayLike<number>,
  v: ArrayLike<number>,
  dw: ArrayLike<number>,
  { learningRate, epsilon }: { readonly learningRate: number; readonly epsilon: number },
): MomentumStep {
  const sum = Float64Array.from(v, (value, i) => value + dw[i] ** 2);
  const step = sum.map((value, i) => dw[i] / (Math.sqrt(value) + epsilon));
  return { w: sgdStep(w, step, { learningRate }), v: sum };
}

/** `v = ρ·v + (1 − ρ)·dw²`, `d = dw·√(u + ε) / √(v + ε)`, `u = ρ·u + (1 − ρ)·d²`, `w −= α·d` */
export function adadeltaStep(
  w: ArrayLike<number>,
  v: ArrayLike<number>,
  u: ArrayLike<number>,
  dw: ArrayLike<number>,
  options: { readonly learningRate: number; readonly rho: number; readonly epsilon: number },
): AdaptiveStep {
  const { learningRate, rho, epsilon } = options;
  const square = Float64Array.from(v, (value, i) => rho * value + (1 - rho) * dw[i] ** 2);
  const step = square.map(
    (value, i) => (dw[i] * Math.sqrt(u[i] + epsilon)) / Math.sqrt(value + epsilon),
  );
  const moved = step.map((value, i) => rho * u[i] + (1 - rho) * value ** 2);
  return { w: sgdStep(w, step, { learningRate }), v: square, u: moved };
}

/** `w −= α·λ·w`, then Adam's step `t`: `m`, `v`, `w −= α·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)` */
export function adamStep(
  w: ArrayLike<number>,
  m: ArrayLike<number>,
  v: ArrayLike<number>,
  dw: ArrayLike<number>,
  t: number,
  options: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay?: number;
  },
): AdamStep {
  const { learningRate, beta1, beta2, epsilon, weightDecay = 0 } = options;
  const mean = Float64Array.from(m, (value, i) => beta1 * value + (1 - beta1) * dw[i]);
  const square = Float64Array.from(v, (value, i) => beta2 * value + (1 - beta2) * dw[i] ** 2);
  const decayed = Float64Array.from(w, (value) => value - learningRate * weightDecay * value);
  const step = mean.map((value, i) => {
    const corrected = square[i] / (1 - beta2 ** t);
    return value / (1 - beta1 ** t) / (Math.sqrt(corrected) + epsilon);
  });
  return { w: sgdStep(decayed, step, { learningRate }), m: mean, v: square };
}
