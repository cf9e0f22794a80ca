/**
 * Leaky ReLU, element by element.
 *
 *   forward    y[i]  = x[i] > 0 ? x[i] : negativeSlope·x[i]
 *   backward   dx[i] = y[i] > 0 ? dy[i] : negativeSlope·dy[i]        (slope at 0 is negativeSlope)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. negativeSlope is at least 0, so
 * that the sign of y is that of x. A NaN in x stays a NaN in y; its slope is negativeSlope.
 * With negativeSlope 0, y of −∞ is NaN, as 0·−∞ is, in PyTorch too.
 * (Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013)
 */

/**
 * y = x > 0 ? x : negativeSlope·x
 *
 * @writes y
 * @inPlace y x
 * @param negativeSlope slope below 0, at least 0
 */
export function leakyReluForward(y: usize, x: usize, length: i32, negativeSlope: f32): void {
  assert(length >= 0);
  const zero = f32x4.splat(0);
  const slope = f32x4.splat(negativeSlope);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const v = v128.load(x + i);
    v128.store(y + i, v128.bitselect(v, f32x4.mul(slope, v), f32x4.gt(v, zero)));
  }
  for (; i < end; i += 4) {
    const v = load<f32>(x + i);
    store<f32>(y + i, v > 0 ? v : negativeSlope * v);
  }
}

/**
 * dx = y > 0 ? dy : negativeSlope·dy
 *
 * @writes dx
 * @inPlace dx dy
 * @param negativeSlope slope below 0, at least 0
 */
export function leakyReluBackward(
  dx: usize,
  dy: usize,
  y: usize,
  length: i32,
  negativeSlope: f32,
): void {
  assert(length >= 0);
  const zero = f32x4.splat(0);
  const slope = f32x4.splat(negativeSlope);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dy + i);
    const isAbove = f32x4.gt(v128.load(y + i), zero);
    v128.store(dx + i, v128.bitselect(g, f32x4.mul(slope, g), isAbove));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dy + i);
    store<f32>(dx + i, load<f32>(y + i) > 0 ? g : negativeSlope * g);
  }
}
