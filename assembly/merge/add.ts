/**
 * The sum of two tensors, element by element. The gradient of both is dy itself, so there is no backward kernel.
 *
 *   y[i] = a[i] + b[i]
 *
 * y, a, b: f32[length], byte addresses. y may be a, b or both.
 */

/**
 * y = a + b
 *
 * @writes y
 * @inPlace y a
 */
export function add(y: usize, a: usize, b: usize, length: i32): void {
  assert(length >= 0);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const y0 = f32x4.add(v128.load(a + i), v128.load(b + i));
    const y1 = f32x4.add(v128.load(a + i, 16), v128.load(b + i, 16));
    v128.store(y + i, y0);
    v128.store(y + i, y1, 16);
  }
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(a + i) + load<f32>(b + i));
}
