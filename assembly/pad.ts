import { bytes, copy } from './simd';

/** x into the zeros of an image of spanH × spanW. */
export function copyPadded(
  to: usize,
  x: usize,
  inC: i32,
  inH: i32,
  inW: i32,
  spanH: i32,
  spanW: i32,
  padH: i32,
  padW: i32,
): void {
  const rows = min(inH, spanH - padH);
  const columns = min(inW, spanW - padW);
  for (let c = 0; c < inC; c++) {
    for (let h = 0; h < rows; h++) {
      const at = to + bytes((c * spanH + padH + h) * spanW + padW);
      copy(at, x + bytes((c * inH + h) * inW), columns);
    }
  }
}
