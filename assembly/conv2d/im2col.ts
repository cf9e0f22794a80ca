/**
 * An image as the matrix of its patches, and the adjoint.
 *
 *   im2col   col[(c, p, q), (i, j)] = x[c, i·strideH + p·dilationH − padH, j·strideW + q·dilationW − padW], 0 outside
 *   col2im   dx[the same pixel] += col[(c, p, q), (i, j)]
 *
 * x, dx: f32[inC, inH, inW], one image. col: f32[inC·kH·kW, outH·outW]. Byte addresses; nothing overlaps. im2col overwrites
 * col; col2im adds to dx, in the order of col. (Chellapilla, Puri & Simard, "High performance convolutional neural networks
 * for document processing", 2006, section 3.)
 */
import { add, bytes, copy, fill } from '../lib/simd';

/**
 * col = patches of x
 *
 * @writes col
 */
export function im2col(
  col: usize,
  x: usize,
  inC: i32,
  inH: i32,
  inW: i32,
  outH: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
): void {
  for (let c = 0; c < inC; c++) {
    for (let p = 0; p < kH; p++) {
      for (let q = 0; q < kW; q++) {
        const left = q * dilationW - padW;
        for (let i = 0; i < outH; i++) {
          const h = i * strideH + p * dilationH - padH;
          if (h < 0 || h >= inH) fill(col, 0, outW);
          else packRow(col, x + bytes(h * inW), inW, outW, left, strideW);
          col += bytes(outW);
        }
      }
    }
    x += bytes(inH * inW);
  }
}

/** col[j] = row[left + j·stride], 0 outside. */
function packRow(col: usize, row: usize, inW: i32, outW: i32, left: i32, stride: i32): void {
  if (stride == 1) {
    const first = min(max(-left, 0), outW);
    const end = max(min(inW - left, outW), first);
    fill(col, 0, first);
    copy(col + bytes(first), row + bytes(left + first), end - first);
    fill(col + bytes(end), 0, outW - end);
    return;
  }
  for (let j = 0; j < outW; j++) {
    const v = left + j * stride;
    const isInside = v >= 0 && v < inW;
    store<f32>(col + bytes(j), isInside ? load<f32>(row + bytes(v)) : 0);
  }
}

/**
 * dx += the patches, each entry to the pixel that im2col reads it from
 *
 * @adds dx
 */
export function col2im(
  dx: usize,
  col: usize,
  inC: i32,
  inH: i32,
  inW: i32,
  outH: i32,
  outW: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
): void {
  for (let c = 0; c < inC; c++) {
    for (let p = 0; p < kH; p++) {
      for (let q = 0; q < kW; q++) {
        const left = q * dilationW - padW;
        for (let i = 0; i < outH; i++) {
          const h = i * strideH + p * dilationH - padH;
          if (h >= 0 && h < inH) {
            addRow(dx + bytes(h * inW), col, inW, outW, left, strideW);
          }
          col += bytes(outW);
        }
      }
    }
    dx += bytes(inH * inW);
  }
}

/** row[left + j·stride] += col[j] if the place is inside the row: the adjoint of packRow. */
function addRow(row: usize, col: usize, inW: i32, outW: i32, left: i32, stride: i32): void {
  if (stride == 1) {
    const first = min(max(-left, 0), outW);
    const end = max(min(inW - left, outW), first);
    add(row + bytes(left + first), col + bytes(first), end - first);
    return;
  }
  for (let j = 0; j < outW; j++) {
    const v = left + j * stride;
    if (v < 0 || v >= inW) continue;
    const at = row + bytes(v);
    store<f32>(at, load<f32>(at) + load<f32>(col + bytes(j)));
  }
}
