/** Sigmoid with the cross-entropy of yes and no, in double precision. An oracle: the engine's own exp and log will do. @module */
import type { LossAndGradient } from './regression.ts';

/**
 * `losses[n] = Σᵢ (w[i]·t·softplus(−x) + (1 − t)·softplus(x)) / length` and the gradient of their mean, for x and
 * targets`[batch, length]`; all w are 1 by default.
 */
export function binaryCrossEntropy(
  x: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
  length: number,
  weights?: ArrayLike<number>,
): LossAndGradient {
  const losses = new Float64Array(batch);
  const dx = Float64Array.from(x, (value, i) => {
    const yes = targets[i] * (weights?.[i % length] ?? 1);
    const no = 1 - targets[i];
    losses[Math.floor(i / length)] += (yes * softplus(-value) + no * softplus(value)) / length;
    return (no * sigmoid(value) - yes * sigmoid(-value)) / (batch * length);
  });
  return { losses, dx };
}

/** `ln(1 + eˣ)` */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
