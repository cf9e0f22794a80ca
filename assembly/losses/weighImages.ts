/**
 * How images weigh in the mean that the loss of a batch is.
 *
 *   losses[n] = weights[n]·losses[n]
 *   dx[n, i]  = weights[n]·dx[n, i]
 *
 * losses, weights: f32[batch]. dx: f32[batch, length]. Byte addresses; nothing overlaps.
 */
import { scale } from '../optimizers/clip';

/**
 * losses = weights·losses, dx = weights·dx, image by image
 *
 * @updates losses, dx
 */
export function weighImages(
  losses: usize,
  dx: usize,
  weights: usize,
  batch: i32,
  length: i32,
): void {
  assert(batch >= 0 && length >= 0);
  const rowBytes = (<usize>length) << 2;
  const end = losses + ((<usize>batch) << 2);
  for (; losses < end; losses += 4) {
    const weight = load<f32>(weights);
    store<f32>(losses, load<f32>(losses) * weight);
    scale(dx, length, weight);
    weights += 4;
    dx += rowBytes;
  }
}
