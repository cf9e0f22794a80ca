/**
 * A moving average of the weights (Polyak & Juditsky, "Acceleration of stochastic approximation by averaging", 1992; with a
 * decay as TensorFlow's ExponentialMovingAverage has it).
 *
 *   y[i] = keep·y[i] + (1 − keep)·x[i]
 *
 * x, y: f32[length]. Byte addresses; nothing overlaps. keep comes as f64, so that 1 − keep is taken before it is rounded.
 */

/**
 * y = keep·y + (1 − keep)·x
 *
 * @updates y
 * @param keep how much of y lasts, from 0 to 1
 */
export function blend(y: usize, x: usize, length: i32, keep: f64): void {
  assert(length >= 0);
  const old = <f32>keep;
  const fresh = <f32>(1.0 - keep);
  const olds = f32x4.splat(old);
  const freshes = f32x4.splat(fresh);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const kept0 = f32x4.mul(olds, v128.load(y + i));
    const kept1 = f32x4.mul(olds, v128.load(y + i, 16));
    const y0 = f32x4.add(kept0, f32x4.mul(freshes, v128.load(x + i)));
    const y1 = f32x4.add(kept1, f32x4.mul(freshes, v128.load(x + i, 16)));
    v128.store(y + i, y0);
    v128.store(y + i, y1, 16);
  }
  for (; i < end; i += 4) store<f32>(y + i, old * load<f32>(y + i) + fresh * load<f32>(x + i));
}
