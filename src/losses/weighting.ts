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

/** The weights of the images of a batch, v, and what each adds to their sum, v·w, in double precision. */
export interface ImageWeights {
  readonly weights: Float32Array;
  readonly products: Float64Array;
}

/** Writes the weights of images `start` to `end` − 1 of a batch, which are in these rows of the data. */
export function weigh(
  { weights, products }: ImageWeights,
  rows: ArrayLike<number>,
  start: number,
  end: number,
  { images, labels, classes }: Weighting,
): void {
  for (let i = start; i < end; i++) {
    const index = rows[i] ?? 0;
    const weight = images === undefined ? 1 : (images[index] ?? 0);
    const own = classes === undefined ? 1 : (classes[labels?.[index] ?? 0] ?? 0);
    weights[i] = weight;
    products[i] = weight * own;
  }
}

/** Σ v·w of a batch, in order. */
export function sumOfWeights({ products }: ImageWeights, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += products[i] ?? 0;
  return sum;
}

/** Makes weights factors in the mean over `count` images: v·count / Σ v·w. */
export function normalizeWeights(batch: ImageWeights, count: number): void {
  const { weights } = batch;
  const sum = sumOfWeights(batch, count);
  const factor = sum > 0 ? count / sum : 0;
  for (let i = 0; i < count; i++) weights[i] = (weights[i] ?? 0) * factor;
}
