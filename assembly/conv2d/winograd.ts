/**
 * Convolution with 3×3 kernels that move by one, and its gradient by the input, by Winograd's tiles: see
 * winograd/winograd.ts.
 *
 *   scratch: u │ v │ m │ the outputs of four tiles │ a frame (lib/pad.ts)
 *
 * Backward input is the same convolution with other sizes: dy takes the place of x, the channels change roles, and each
 * kernel is turned by half a turn.
 */
import { clearFrame, enframe, frameBytes } from '../lib/pad';
import { bytes } from '../lib/simd';
import { ConvSizes, SIZES_BYTES, turnedSizes } from '../lib/sizes';
import { transformFilters, transformOutputs, transformPatches } from '../winograd/transforms';
import {
  blockStride,
  filtersBytes,
  matrixBytes,
  multiplyTiles,
  rowsOfBlock,
  tilesAlong,
  tilesBytes,
} from '../winograd/winograd';

/** Bytes of scratch for both directions; in backward input, inC, outC, outH and outW are those of the turned sizes. */
export function winogradBytes(inC: i32, outC: i32, outH: i32, outW: i32): f64 {
  const tiles = tilesBytes(inC, outC, outH, outW) + 64;
  const frame = frameBytes(inC, paddedSize(outH), paddedSize(outW));
  return SIZES_BYTES + filtersBytes(inC, outC) + tiles + frame;
}

/** y = b + w·x */
export function forwardByWinograd(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  transformFilters(scratch, w, s, false);
  convolve(y, x, scratch, b, s);
}

/** dx = the transposed convolution of dy. padH and padW are at most 2. */
export function backwardInputByWinograd(
  dx: usize,
  dy: usize,
  w: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const turned = turnedSizes(scratch, s);
  const u = scratch + SIZES_BYTES;
  transformFilters(u, w, turned, true);
  convolve(dx, dy, u, 0, turned);
}

/** y = b + w·x, image after image. u: transformed filters, the first part of scratch. b: 0 if there is no bias. */
function convolve(y: usize, x: usize, u: usize, b: usize, s: ConvSizes): void {
  const inC = s.inC;
  const outC = s.outC;
  const stride = blockStride(s.outH, s.outW);
  const rest = u + matrixBytes(outC, inC) * 16;
  const frame = rest + (matrixBytes(inC, stride) + matrixBytes(outC, stride)) * 16 + 64;
  s.chooseFrame(paddedSize(s.outH), paddedSize(s.outW));
  clearFrame(frame, s);
  for (let n = s.batch; n > 0; n--) {
    convolveImage(y, enframe(frame, x, s), u, b, rest, s);
    x += s.xBytes;
    y += s.yBytes;
  }
}

/**
 * One image, from its first patch on; its rows and channels lie s.pitch and s.plane numbers apart. u: transformed filters.
 * b: 0 if there is no bias.
 */
export function convolveImage(
  y: usize,
  image: usize,
  u: usize,
  b: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const down = tilesAlong(s.outH);
  const across = tilesAlong(s.outW);
  const blockRows = rowsOfBlock(s.outH, s.outW);
  const stride = blockStride(s.outH, s.outW);
  const m = scratch + matrixBytes(s.inC, stride) * 16;
  for (let i = 0; i < down; i += blockRows) {
    const rows = min(down - i, blockRows);
    const patches = image + bytes(2 * i * s.pitch);
    transformPatches(scratch, patches, s, rows, across, stride);
    multiplyTiles(m, u, scratch, s, rows * across, stride);
    storeOutputs(y, m, b, s, stride, i, rows);
  }
}

/** Rows or columns of the frame under `out` outputs, including the tile of a last odd one. */
export function paddedSize(out: i32): i32 {
  return 2 * tilesAlong(out) + 2;
}

/** y = b + Aᵀ·m·A for `rows` rows of tiles, from `firstRow` on. */
function storeOutputs(
  y: usize,
  m: usize,
  b: usize,
  s: ConvSizes,
  stride: i32,
  firstRow: i32,
  rows: i32,
): void {
  const outC = s.outC;
  const outH = s.outH;
  const outW = s.outW;
  const across = tilesAlong(outW);
  const matrix = matrixBytes(outC, stride);
  const aside = m + matrix * 16;
  const rowBytes = bytes(outW);
  for (let o = 0; o < outC; o++) {
    const bias = f32x4.splat(b == 0 ? 0 : load<f32>(b + bytes(o)));
    let from = m + bytes(o * stride);
    for (let i = firstRow; i < firstRow + rows; i++) {
      const to = y + bytes((o * outH + 2 * i) * outW);
      const below = 2 * i + 1 < outH ? rowBytes : 0;
      for (let j = 0; j < across; j += 4) {
        const first = min(j, across - 4);
        const isOdd = outW - 2 * first < 8;
        transformOutputs(aside, from + bytes(first), matrix);
        storeFour(to + bytes(2 * first), below, aside, bias, isOdd);
      }
      from += bytes(across);
    }
  }
}

/**
 * Four tiles side by side: eight outputs in each of two rows, or seven if there is no eighth column. If there is no second
 * row, `below` is 0 and the first row is written over it.
 */
function storeFour(y: usize, below: usize, outputs: usize, bias: v128, isOdd: bool): void {
  const a2 = f32x4.add(bias, v128.load(outputs, 32));
  storeRow(y + below, a2, f32x4.add(bias, v128.load(outputs, 48)), isOdd);
  const a0 = f32x4.add(bias, v128.load(outputs));
  storeRow(y, a0, f32x4.add(bias, v128.load(outputs, 16)), isOdd);
}

/** The even and the odd columns of eight outputs, or of seven. */
function storeRow(y: usize, even: v128, odd: v128, isOdd: bool): void {
  const low = v128.shuffle<f32>(even, odd, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(even, odd, 2, 6, 3, 7);
  v128.store(y, low);
  if (isOdd) v128.store(y, v128.shuffle<f32>(low, high, 3, 4, 5, 6), 12);
  else v128.store(y, high, 16);
}
