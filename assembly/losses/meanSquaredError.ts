/**
 * Mean squared error.
 *
 *   losses[n] = Σᵢ (x[n, i] − targets[n, i])² / length
 *   dx[n, i]  = 2·(x[n, i] − targets[n, i])·scale
 *
 * x, dx, targets: f32[batch, length]. losses: f32[batch]. Byte addresses; nothing else overlaps. Everything written is
 * overwritten. The sum of a row is taken in double precision, in order.
 */

/**
 * Loss and its gradient by x.
 *
 * @writes losses, dx
 * @inPlace dx x
 * @param scale factor of the gradient: 1 / (N·length) for the mean over all numbers of N images
 */
export function meanSquaredError(
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
      const error = load<f32>(x + i) - load<f32>(targets + i);
      sum += <f64>error * <f64>error;
      store<f32>(dx + i, <f32>2 * error * scale);
    }
    store<f32>(losses + ((<usize>n) << 2), <f32>(sum / <f64>length));
    x += rowBytes;
    dx += rowBytes;
    targets += rowBytes;
  }
}
