/**
 * Backward weight of convReluPool.ts where a patch has few rows of taps: four filters' winners against three rows at a time.
 * Of filters and rows that do not exist, the sums are never read.
 *
 *   sums: f32[filters / 4 rounded up, rows / 3 rounded up, 4, 3, 4]
 */

import { bytes } from '../lib/simd';
import { addTaps } from './rows';
import { SUMS_BYTES, winners4x3 } from './tiles';

/** Bytes of the sums. */
export function fewBytes(outC: i32, rowCount: i32): i32 {
  return ((outC + 3) >> 2) * ((rowCount + 2) / 3) * <i32>SUMS_BYTES;
}

/**
 * sums += the patches under the winners of one image. masked: f32[outC rounded up to 4, windows]. winners: i32[windows,
 * filters]. list: its windows, their count before it. rows: from rowOffsets.
 */
export function sumFew(
  sums: usize,
  masked: usize,
  winners: usize,
  image: usize,
  list: usize,
  rows: usize,
  outC: i32,
  windows: i32,
  rowCount: i32,
): void {
  const count = load<i32>(list - 16);
  const planeBytes = bytes(windows);
  for (let o = 0; o < outC; o += 4) {
    const dy = masked + <usize>o * planeBytes;
    for (let row = rows; row < rows + bytes(rowCount); row += 12) {
      const o0 = <usize>load<i32>(row);
      const o1 = <usize>load<i32>(row, 4) - o0;
      const o2 = <usize>load<i32>(row, 8) - o0;
      winners4x3(sums, dy, planeBytes, winners + bytes(o), image + o0, list, count, o1, o2);
      sums += SUMS_BYTES;
    }
  }
}

/** dw[outC, rows, kW] += the taps of the sums. */
export function addFew(dw: usize, sums: usize, outC: i32, rowCount: i32, kW: i32): void {
  const vectors = (kW + 3) >> 2;
  const triples = (rowCount + 2) / 3;
  const taps = (rowCount / vectors) * kW;
  for (let o = 0; o < outC; o++) {
    for (let row = 0; row < rowCount; row++) {
      const triple = (o >> 2) * triples + row / 3;
      const at = sums + <usize>triple * SUMS_BYTES + bytes(((o & 3) * 3 + (row % 3)) * 4);
      addTaps(dw + bytes(o * taps), at, row, kW);
    }
  }
}
