/**
 * Softmax, and its cross-entropy with integer labels, in double precision, row by row. The engine's own exp and log are
 * good enough: the results of an oracle are only compared and never reach a weight.
 * @module
 */

/** `y[n, i] = exp(x[n, i]) / Σⱼ exp(x[n, j])` */
export function softmaxForward(x: ArrayLike<number>, batch: number, classes: number): Float64Array {
  const y = new Float64Array(batch * classes);
  for (let n = 0; n < batch; n++) {
    const row = Array.from({ length: classes }, (_, i) => x[n * classes + i]);
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    for (const [i, value] of row.entries()) y[n * classes + i] = Math.exp(value - largest) / sum;
  }
  return y;
}

/** `dx = y·(dy − Σ dy·y)` */
export function softmaxBackward(
  dy: ArrayLike<number>,
  y: ArrayLike<number>,
  batch: number,
  classes: number,
): Float64Array {
  const sums = new Float64Array(batch);
  for (let at = 0; at < batch * classes; at++) sums[Math.floor(at / classes)] += dy[at] * y[at];
  return Float64Array.from(dy, (value, at) => y[at] * (value - sums[Math.floor(at / classes)]));
}

/** `losses[n] = log Σⱼ exp(x[n, j]) − x[n, label]`, `dx = (softmax(x) − onehot(label))·scale` */
export function softmaxCrossEntropy(
  x: ArrayLike<number>,
  labels: ArrayLike<number>,
  batch: number,
  classes: number,
  scale: number,
): { losses: Float64Array; dx: Float64Array } {
  const losses = Float64Array.from({ length: batch }, (_, n) => {
    const row = Array.from({ length: classes }, (_, i) => x[n * classes + i]);
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    return Math.log(sum) + largest - row[labels[n]];
  });
  const dx = softmaxForward(x, batch, classes).map((p, at) => {
    const isLabel = at % classes === labels[Math.floor(at / classes)];
    return (p - (isLabel ? 1 : 0)) * scale;
  });
  return { losses, dx };
}
/**
 * `losses[n] = Σᵢ a[i]·(log Σⱼ exp(x[n, j]) − x[n, i])` with `a[i] = (1 − s)·w[i]·[i = label] + s·w[i] / classes`,
 * `dx = (softmax(x)·Σ a − a)·scale`; all w are 1 by default.
 */
export function weightedCrossEntropy(
  x: ArrayLike<number>,
  labels: ArrayLike<number>,
  batch: number,
  classes: number,
  smoothing: number,
  scale: number,
  weights?: ArrayLike<number>,
): { losses: Float64Array; dx: Float64Array } {
  const losses = new Float64Array(batch);
  const dx = softmaxForward(x, batch, classes);
  for (let n = 0; n < batch; n++) {
    const row = Array.from({ length: classes }, (_, i) => x[n * classes + i]);
    const largest = Math.max(...row);
    const log = Math.log(row.reduce((total, value) => total + Math.exp(value - largest), 0));
    const shares = row.map((_, i) => {
      const own = i === labels[n] ? 1 - smoothing : 0;
      return (own + smoothing / classes) * (weights?.[i] ?? 1);
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    for (const [i, share] of shares.entries()) {
      if (share !== 0) losses[n] += share * (log + largest - row[i]);
      dx[n * classes + i] = (dx[n * classes + i] * total - share) * scale;
    }
  }
  return { losses, dx };
}
