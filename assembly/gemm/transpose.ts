/**
 * y[j, i] = x[i, j]. x: f32[rows, columns]. y: f32[columns, rows]. They do not overlap.
 *
 * @writes y
 */
export function transpose(y: usize, x: usize, rows: i32, columns: i32): void {
  assert(rows >= 0 && columns >= 0);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = load<f32>(x + ((<usize>i * <usize>columns + <usize>j) << 2));
      store<f32>(y + ((<usize>j * <usize>rows + <usize>i) << 2), value);
    }
  }
}
