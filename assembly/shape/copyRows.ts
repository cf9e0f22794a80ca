/**
 * A block of numbers copied from one tensor into another, row by row. Cropping, padding and concatenation are such copies, and so
 * are their gradients.
 *
 *   y[p·yPlane + r·yRow + i] = x[p·xPlane + r·xRow + i]        for p < planes, r < rows, i < columns
 *
 * y: f32[planes, yPlane]. x: f32[planes, xPlane]. Byte addresses of the first number of the block; nothing overlaps. Only the block
 * is read and written: what lies between its rows stays as it is. Every bit is copied, NaN included.
 */

import { bytes, copy } from '../lib/simd';

/**
 * y = x, in the block alone
 *
 * @writes y
 * @param planes planes of the block
 * @param yPlane numbers from a plane of y to the next
 * @param yRow numbers from a row of y to the next
 * @param xPlane numbers from a plane of x to the next
 * @param xRow numbers from a row of x to the next
 */
export function copyRows(
  y: usize,
  x: usize,
  planes: i32,
  rows: i32,
  columns: i32,
  yPlane: i32,
  yRow: i32,
  xPlane: i32,
  xRow: i32,
): void {
  assert(planes >= 0 && rows >= 0 && columns >= 0);
  for (let p = 0; p < planes; p++) {
    for (let r = 0; r < rows; r++) copy(y + bytes(r * yRow), x + bytes(r * xRow), columns);
    y += bytes(yPlane);
    x += bytes(xPlane);
  }
}
