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
        const first = firstInside(outW, left, strideW);
        const end = endInside(inW, outW, left, strideW, first);
        const inside = bytes(left + first * strideW);
        for (let i = 0; i < outH; i++) {
          const h = i * strideH + p * dilationH - padH;
          if (h < 0 || h >= inH) fill(col, 0, outW);
          else packRow(col, x + bytes(h * inW) + inside, outW, strideW, first, end);
          col += bytes(outW);
        }
      }
    }
    x += bytes(inH * inW);
  }
}

/** The first of outW places left + j·stride that is inside a row. */
function firstInside(outW: i32, left: i32, stride: i32): i32 {
  return min(left < 0 ? (-1 - left) / stride + 1 : 0, outW);
}

/** The place after the last that is inside. */
function endInside(inW: i32, outW: i32, left: i32, stride: i32, first: i32): i32 {
  return left < inW ? max(min((inW - 1 - left) / stride + 1, outW), first) : first;
}

/** col[first + j] = row[j·stride] up to the end, 0 before and after. */
function packRow(col: usize, row: usize, outW: i32, stride: i32, first: i32, end: i32): void {
  fill(col, 0, first);
  if (stride == 1) copy(col + bytes(first), row, end - first);
  else packInside(col + bytes(first), row, end - first, stride);
  fill(col + bytes(end), 0, outW - end);
}

/** col[j] = row[j·stride]. With stride 2 four at a time, as long as both vectors end inside the row. */
function packInside(col: usize, row: usize, count: i32, stride: i32): void {
  let j = 0;
  if (stride == 2) {
    for (; j + 4 < count; j += 4) {
      const low = v128.load(row);
      const high = v128.load(row, 16);
      v128.store(col + bytes(j), v128.shuffle<f32>(low, high, 0, 2, 4, 6));
      row += 32;
    }
  }
  const step = bytes(stride);
  for (; j < count; j++) {
    store<f32>(col + bytes(j), load<f32>(row));
    row += step;
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
        const first = firstInside(outW, left, strideW);
        const count = endInside(inW, outW, left, strideW, first) - first;
        const inside = bytes(left + first * strideW);
        for (let i = 0; i < outH; i++) {
          const h = i * strideH + p * dilationH - padH;
          if (h >= 0 && h < inH) {
            addRow(dx + bytes(h * inW) + inside, col + bytes(first), count, strideW);
          }
          col += bytes(outW);
        }
      }
    }
    dx += bytes(inH * inW);
  }
}

/** row[j·stride] += col[j]: the adjoint of packRow. */
function addRow(row: usize, col: usize, count: i32, stride: i32): void {
  if (stride == 1) {
    add(row, col, count);
    return;
  }
  const step = bytes(stride);
  for (let j = 0; j < count; j++) {
    store<f32>(row, load<f32>(row) + load<f32>(col + bytes(j)));
    row += step;
  }
}
