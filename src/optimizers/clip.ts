/** Clipping of the gradient by its length over all parameters. Kernels: assembly/optimizers/clip.ts. @module */

/** Keeps the division finite, as torch.nn.utils.clip_grad_norm_ does. */
const EPSILON = 1e-6;

/** The factor on a gradient: `min(1, most / (√Σ squares + 1e-6))`. The squares are summed in order. */
export function clipFactor(squares: Float64Array, most: number): number {
  let sum = 0;
  for (let i = 0; i < squares.length; i++) sum += squares[i] ?? 0;
  return Math.min(1, most / (Math.sqrt(sum) + EPSILON));
}
