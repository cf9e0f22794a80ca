/**
 * A patch as vectors of four taps that lie side by side in the image; the other files call them rows. They are rows of the
 * kernel (several vectors if it has more than four columns), or a tap of four channels if the image has its channels in
 * blocks (channelBlocks.ts). This file has the places of the vectors in the image, and the places of their sums in dw.
 * See convReluPool.ts.
 */
import { bytes } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/** Rows that weightManyRows.ts takes at a time: offsets are filled up to a multiple of it. */
export const ROWS: i32 = 12;

/** Rounded up to twelve. */
export function paddedRows(rowCount: i32): i32 {
  return ((rowCount + ROWS - 1) / ROWS) * ROWS;
}

/**
 * Whether a patch has so many rows that weightManyRows.ts is faster, which takes them two by two.
 * Measured: 0.85× with nine rows, 1.2× with ten, 1.5× with 96, before rows came in pairs (Node 20).
 */
export function hasManyRows(s: ConvSizes, inBlocks: bool): bool {
  return arePaired(inBlocks, s.kW) && rowsOf(s, inBlocks) >= 10;
}

/**
 * Whether to have channels in blocks: they fill the lanes that a kernel of three or five columns leaves empty, and vectors come
 * in pairs.
 * Measured: 0.65 to 0.8 of the time for 3×3 over 16 to 128 channels, 0.6 for 5×5 over 16, the same bits. With all channels
 * of a pixel side by side it was 1.02 of the time where an image does not fit the first-level cache.
 */
export function hasChannelBlocks(s: ConvSizes): bool {
  const rowCount = paddedRows(rowsOf(s, true));
  const without = paddedRows(rowsOf(s, false));
  const gains = arePaired(false, s.kW) ? rowCount < without : rowCount <= without;
  return gains && hasManyRows(s, true);
}

/** Vectors of a patch, with channels in blocks or not. */
export function rowsOf(s: ConvSizes, inBlocks: bool): i32 {
  const kH = s.kH;
  return inBlocks ? ((s.inC + 7) >> 3) * 2 * kH * s.kW : s.inC * kH * ((s.kW + 3) >> 2);
}

/** Whether vectors lie in the image two by two, so that a pair has one offset. */
function arePaired(inBlocks: bool, kW: i32): bool {
  return inBlocks || (((kW + 3) >> 2) & 1) == 0;
}

/**
 * Bytes from the first pixel of a patch to each of its vectors, or to each pair of them if there are many; rows that do not exist
 * repeat the last one.
 */
export function rowOffsets(
  to: usize,
  rowCount: i32,
  isMany: bool,
  inBlocks: bool,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const kH = s.kH;
  const kW = s.kW;
  const plane = s.plane;
  const pitch = s.pitch;
  const end = to + bytes(paddedRows(rowCount));
  const channels = inBlocks ? 8 : 1;
  const columns = inBlocks ? 1 : isMany ? 8 : 4;
  let offset = 0;
  for (let c = 0; c < inC; c += channels) {
    for (let p = 0; p < kH; p++) {
      for (let q = 0; q < kW; q += columns) {
        offset = (c * plane + (p * pitch + q) * channels) << 2;
        store<i32>(to, offset);
        to += 4;
      }
    }
  }
  for (; to < end; to += 4) store<i32>(to, offset);
}

/** dw[inC, kH, kW] += the taps of one vector of a row of the kernel. */
export function addColumns(dw: usize, sums: usize, vector: i32, kW: i32): void {
  const vectors = (kW + 3) >> 2;
  const row = vector / vectors;
  const q = (vector - row * vectors) << 2;
  addEach(dw + bytes(row * kW + q), 4, sums, min(kW - q, 4));
}

/** The same of a vector of four channels. */
export function addChannels(dw: usize, sums: usize, vector: i32, s: ConvSizes): void {
  const taps = s.kH * s.kW;
  const pair = vector >> 1;
  const block = pair / taps;
  const tap = pair - block * taps;
  const c = (block << 3) + ((vector & 1) << 2);
  addEach(dw + bytes(c * taps + tap), bytes(taps), sums, min(s.inC - c, 4));
}

function addEach(to: usize, step: usize, from: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(to, load<f32>(to) + load<f32>(from + bytes(i)));
    to += step;
  }
}
