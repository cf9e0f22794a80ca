/**
 * Group normalisation in double precision: Wu & He, "Group normalization" (2018), equations 1 to 4 and 6, written out.
 * Tensors are `[batch, channels, pixels]`, `pixels` 1 for rows of features.
 * @module
 */
import type { BatchNormGradients, Moments } from './batchNorm.ts';

/** Sizes of a batch, in the order the kernels take them. */
export type GroupNormSizes = readonly [
  batch: number,
  channels: number,
  pixels: number,
  groups: number,
];

/** Mean and variance of each group of each image, `[batch, groups]`; the variance divides by all values. */
export function groupNormMoments(x: ArrayLike<number>, sizes: GroupNormSizes): Moments {
  const [batch, channels, pixels, groups] = sizes;
  const count = (channels / groups) * pixels;
  const mean = new Float64Array(batch * groups);
  const variance = new Float64Array(batch * groups);
  visit(sizes, (i, _c, group) => {
    mean[group] += x[i] / count;
  });
  visit(sizes, (i, _c, group) => {
    variance[group] += (x[i] - mean[group]) ** 2 / count;
  });
  return { mean, variance };
}

/** `w·(x − mean) / √(variance + ε) + b` */
export function groupNormForward(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number>,
  sizes: GroupNormSizes,
  epsilon: number,
): Float64Array {
  const { mean, variance } = groupNormMoments(x, sizes);
  const y = new Float64Array(x.length);
  visit(sizes, (i, c, group) => {
    y[i] = (w[c] * (x[i] - mean[group])) / Math.sqrt(variance[group] + epsilon) + b[c];
  });
  return y;
}

/** The gradients by the input, the weight and the bias. */
export function groupNormBackward(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  sizes: GroupNormSizes,
  epsilon: number,
): BatchNormGradients {
  const [batch, channels, pixels, groups] = sizes;
  const count = (channels / groups) * pixels;
  const { variance } = groupNormMoments(x, sizes);
  const [ones, zeros] = [new Float64Array(channels).fill(1), new Float64Array(channels)];
  const normalised = groupNormForward(x, ones, zeros, sizes, epsilon);
  const [dw, db] = [new Float64Array(channels), new Float64Array(channels)];
  // Σ w·dy and Σ w·dy·x̂ of each group of each image
  const [plain, product] = [new Float64Array(batch * groups), new Float64Array(batch * groups)];
  visit(sizes, (i, c, group) => {
    dw[c] += dy[i] * normalised[i];
    db[c] += dy[i];
    plain[group] += w[c] * dy[i];
    product[group] += w[c] * dy[i] * normalised[i];
  });
  const dx = new Float64Array(x.length);
  visit(sizes, (i, c, group) => {
    const rest = w[c] * dy[i] - plain[group] / count - (normalised[i] * product[group]) / count;
    dx[i] = rest / Math.sqrt(variance[group] + epsilon);
  });
  return { dx, dw, db };
}

/** Calls `at` with every place in memory, its channel, and its group counted over all images. */
function visit(
  [batch, channels, pixels, groups]: GroupNormSizes,
  at: (place: number, channel: number, group: number) => void,
): void {
  const members = channels / groups;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const group = n * groups + Math.floor(c / members);
      for (let p = 0; p < pixels; p++) at((n * channels + c) * pixels + p, c, group);
    }
  }
}
