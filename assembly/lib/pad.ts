/** An image between zeros, so that every patch lies inside it. */
import { bytes, copy } from './simd';

/** Whether an image has to be copied to hold all patches, which span so many rows and columns. */
export function needsPadding(
  inH: i32,
  inW: i32,
  spanH: i32,
  spanW: i32,
  padH: i32,
  padW: i32,
): bool {
  return padH > 0 || padW > 0 || spanH > inH || spanW > inW;
}

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
