/**
 * Huber's loss: the squared error of small errors, the absolute error of large ones (Huber, "Robust estimation of a location
 * parameter", 1964).
 *
 *   e         = x[n, i] − targets[n, i]
 *   losses[n] = Σᵢ (|e| <= delta ? e² / 2 : delta·(|e| − delta / 2)) / length
 *   dx[n, i]  = min(max(e, −delta), delta)·scale
 *
 * x, dx, targets: f32[batch, length]. losses: f32[batch]. Byte addresses; nothing else overlaps. Everything written is
 * overwritten. The sum of a row is taken in double precision, in order. A NaN makes its own entry and the loss of its row NaN.
 */

/**
 * Loss and its gradient by x.
 *
 * @writes losses, dx
 * @inPlace dx x
 * @param delta errors above it are large
 * @param scale factor of the gradient: 1 / (N·length) for the mean over all numbers of N images
 */
export function huber(
  losses: usize,
  dx: usize,
  x: usize,
  targets: usize,
  batch: i32,
  length: i32,
  delta: f64,
  scale: f32,
): void {
  assert(batch >= 0 && length > 0 && delta > 0);
  const rowBytes = (<usize>length) << 2;
  for (let n = 0; n < batch; n++) {
    let sum: f64 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const error = <f64>load<f32>(x + i) - <f64>load<f32>(targets + i);
      const size = abs<f64>(error);
      sum += size <= delta ? 0.5 * error * error : delta * (size - 0.5 * delta);
      const slope = error > delta ? delta : error < -delta ? -delta : error; // keeps a NaN
      store<f32>(dx + i, <f32>(slope * <f64>scale));
    }
    store<f32>(losses + ((<usize>n) << 2), <f32>(sum / <f64>length));
    x += rowBytes;
    dx += rowBytes;
    targets += rowBytes;
  }
}
