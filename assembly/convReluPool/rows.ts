/**
 * A patch as vectors of four taps: each row of taps is one vector, or several if it has more than four taps. This file has
 * the places of the vectors in the image, and the places of their sums in dw. See convReluPool.ts.
 */
import { bytes } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/** Rows that weightManyRows.ts takes at a time: offsets are filled up to a multiple of it. */
export const ROWS: i32 = 12;

/** Vectors of a patch; the other files call them rows. */
export function rowsOf(s: ConvSizes): i32 {
  return s.inC * s.kH * ((s.kW + 3) >> 2);
}

/** Rounded up to twelve. */
export function paddedRows(rowCount: i32): i32 {
  return ((rowCount + ROWS - 1) / ROWS) * ROWS;
}

/** Bytes from the first pixel of a patch to each vector; rows that do not exist repeat the last one. */
export function rowOffsets(to: usize, s: ConvSizes): void {
  const inC = s.inC;
  const kH = s.kH;
  const kW = s.kW;
  const plane = s.plane;
  const pitch = s.pitch;
  const end = to + bytes(paddedRows(rowsOf(s)));
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
