/**
 * How images weigh in the loss of a batch: by weights of their own, by those of their classes, or by the product of both.
 *
 *   loss of a batch = Σₙ v[n]·loss[n] / Σₙ v[n]·w[label[n]]
 *
 * v the weights of images; w those of classes, which loss[n] has in it already (as torch.nn.CrossEntropyLoss divides). A batch
 * whose weights are all 0 has the loss 0 and moves nothing.
 * @module
 */

/** What is known of the images by their index; what is absent is 1. */
export interface Weighting {
  readonly images?: ArrayLike<number> | undefined;
  readonly labels?: ArrayLike<number> | undefined;
  readonly classes?: ArrayLike<number> | undefined;
}

/** Writes the v of the images at `count` indices. @returns Σ v·w, in order and in double precision. */
export function weigh(
  weights: Float32Array,
  indices: ArrayLike<number>,
  count: number,
  { images, labels, classes }: Weighting,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const index = indices[i] ?? 0;
    const weight = images === undefined ? 1 : (images[index] ?? 0);
    const own = classes === undefined ? 1 : (classes[labels?.[index] ?? 0] ?? 0);
    weights[i] = weight;
    sum += weight * own;
  }
  return sum;
}

/** Makes weights factors in the mean over `count` images: v·count / Σ v·w. */
export function normalizeWeights(weights: Float32Array, count: number, sum: number): void {
  const factor = sum > 0 ? count / sum : 0;
  for (let i = 0; i < count; i++) weights[i] = (weights[i] ?? 0) * factor;
}
