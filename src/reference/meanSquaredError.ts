/** Mean squared error in double precision. @module */

/** The loss of each image, and the gradient of the mean loss, for x`[batch, length]`. */
export function meanSquaredError(
  x: ArrayLike<number>,
  targets: ArrayLike<number>,
  batch: number,
  length: number,
): { readonly losses: Float64Array; readonly dx: Float64Array } {
  const losses = new Float64Array(batch);
  const dx = Float64Array.from(x, (value, i) => {
    const error = value - targets[i];
    losses[Math.floor(i / length)] += error ** 2 / length;
    return (2 * error) / (batch * length);
  });
  return { losses, dx };
}
