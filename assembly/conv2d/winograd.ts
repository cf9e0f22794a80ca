/**
 * Convolution with 3×3 kernels that move by one, by way of Winograd's tiles: see winograd.ts.
 */
import { copyPadded, needsPadding } from '../lib/pad';
import { bytes, fill } from '../lib/simd';
import { transformFilters, transformOutputs, transformPatches } from '../winograd/transforms';
import {
  matrixBytes,
  multiplyTiles,
  rowsOfBlock,
  strideOf,
  tilesAlong,
  winogradBytes,
} from '../winograd/winograd';

/** Bytes of scratch for convolveWinograd: the tiles, and a padded image. */
export function convolveWinogradBytes(inC: i32, outC: i32, outH: i32, outW: i32): i32 {
  const image = inC * paddedSize(outH) * paddedSize(outW);
  return tilesBytes(inC, outC, outH, outW) + <i32>bytes(image);
}

/** Bytes of transformed filters, of what else convolveImage needs, and the outputs of four tiles. */
function tilesBytes(inC: i32, outC: i32, outH: i32, outW: i32): i32 {
  return winogradBytes(inC, outC, outH, outW) + 64;
}

/**
 * y = b + w·x, image after image; b: 0 where there is none. filterStep, channelStep, isTurned: as transformFilters has
 * them: with the roles of the channels changed and the filters turned, it is the gradient of the input.
 */
export function convolveWinograd(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  batch: i32,
  inC: i32,
  inH: i32,
  inW: i32,
  outC: i32,
  outH: i32,
  outW: i32,
  padH: i32,
  padW: i32,
  filterStep: usize,
  channelStep: usize,
  isTurned: bool,
): void {
  const spanH = paddedSize(outH);
  const spanW = paddedSize(outW);
  const rest = scratch + matrixBytes(outC, inC) * 16;
  const image = scratch + <usize>tilesBytes(inC, outC, outH, outW);
  transformFilters(scratch, w, outC, inC, filterStep, channelStep, isTurned);
  const isPadded = needsPadding(inH, inW, spanH, spanW, padH, padW);
  const pitch = isPadded ? spanW : inW;
  const plane = isPadded ? spanH * spanW : inH * inW;
  if (isPadded) fill(image, 0, inC * plane);
  for (let n = 0; n < batch; n++) {
    if (isPadded) copyPadded(image, x, inC, inH, inW, spanH, spanW, padH, padW);
    const from = isPadded ? image : x;
    convolveImage(y, from, scratch, b, rest, inC, outC, outH, outW, plane, pitch);
    x += bytes(inC * inH * inW);
    y += bytes(outC * outH * outW);
  }
}

/**
 * One image, whose rows lie `pitch` numbers apart and its channels `plane`: from the first patch on, which begins there.
 * u: transformed filters.
 */
export function convolveImage(
  y: usize,
  image: usize,
  u: usize,
  b: usize,
  scratch: usize,
  inC: i32,
  outC: i32,
  outH: i32,
  outW: i32,
  plane: i32,
  pitch: i32,
): void {
  const down = tilesAlong(outH);
  const across = tilesAlong(outW);
  const blockRows = rowsOfBlock(outH, outW);
  const stride = strideOf(blockRows * across);
  const m = scratch + matrixBytes(inC, stride) * 16;
  const aside = m + matrixBytes(outC, stride) * 16;
  for (let i = 0; i < down; i += blockRows) {
    const rows = min(down - i, blockRows);
    const patches = image + bytes(2 * i * pitch);
    transformPatches(scratch, patches, inC, plane, pitch, rows, across, stride);
    multiplyTiles(m, u, scratch, outC, inC, rows * across, stride);
    storeOutputs(y, m, b, aside, outC, outH, outW, i, rows, across, stride);
  }
}

/** Rows or columns of the padded image under so many outputs, the last odd one's tile included. */
export function paddedSize(out: i32): i32 {
  return 2 * tilesAlong(out) + 2;
}

/** y = b + Aᵀ·m·A, rows of tiles from `firstRow` on. */
function storeOutputs(
  y: usize,
  m: usize,
  b: usize,
  aside: usize,
  outC: i32,
  outH: i32,
  outW: i32,
  firstRow: i32,
  rows: i32,
  across: i32,
  stride: i32,
): void {
  const matrix = matrixBytes(outC, stride);
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
 * Four tiles side by side: eight outputs in each of two rows, or seven where the last column is not there. Where the second
 * row is not there, below is 0, and the first is written over it.
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
