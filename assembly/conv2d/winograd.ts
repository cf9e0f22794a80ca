/**
 * Convolution with 3×3 kernels that move by one, and its gradient by the input, by Winograd's tiles: see
 * winograd/winograd.ts.
 *
 *   scratch of forward          u │ a region (winograd/block.ts)
 *   scratch of backward input   sizes of the turned convolution │ u │ a region
 *
 * Backward input is the same convolution with other sizes: dy takes the place of x, the channels change roles, and each
 * kernel is turned by half a turn.
 */
import { bytes, storeTail } from '../lib/simd';
import { ConvSizes, SIZES_BYTES, turnedSizes } from '../lib/sizes';
import { FOUR_BYTES } from '../winograd/blank';
import { Block, regionBytes, TARGET_BYTES } from '../winograd/block';
import { transformFilters } from '../winograd/filters';
import { contract } from '../winograd/outputs';
import { frameSize, PLACE_BYTES, Place } from '../winograd/tiling';
import {
  ENTRIES,
  matricesBytes,
  matrixBytes,
  SQRT_HALF,
  SQRT_TWO,
  TILES,
} from '../winograd/winograd';

/** Where the outputs of a tile go: bytes from y, and how many rows and columns there are. */
@unmanaged
class Target {
  offset!: i32;
  rows!: i32;
  columns!: i32;
}

/** Bytes of scratch for both directions; in backward input, the sizes are the turned ones. */
export function winogradBytes(inC: i32, inH: i32, inW: i32, outC: i32, outH: i32, outW: i32): f64 {
  return SIZES_BYTES + matricesBytes(outC, inC) + regionBytes(inC, inH, inW, outC, outH, outW);
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
  s.chooseFrame(<i32>frameSize(s.outH), <i32>frameSize(s.outW));
  const region = scratch + matrixBytes(s.outC, s.inC) * ENTRIES;
  transformFilters(scratch, w, region, s, false);
  convolve(y, x, scratch, b, region, s);
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
  turned.chooseFrame(<i32>frameSize(s.inH), <i32>frameSize(s.inW));
  const u = scratch + SIZES_BYTES;
  const region = u + matrixBytes(s.inC, s.outC) * ENTRIES;
  transformFilters(u, w, region, turned, true);
  convolve(dx, dy, u, 0, region, turned);
}

/** y = b + w·x. u: transformed filters. b: 0 if there is no bias. */
function convolve(y: usize, x: usize, u: usize, b: usize, region: usize, s: ConvSizes): void {
  const block = changetype<Block>(region);
  block.begin(x, s.outH, s.outW, s);
  for (let first = 0; first < block.tiling.count; first += TILES) {
    const tiles = block.convolve(x, u, first, s);
    storeBlock(y, b, block, block.masks, tiles, s);
  }
}

/** y = b + Aᵀ·m·A of the placed tiles. masks: 0 if no output needs to be exactly 0. */
export function storeBlock(
  y: usize,
  b: usize,
  block: Block,
  masks: usize,
  tiles: i32,
  s: ConvSizes,
): void {
  target(block.targets, block.places, tiles, s);
  storeOutputs(y, block.m, b, block.targets, masks, block.work, tiles, s);
}

/** Where the outputs of the placed tiles go; those after the last tile go nowhere. */
function target(targets: usize, places: usize, tiles: i32, s: ConvSizes): void {
  const outH = s.outH;
  const outW = s.outW;
  const yBytes = s.yBytes;
  for (let t = 0; t < TILES; t++) {
    const place = changetype<Place>(places);
    const to = changetype<Target>(targets);
    const isTile = t < tiles;
    to.offset = <i32>(<usize>place.image * yBytes) + ((place.row * outW + place.column) << 2);
    to.rows = isTile ? min(outH - place.row, 4) : 0;
    to.columns = min(outW - place.column, 4);
    places += PLACE_BYTES;
    targets += TARGET_BYTES;
  }
}

