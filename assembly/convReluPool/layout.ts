/**
 * What convReluPool.ts needs to bring its tensors into the layouts of its inner loops, and back.
 */
import { bytes, transpose4x4 } from '../lib/simd';

/** w[outC][taps] as [taps][8] for each eight filters, then [taps][4] where four or fewer are left, zeros to the end. */
export function packWeights(to: usize, w: usize, outC: i32, taps: i32): void {
  for (let o = 0; o < outC; o += 8) {
    const width = o + 4 < outC ? 8 : 4;
    for (let tap = 0; tap < taps; tap++) {
      for (let f = 0; f < width; f++) {
        const value = o + f < outC ? load<f32>(w + bytes((o + f) * taps + tap)) : 0;
        store<f32>(to, value);
        to += 4;
      }
    }
  }
}

/** Bytes from the first pixel of a patch to each of its taps. */
export function tapOffsets(to: usize, inC: i32, kH: i32, kW: i32, plane: i32, pitch: i32): void {
  for (let c = 0; c < inC; c++) {
    for (let p = 0; p < kH; p++) {
      for (let q = 0; q < kW; q++) {
        store<i32>(to, (c * plane + p * pitch + q) << 2);
        to += 4;
      }
    }
  }
}

/** y[outC][windows] = values[windows][filters] */
export function transposeValues(
  y: usize,
  values: usize,
  outC: i32,
  windows: i32,
  filters: i32,
): void {
  const planeBytes = bytes(windows);
  const rowBytes = bytes(filters);
  for (let o = 0; o < outC; o += 4) {
    const from = values + bytes(o);
    const to = y + <usize>o * planeBytes;
    let window = 0;
    if (o + 4 <= outC) {
      for (; window <= windows - 4; window += 4) {
        transpose4x4(to + bytes(window), planeBytes, from + <usize>window * rowBytes, rowBytes);
      }
    }
    for (; window < windows; window++) {
      for (let f = 0; f < min(outC - o, 4); f++) {
        const value = load<f32>(from + <usize>window * rowBytes + bytes(f));
        store<f32>(to + <usize>f * planeBytes + bytes(window), value);
      }
    }
  }
}
