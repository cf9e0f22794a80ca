/**
 * Categorical cross-entropy of softmax, both at once. Kernel: assembly/losses/softmaxCrossEntropy.ts.
 *
 *   loss[n]   = log Σⱼ exp(x[n, j]) − x[n, label[n]]
 *   dx[n, i]  = (softmax(x[n])[i] − [i = label[n]]) / N
 *
 * on the logits x, the input of the final softmax (Bishop, "Pattern Recognition and Machine Learning", 2006,
 * eq. 4.108–4.109); N is the number of images in the whole batch, however it is cut.
 * @module
 */
import type { Kernels } from '../wasm/kernels.ts';

/** Name of the loss, as Keras spells it. */
export const CATEGORICAL_CROSSENTROPY = 'categoricalCrossentropy';

export type Loss = typeof CATEGORICAL_CROSSENTROPY;

/** Where the loss finds its tensors, for `batch` images. */
export interface LossTensors {
  /** f32[batch], the loss of each image. */
  readonly losses: number;
  /** f32[batch, classes], the logits, and their gradient. */
  readonly x: number;
  readonly dx: number;
  /** i32[batch]. */
  readonly labels: number;
  readonly batch: number;
  readonly classes: number;
}

/** The arguments of the kernel, the gradient scaled by `scale`: 1 / N. */
export function categoricalCrossentropy(
  { losses, dx, x, labels, batch, classes }: LossTensors,
  scale: number,
): Parameters<Kernels['softmaxCrossEntropy']> {
  return [losses, dx, x, labels, batch, classes, scale];
}
