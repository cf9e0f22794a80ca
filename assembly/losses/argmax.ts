/**
 * The classes that rows decide for.
 *
 *   argmax    indices[n] = the i of the largest x[n, i]
 *   positive  indices[n] = 1 if x[n] > 0, else 0
 */

/**
 * The index of the largest entry of each row; on a tie, the first one. A NaN never wins over a number.
 *
 * indices: i32[batch]. x: f32[batch, classes], classes at least 1.
 *
 * @writes indices
 */
export function argmax(indices: usize, x: usize, batch: i32, classes: i32): void {
  assert(batch >= 0 && classes > 0);
  for (let n = 0; n < batch; n++) {
    let best = 0;
    let largest = load<f32>(x);
    for (let i = 1; i < classes; i++) {
      const v = load<f32>(x + ((<usize>i) << 2));
      if (v > largest || (largest != largest && v == v)) {
        largest = v;
        best = i;
      }
    }
    store<i32>(indices + ((<usize>n) << 2), best);
    x += (<usize>classes) << 2;
  }
}

/**
 * Whether each number is above 0; a NaN is not. indices: i32[length]. x: f32[length].
 *
 * @writes indices
 */
export function positive(indices: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = (<usize>length) << 2;
  for (let i: usize = 0; i < end; i += 4) store<i32>(indices + i, load<f32>(x + i) > 0 ? 1 : 0);
}
