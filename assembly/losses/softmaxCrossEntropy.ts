/**
 * Softmax, and softmax with the cross-entropy of integer labels, row by row.
 *
 *   softmax         y[n, i]   = exp(x[n, i] − m) / Σⱼ exp(x[n, j] − m),  m = maxⱼ x[n, j]
 *   its gradient    dx[n, i]  = y[n, i]·(dy[n, i] − Σⱼ dy[n, j]·y[n, j])
 *   cross-entropy   losses[n] = ln Σⱼ exp(x[n, j] − m) + m − x[n, labels[n]]
 *   its gradient    dx[n, i]  = (softmax(x[n])[i] − [i = labels[n]])·scale
 *
 * and with weights of the classes and smoothed labels (Szegedy et al., "Rethinking the Inception architecture", 2016, section
 * 7), both as torch.nn.CrossEntropyLoss has them before its division:
 *
 *   a[i]      = (1 − s)·weights[i]·[i = labels[n]] + s/classes·weights[i],  s the smoothing
 *   losses[n] = Σᵢ a[i]·(ln Σⱼ exp(x[n, j]) − x[n, i])
 *   dx[n, i]  = (softmax(x[n])[i]·Σⱼ a[j] − a[i])·scale
 *
 * x, y, dx, dy: f32[batch, classes]. losses: f32[batch]. labels: i32[batch], each from 0 to classes − 1; labels are not
 * checked. weights: f32[classes]. Byte addresses; nothing else overlaps. Outputs are overwritten. Sums are taken in double precision, in order.
 * The true maximum of the row is subtracted, so a saturated row has a finite loss. A NaN makes its whole row NaN.
 * (Bishop, "Pattern Recognition and Machine Learning", 2006, eq. 4.108–4.109.)
 */
import { expf, logd } from '../lib/math';

/**
 * y = softmax(x)
 *
 * @writes y
 * @inPlace y x
 */
export function softmaxForward(y: usize, x: usize, batch: i32, classes: i32): void {
  const rowBytes = (<usize>classes) << 2;
  for (let n = 0; n < batch; n++) {
    const sum = exponentials(y, x, largestOf(x, rowBytes), rowBytes);
    for (let i: usize = 0; i < rowBytes; i += 4)
      store<f32>(y + i, <f32>(<f64>load<f32>(y + i) / sum));
    x += rowBytes;
    y += rowBytes;
  }
}

/**
 * dx = y·(dy − Σ dy·y)
 *
 * @writes dx
 * @inPlace dx dy
 */
export function softmaxBackward(dx: usize, dy: usize, y: usize, batch: i32, classes: i32): void {
  const rowBytes = (<usize>classes) << 2;
  for (let n = 0; n < batch; n++) {
    let sum: f64 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4)
      sum += <f64>load<f32>(dy + i) * <f64>load<f32>(y + i);
    for (let i: usize = 0; i < rowBytes; i += 4) {
      store<f32>(dx + i, <f32>(<f64>load<f32>(y + i) * (<f64>load<f32>(dy + i) - sum)));
    }
    dx += rowBytes;
    dy += rowBytes;
    y += rowBytes;
  }
}

/**
 * Loss and its gradient by the logits.
 *
 * @writes losses, dx
 * @inPlace dx x
 * @param scale factor of the gradient: 1 / N for the mean over a batch of N images
 */
export function softmaxCrossEntropy(
  losses: usize,
  dx: usize,
  x: usize,
  labels: usize,
  batch: i32,
  classes: i32,
  scale: f32,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (let n = 0; n < batch; n++) {
    const label = (<usize>load<i32>(labels + ((<usize>n) << 2))) << 2;
    assert(label < rowBytes);
    const largest = largestOf(x, rowBytes);
    const logit = load<f32>(x + label);
    const sum = exponentials(dx, x, largest, rowBytes);
    store<f32>(losses + ((<usize>n) << 2), <f32>(logd(sum) + (<f64>largest - <f64>logit)));
    const inverse = 1.0 / sum; // one division a row; in f64 the error is far below that of an f32
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const p = <f64>load<f32>(dx + i) * inverse - (i == label ? 1.0 : 0.0);
      store<f32>(dx + i, <f32>(p * <f64>scale));
    }
    x += rowBytes;
    dx += rowBytes;
  }
}

/**
 * The same with weights of the classes and smoothed labels.
 *
 * @writes losses, dx
 * @inPlace dx x
 * @optional weights all are 1
 * @param smoothing share of a label that goes to all classes alike, from 0 to 1
 * @param scale factor of the gradient
 */
export function weightedCrossEntropy(
  losses: usize,
  dx: usize,
  x: usize,
  labels: usize,
  weights: usize,
  batch: i32,
  classes: i32,
  smoothing: f64,
  scale: f32,
): void {
  const rowBytes = (<usize>classes) << 2;
  const share = smoothing / <f64>classes;
  for (let n = 0; n < batch; n++) {
    const label = (<usize>load<i32>(labels + ((<usize>n) << 2))) << 2;
    assert(label < rowBytes);
    const largest = <f64>largestOf(x, rowBytes);
    const own = (1.0 - smoothing) * weightOf(weights, label);
    let total = own; // Σ a
    let loss = own * (largest - <f64>load<f32>(x + label));
    if (share > 0) {
      for (let i: usize = 0; i < rowBytes; i += 4) {
        const a = share * weightOf(weights, i);
        total += a;
        loss += a * (largest - <f64>load<f32>(x + i));
      }
    }
    const sum = exponentials(dx, x, <f32>largest, rowBytes);
    store<f32>(losses + ((<usize>n) << 2), <f32>(loss + total * logd(sum)));
    const factor = total / sum;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const a = share * weightOf(weights, i) + (i == label ? own : 0.0);
      store<f32>(dx + i, <f32>((<f64>load<f32>(dx + i) * factor - a) * <f64>scale));
    }
    x += rowBytes;
    dx += rowBytes;
  }
}

function weightOf(weights: usize, at: usize): f64 {
  return weights == 0 ? 1.0 : <f64>load<f32>(weights + at);
}

/** The maximum of the row; NaN if the row holds a NaN. */
function largestOf(x: usize, rowBytes: usize): f32 {
  let largest: f32 = -Infinity;
  for (let i: usize = 0; i < rowBytes; i += 4) largest = max<f32>(largest, load<f32>(x + i));
  return largest;
}

/** y = exp(x − largest). @returns their sum */
function exponentials(y: usize, x: usize, largest: f32, rowBytes: usize): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < rowBytes; i += 4) {
    const e = expf(load<f32>(x + i) - largest);
    store<f32>(y + i, e);
    sum += <f64>e;
  }
  return sum;
}
