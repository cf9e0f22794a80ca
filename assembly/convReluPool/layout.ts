/**
 * From the tensors of convReluPool.ts to the layouts of its inner loops, and back.
 */
import { bytes, transpose4x4 } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/**
 * w[outC][taps] as [taps][8] for each eight filters. If four or fewer are left, they become [taps][4]. Filters that do not
 * exist are 0.
 */
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

/** Bytes from the first pixel of a patch to each of its taps, for the first `kW` columns of the kernel. */
export function tapOffsets(to: usize, s: ConvSizes, kW: i32): void {
  const inC = s.inC;
  const kH = s.kH;
  const plane = s.plane;
  const pitch = s.pitch;
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
export function transposeValues(y: usize, values: usize, s: ConvSizes): void {
  const outC = s.outC;
  const windows = s.windows;
  const planeBytes = bytes(windows);
  const rowBytes = bytes(s.filters);
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
