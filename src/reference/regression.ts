/**
 * Losses of values in double precision: what each adds for an error, and its slope. The loss of an image is the mean over its
 * numbers; gradients are those of the mean over images.
 * @module
 */

/** The loss of each image and the gradient of their mean, for x`[batch, length]`. */
export interface LossAndGradient {
  readonly losses: Float64Array;
  readonly dx: Float64Array;
}

/** `e²` */
export function meanSquaredError(
  x: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
  length: number,
): LossAndGradient {
  return regression(
    x,
    targets,
    batch,
    length,
    (error) => error ** 2,
    (error) => 2 * error,
  );
}

/** `|e|`, of slope 0 at 0 */
export function meanAbsoluteError(
  x: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
  length: number,
): LossAndGradient {
  return regression(x, targets, batch, length, Math.abs, Math.sign);
}

/** `e² / 2` if |e| is at most delta, else `delta·(|e| − delta / 2)` */
export function huber(
  x: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
  length: number,
  delta: number,
): LossAndGradient {
  return regression(
    x,
    targets,
    batch,
    length,
    (error) => (Math.abs(error) <= delta ? error ** 2 / 2 : delta * (Math.abs(error) - delta / 2)),
    (error) => Math.max(-delta, Math.min(delta, error)),
  );
}

function regression(
  x: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
  length: number,
  loss: (error: number) => number,
  slope: (error: number) => number,
): LossAndGradient {
  const losses = new Float64Array(batch);
  const dx = Float64Array.from(x, (value, i) => {
    const error = value - targets[i];
    losses[Math.floor(i / length)] += loss(error) / length;
    return slope(error) / (batch * length);
  });
  return { losses, dx };
}
