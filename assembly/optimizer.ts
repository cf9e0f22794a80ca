/**
 * Flat blocks of f32[length]: what the optimizer and the sum over shards need. Blocks do not overlap.
 *
 *   zero         y[i]  = 0
 *   accumulate   y[i] += x[i]
 *   sgd          w[i] -= learningRate·dw[i]
 */

/** y = 0 */
export function zero(y: usize, length: i32): void {
  assert(length >= 0);
  memory.fill(y, 0, (<usize>length) << 2);
}

/** y += x */
export function accumulate(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(x + i)));
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(y + i) + load<f32>(x + i));
}

/** w -= learningRate·dw */
export function sgd(w: usize, dw: usize, length: i32, learningRate: f32): void {
  assert(length >= 0);
  const rate = f32x4.splat(learningRate);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.mul(rate, v128.load(dw + i))));
  }
  for (; i < end; i += 4) store<f32>(w + i, load<f32>(w + i) - learningRate * load<f32>(dw + i));
}
