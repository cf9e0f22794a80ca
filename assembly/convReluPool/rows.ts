/**
 * A patch by its rows of taps, each in vectors of four: where they lie in the image, and where their sums go in dw. See
 * convReluPool.ts.
 */
import { bytes } from '../lib/simd';

/** Rows that backward weight takes at a time where there are many: offsets are filled up to a multiple of it. */
export const ROWS: i32 = 12;

/** Vectors of a patch. */
export function rowsOf(inC: i32, kH: i32, kW: i32): i32 {
  return inC * kH * ((kW + 3) >> 2);
}

/** Rounded up to twelve. */
export function paddedRows(rowCount: i32): i32 {
  return ((rowCount + ROWS - 1) / ROWS) * ROWS;
}

/** Bytes from the first pixel of a patch to each vector; rows that do not exist repeat the last one. */
export function rowOffsets(to: usize, inC: i32, kH: i32, kW: i32, plane: i32, pitch: i32): void {
  const end = to + bytes(paddedRows(rowsOf(inC, kH, kW)));
  let offset = 0;
  for (let c = 0; c < inC; c++) {
    for (let p = 0; p < kH; p++) {
      for (let q = 0; q < kW; q += 4) {
        offset = (c * plane + p * pitch + q) << 2;
        store<i32>(to, offset);
        to += 4;
      }
    }
  }
  for (; to < end; to += 4) store<i32>(to, offset);
}

/** dw += the taps of one vector of a row. */
export function addTaps(dw: usize, sums: usize, vector: i32, kW: i32): void {
  const vectors = (kW + 3) >> 2;
  const row = vector / vectors;
  const q = (vector - row * vectors) << 2;
  const to = dw + bytes(row * kW + q);
  for (let i = 0; i < min(kW - q, 4); i++) {
    const at = to + bytes(i);
    store<f32>(at, load<f32>(at) + load<f32>(sums + bytes(i)));
  }
}