/** y = b + Aᵀ·m·A */
function storeOutputs(
  y: usize,
  m: usize,
  b: usize,
  targets: usize,
  masks: usize,
  work: usize,
  tiles: i32,
  s: ConvSizes,
): void {
  const outC = s.outC;
  const planeBytes = bytes(s.pixels);
  const rowBytes = bytes(s.outW);
  const matrix = matrixBytes(outC, TILES);
  const end = targets + <usize>tiles * TARGET_BYTES;
  for (let o = 0; o < outC; o++) {
    const bias = f32x4.splat(b == 0 ? 0 : load<f32>(b + bytes(o)));
    let from = m;
    let mask = masks;
    let flag = masks + FOUR_BYTES * 4;
    for (let four = targets; four < end; four += TARGET_BYTES * 4) {
      contract(work, 16, 96, from, matrix, matrix * 6, 6);
      const hasBlank = masks != 0 && load<i32>(flag) != 0;
      storeFour(y, rowBytes, work, bias, four, hasBlank ? mask : 0);
      from += 16;
      mask += FOUR_BYTES;
      flag += 4;
    }
    m += bytes(TILES);
    y += planeBytes;
  }
}

/** y = b + rows times A, the outputs of four tiles. rows: Aᵀ·m, four rows of six. masks: 0 if no output is blank. */
function storeFour(
  y: usize,
  rowBytes: usize,
  rows: usize,
  bias: v128,
  four: usize,
  masks: usize,
): void {
  const a = changetype<Target>(four);
  const b = changetype<Target>(four + TARGET_BYTES);
  const c = changetype<Target>(four + TARGET_BYTES * 2);
  const d = changetype<Target>(four + TARGET_BYTES * 3);
  const half = f32x4.splat(0.5);
  const isWhole =
    min(min(a.rows, b.rows), min(c.rows, d.rows)) == 4 &&
    min(min(a.columns, b.columns), min(c.columns, d.columns)) == 4;
  for (let row = 0; row < 4; row++) {
    const m1 = v128.load(rows, 16);
    const m2 = v128.load(rows, 32);
    const m3 = v128.load(rows, 48);
    const m4 = v128.load(rows, 64);
    const near = f32x4.add(m1, m2);
    const far = f32x4.add(m3, m4);
    const nearOdd = f32x4.mul(f32x4.sub(m1, m2), f32x4.splat(SQRT_HALF));
    const farOdd = f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(SQRT_TWO));
    let y0 = f32x4.add(v128.load(rows), f32x4.add(near, far));
    let y1 = f32x4.add(nearOdd, farOdd);
    let y2 = f32x4.add(f32x4.mul(near, half), f32x4.add(far, far));
    const odd = f32x4.add(f32x4.mul(nearOdd, half), f32x4.add(farOdd, farOdd));
    let y3 = f32x4.add(odd, v128.load(rows, 80));
    if (masks != 0) {
      y0 = v128.and(y0, v128.load(masks));
      y1 = v128.and(y1, v128.load(masks, 16));
      y2 = v128.and(y2, v128.load(masks, 32));
      y3 = v128.and(y3, v128.load(masks, 48));
      masks += 64;
    }
    y0 = f32x4.add(bias, y0);
    y1 = f32x4.add(bias, y1);
    y2 = f32x4.add(bias, y2);
    y3 = f32x4.add(bias, y3);
    const low = v128.shuffle<f32>(y0, y1, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(y0, y1, 2, 6, 3, 7);
    const lower = v128.shuffle<f32>(y2, y3, 0, 4, 1, 5);
    const higher = v128.shuffle<f32>(y2, y3, 2, 6, 3, 7);
    const ya = v128.shuffle<f32>(low, lower, 0, 1, 4, 5);
    const yb = v128.shuffle<f32>(low, lower, 2, 3, 6, 7);
    const yc = v128.shuffle<f32>(high, higher, 0, 1, 4, 5);
    const yd = v128.shuffle<f32>(high, higher, 2, 3, 6, 7);
    if (isWhole) {
      v128.store(y + <usize>a.offset, ya);
      v128.store(y + <usize>b.offset, yb);
      v128.store(y + <usize>c.offset, yc);
      v128.store(y + <usize>d.offset, yd);
    } else {
      storeRow(y, a, row, ya);
      storeRow(y, b, row, yb);
      storeRow(y, c, row, yc);
      storeRow(y, d, row, yd);
    }
    rows += 96;
    y += rowBytes;
  }
}

/** A row of a tile, if there is one. */
function storeRow(y: usize, to: Target, row: i32, outputs: v128): void {
  if (row >= to.rows) return;
  const at = y + <usize>to.offset;
  if (to.columns == 4) v128.store(at, outputs);
  else storeTail(at, outputs, to.columns);
}
