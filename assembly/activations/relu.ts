/**
 * ReLU, element by element.
 *
 *   forward    y[i]  = max(x[i], 0)
 *   backward   dx[i] = y[i] > 0 ? dy[i] : 0        (slope at 0 is taken as 0)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy.
 * dx is overwritten. A NaN in x stays a NaN in y; its slope is 0.
 */

/**
 * y = max(x, 0)
 *
 * @writes y
 * @inPlace y x
 */
export function reluForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const zero = f32x4.splat(0);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  // pmax(a, b) is a < b ? b : a, one instruction on x86 where max is six; x first keeps NaN and -0
  for (; i < pairEnd; i += 32) {
    const y0 = f32x4.pmax(v128.load(x + i), zero);
    const y1 = f32x4.pmax(v128.load(x + i, 16), zero);
    v128.store(y + i, y0);
    v128.store(y + i, y1, 16);
  }
  for (; i < end; i += 4) {
    const v = load<f32>(x + i);
    store<f32>(y + i, v < 0 ? 0 : v);
  }
}

/**
 * dx = y > 0 ? dy : 0
 *
 * @writes dx
 * @inPlace dx dy
 */
export function reluBackward(dx: usize, dy: usize, y: usize, length: i32): void {
  assert(length >= 0);
  const zero = f32x4.splat(0);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const dx0 = v128.and(v128.load(dy + i), f32x4.gt(v128.load(y + i), zero));
    const dx1 = v128.and(v128.load(dy + i, 16), f32x4.gt(v128.load(y + i, 16), zero));
    v128.store(dx + i, dx0);
    v128.store(dx + i, dx1, 16);
  }
  for (; i < end; i += 4) store<f32>(dx + i, load<f32>(y + i) > 0 ? load<f32>(dy + i) : 0);
}
