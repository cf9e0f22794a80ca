/**
 * Batch normalisation in double precision: Ioffe & Szegedy, "Batch normalization" (2015), algorithm 1, written out.
 * Tensors are `[batch, channels, pixels]`; `pixels` is 1 for rows of features.
 * @module
 */

/** Sizes of a batch, in the order of the kernels' arguments. */
export type BatchNormSizes = readonly [batch: number, channels: number, pixels: number];

/** Mean and variance of each channel; the variance divides by all values. */
export interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Gradients of the input, the weight and the bias. */
export interface BatchNormGradients {
  readonly dx: Float64Array;
  readonly dw: Float64Array;
  readonly db: Float64Array;
}

/** The statistics of a batch. */
export function batchNormMoments(x: ArrayLike<number>, sizes: BatchNormSizes): Moments {
  const [batch, channels, pixels] = sizes;
  const count = batch * pixels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  visit(sizes, (i, c) => {
    mean[c] += x[i] / count;
  });
  visit(sizes, (i, c) => {
    variance[c] += (x[i] - mean[c]) ** 2 / count;
  });
  return { mean, variance };
}

/** `w·(x − mean) / √(variance + ε) + b` */
export function batchNormForward(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number>,
  { mean, variance }: Moments,
  sizes: BatchNormSizes,
  epsilon: number,
): Float64Array {
  const y = new Float64Array(x.length);
  visit(sizes, (i, c) => {
    y[i] = (w[c] * (x[i] - mean[c])) / Math.sqrt(variance[c] + epsilon) + b[c];
  });
  return y;
}

/** The gradients in training, when mean and variance are the moments of x itself. */
export function batchNormBackward(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  sizes: BatchNormSizes,
  epsilon: number,
): BatchNormGradients {
  const [batch, channels, pixels] = sizes;
  const count = batch * pixels;
  const moments = batchNormMoments(x, sizes);
  const [ones, zeros] = [new Float64Array(channels).fill(1), new Float64Array(channels)];
  const normalised = batchNormForward(x, ones, zeros, moments, sizes, epsilon);
  const [dw, db] = [new Float64Array(channels), new Float64Array(channels)];
  visit(sizes, (i, c) => {
    dw[c] += dy[i] * normalised[i];
    db[c] += dy[i];
  });
  const dx = new Float64Array(x.length);
  visit(sizes, (i, c) => {
    const rest = dy[i] - db[c] / count - (normalised[i] * dw[c]) / count;
    dx[i] = (w[c] * rest) / Math.sqrt(moments.variance[c] + epsilon);
  });
  return { dx, dw, db };
}

/** `(1 − momentum)·running + momentum·batch`; here the variance of the batch divides by `count − 1`. */
export function batchNormRunning(
  running: Moments,
  x: ArrayLike<number>,
  sizes: BatchNormSizes,
  momentum: number,
): Moments {
  const [batch, , pixels] = sizes;
  const count = batch * pixels;
  const { mean, variance } = batchNormMoments(x, sizes);
  const blend = (old: Float64Array, fresh: (c: number) => number) =>
    old.map((value, c) => (1 - momentum) * value + momentum * fresh(c));
  return {
    mean: blend(running.mean, (c) => mean[c]),
    variance: blend(running.variance, (c) => (variance[c] * count) / (count - 1)),
  };
}

/** Calls `at` with every index and its channel, image after image. */
function visit(
  [batch, channels, pixels]: BatchNormSizes,
  at: (place: number, channel: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++) at((n * channels + c) * pixels + p, c);
    }
  }
}
