/**
 * Sigmoid with the cross-entropy of yes and no, number by number: any number of them may be true of an image.
 *
 *   losses[n] = Σᵢ (weights[i]·t·softplus(−x[n, i]) + (1 − t)·softplus(x[n, i])) / length
 *   dx[n, i]  = ((1 − t)·σ(x[n, i]) − weights[i]·t·σ(−x[n, i]))·scale
 *
 * t is targets[n, i], from 0 to 1, or labels[n], 0 or 1; σ(x) = 1 / (1 + e⁻ˣ) and softplus(x) = ln(1 + eˣ), both from e^−|x|, so that
 * nothing overflows and a saturated output has a finite loss.
 *
 * x, dx, targets: f32[batch, length]. labels: i32[batch], with a length of 1. weights: f32[length]. losses: f32[batch]. Byte
 * addresses; nothing else overlaps. Everything written is overwritten. Computed in double precision from e^−|x| in single
 * precision; the sum of a row is taken in order. A NaN makes its own entry and the loss of its row NaN.
 * (Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.2; weights as in torch.nn.BCEWithLogitsLoss.)
 */
import { expf, logd } from '../lib/math';

/**
 * Loss and its gradient by x.
 *
 * @writes losses, dx
 * @inPlace dx x
 * @optional targets labels are given
 * @optional labels targets are given
 * @optional weights all are 1
 * @param scale factor of the gradient: 1 / (N·length) for the mean over all numbers of N images
 */
export function binaryCrossEntropy(
  losses: usize,
  dx: usize,
  x: usize,
  targets: usize,
  labels: usize,
  weights: usize,
  batch: i32,
  length: i32,
  scale: f32,
): void {
  assert(batch >= 0 && length > 0 && (targets != 0 || length == 1));
  const rowBytes = (<usize>length) << 2;
  for (let n = 0; n < batch; n++) {
    const place = (<usize>n) << 2;
    let sum: f64 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const v = load<f32>(x + i);
      const t = targets != 0 ? <f64>load<f32>(targets + i) : <f64>load<i32>(labels + place);
      const yes = weights != 0 ? t * <f64>load<f32>(weights + i) : t;
      const no = 1.0 - t;
      const e = <f64>expf(-abs<f32>(v));
      const near = logd(1.0 + e); // softplus(−|x|)
      const far = near + <f64>abs<f32>(v);
      const low = e / (1.0 + e); // σ(−|x|)
      const high = 1.0 / (1.0 + e);
      const isPositive = v > 0;
      sum += yes * (isPositive ? near : far) + no * (isPositive ? far : near);
      const slope = no * (isPositive ? high : low) - yes * (isPositive ? low : high);
      store<f32>(dx + i, <f32>(slope * <f64>scale));
    }
    store<f32>(losses + place, <f32>(sum / <f64>length));
    x += rowBytes;
    dx += rowBytes;
    if (targets != 0) targets += rowBytes;
  }
}
