/**
 * Mean absolute error.
 *
 *   losses[n] = Σᵢ |x[n, i] − targets[n, i]| / length
 *   dx[n, i]  = sign(x[n, i] − targets[n, i])·scale          (0 if they are equal)
 *
 * x, dx, targets: f32[batch, length]. losses: f32[batch]. Byte addresses; nothing else overlaps. Everything written is
 * overwritten. The sum of a row is taken in double precision, in order. A NaN makes its own entry and the loss of its row NaN.
 */

/**
 * Loss and its gradient by x.
 *
 * @writes losses, dx
 * @inPlace dx x
 * @param scale factor of the gradient: 1 / (N·length) for the mean over all numbers of N images
 */
export function meanAbsoluteError(
  losses: usize,
  dx: usize,
  x: usize,
  targets: usize,
  batch: i32,
  length: i32,
  scale: f32,
): void {
  assert(batch >= 0 && length > 0);
  const rowBytes = (<usize>length) << 2;
  for (let n = 0; n < batch; n++) {
    let sum: f64 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const error = <f64>load<f32>(x + i) - <f64>load<f32>(targets + i);
      sum += abs<f64>(error);
      // what is neither above nor below 0 is 0 or NaN
      store<f32>(dx + i, error > 0 ? scale : error < 0 ? -scale : <f32>error);
    }
    store<f32>(losses + ((<usize>n) << 2), <f32>(sum / <f64>length));
    x += rowBytes;
    dx += rowBytes;
    targets += rowBytes;
  }
}
