/**
 * Backward weight of convReluPool.ts if a patch has few rows of taps: the winners of four filters against three rows at a
 * time. Sums of padding filters and padding rows are computed but never read.
 *
 *   sums: f32[filters / 4 rounded up, rows / 3 rounded up, 4, 3, 4]
 */
import { bytes } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { addColumns } from './rows';
import { SUMS_BYTES, winners4x3 } from './tiles';
import { listOf } from './windows';

/** Bytes of the sums. */
export function fewBytes(outC: i32, rowCount: i32): usize {
  return <usize>(((outC + 3) >> 2) * ((rowCount + 2) / 3)) * SUMS_BYTES;
}

/**
 * sums += the patches under the winners of one image. masked: f32[outC rounded up to 4, windows]. saved: what forward saved
 * for the image. rows: from rowOffsets.
 */
export function sumFew(
  sums: usize,
  masked: usize,
  saved: usize,
  image: usize,
  rows: usize,
  rowCount: i32,
  s: ConvSizes,
): void {
  const outC = s.outC;
  const list = listOf(saved, s);
  const count = load<i32>(list - 16);
  const planeBytes = bytes(s.windows);
  const rowsEnd = rows + bytes(rowCount);
  for (let o = 0; o < outC; o += 4) {
    const dy = masked + <usize>o * planeBytes;
    for (let row = rows; row < rowsEnd; row += 12) {
      const o0 = <usize>load<i32>(row);
      const o1 = <usize>load<i32>(row, 4) - o0;
      const o2 = <usize>load<i32>(row, 8) - o0;
      winners4x3(sums, dy, planeBytes, saved + bytes(o), image + o0, list, count, o1, o2);
      sums += SUMS_BYTES;
    }
  }
}

/** dw += the taps of the sums. */
export function addFew(dw: usize, sums: usize, rowCount: i32, s: ConvSizes): void {
  const outC = s.outC;
  const kW = s.kW;
  const taps = s.taps;
  const triples = (rowCount + 2) / 3;
  for (let o = 0; o < outC; o++) {
    for (let row = 0; row < rowCount; row++) {
      const triple = (o >> 2) * triples + row / 3;
      const at = sums + <usize>triple * SUMS_BYTES + bytes(((o & 3) * 3 + (row % 3)) * 4);
      addColumns(dw + bytes(o * taps), at, row, kW);
    }
  }
}
