/**
 * Forward of convReluPool.ts over many channels, with 3×3 kernels that move by one, by Winograd's tiles: a tile of sixteen
 * outputs is four windows of the pooling. See winograd/winograd.ts. The saved bytes have the same layout as in forward.ts.
 *
 *   scratch: sizes with the frame of the tiles │ WINDOWS_BYTES │ u │ a region (winograd/block.ts)
 */
import { bytes, transpose4x4 } from '../lib/simd';
import { ConvSizes, framedSizes, SIZES_BYTES } from '../lib/sizes';
import { FOUR_BYTES } from '../winograd/blank';
import { Block, regionBytes, TARGET_BYTES } from '../winograd/block';
import { transformFilters } from '../winograd/filters';
import { OUTPUTS_BYTES, transformOutputs } from '../winograd/outputs';
import { frameSize, PLACE_BYTES, Place } from '../winograd/tiling';
import {
  ENTRIES,
  gainsByWinograd,
  MANY,
  matricesBytes,
  matrixBytes,
  TILES,
} from '../winograd/winograd';
import { storeValues, storeWinners } from './tiles';
import { listAll, listOf, nextSaved } from './windows';

/** Bytes for four windows of four filters: winners, values of one filter, biases, and steps to the other outputs. */
const WINDOWS_BYTES: usize = 256 + 64 + 64 + 32;

/** Where the windows of a tile go: bytes from y and from the first winner, and how many rows and columns there are. */
@unmanaged
class Target {
  value!: i32;
  winner!: i32;
  rows!: i32;
  columns!: i32;
}

/** Whether forward is faster here: at least 8 channels and 8 filters, and tiles that lie inside for the most part. */
export function gainsForward(inC: i32, outC: i32, outH: i32, outW: i32): bool {
  return gainsByWinograd(inC, outC, outH & ~1, outW & ~1, MANY);
}

/** Bytes of scratch for forwardManyChannels. */
export function forwardManyBytes(
  inC: i32,
  inH: i32,
  inW: i32,
  outC: i32,
  outH: i32,
  outW: i32,
): f64 {
  const region = regionBytes(inC, inH, inW, outC, outH & ~1, outW & ~1);
  return SIZES_BYTES + WINDOWS_BYTES + matricesBytes(outC, inC) + region;
}

/** As convReluPoolForward. */
export function forwardManyChannels(
  y: usize,
  saved: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const rows = s.outH & ~1;
  const columns = s.outW & ~1;
  const t = framedSizes(scratch, s, <i32>frameSize(rows), <i32>frameSize(columns));
  const aside = scratch + SIZES_BYTES;
  const u = aside + WINDOWS_BYTES;
  const region = u + matrixBytes(s.outC, s.inC) * ENTRIES;
  const block = changetype<Block>(region);
  transformFilters(u, w, region, t, false);
  listImages(saved, s);
  v128.store(aside, i32x4.splat(4), 384);
  v128.store(aside, i32x4.splat(s.pitch << 2), 400);
  block.begin(x, rows, columns, t);
  for (let first = 0; first < block.tiling.count; first += TILES) {
    const tiles = block.convolve(x, u, first, t);
    target(block.targets, block.places, tiles, s);
    storeWindows(y, saved, b, block, aside, tiles, s);
  }
}

/** Lists all windows of all images. */
function listImages(saved: usize, s: ConvSizes): void {
  for (let n = s.batch; n > 0; n--) {
    const list = listOf(saved, s);
    listAll(list, s);
    store<i32>(list - 16, s.windows);
    saved = nextSaved(saved, s);
  }
}

/** Where the windows of the placed tiles go; those after the last tile go nowhere. */
function target(targets: usize, places: usize, tiles: i32, s: ConvSizes): void {
  const pooledH = s.outH >> 1;
  const pooledW = s.outW >> 1;
  const filters = s.filters;
  const yBytes = <i32>bytes(s.outC * s.windows);
  const savedBytes = <i32>nextSaved(0, s);
  for (let t = 0; t < TILES; t++) {
    const place = changetype<Place>(places);
    const to = changetype<Target>(targets);
    const row = place.row >> 1;
    const column = place.column >> 1;
    const window = row * pooledW + column;
    to.value = place.image * yBytes + (window << 2);
    to.winner = place.image * savedBytes + ((window * filters) << 2);
    to.rows = t < tiles ? min(pooledH - row, 2) : 0;
    to.columns = min(pooledW - column, 2);
    places += PLACE_BYTES;
    targets += TARGET_BYTES;
  }
}

/** y[outC, windows] and winners[windows, filters] of the windows of the tiles. */
function storeWindows(
  y: usize,
  winners: usize,
  b: usize,
  block: Block,
  aside: usize,
  tiles: i32,
  s: ConvSizes,
): void {
  const outC = s.outC;
  const work = block.work;
  const targets = block.targets;
  const planeBytes = bytes(s.windows);
  const rowBytes = bytes(s.outW >> 1);
  const winnerBytes = bytes(s.filters);
  const winnerRowBytes = rowBytes * s.filters;
  const matrix = matrixBytes(outC, TILES);
  const outputs = work + OUTPUTS_BYTES;
  const values = aside + 256;
  const biases = aside + 320;
  const steps = aside + 384;
  const end = targets + <usize>tiles * TARGET_BYTES;
  let m = block.m;
  for (let o = 0; o < outC; o += 4) {
    const some = min(outC - o, 4);
    for (let f = 0; f < some; f++) {
      const bias: f32 = b == 0 ? 0 : load<f32>(b + bytes(o + f));
      v128.store(biases + bytes(f * 4), f32x4.splat(bias));
    }
    let from = m;
    let mask = block.masks;
    let flag = mask + FOUR_BYTES * 4;
    for (let four = targets; four < end; four += TARGET_BYTES * 4) {
      const hasBlank = load<i32>(flag) != 0;
      for (let f = 0; f < some; f++) {
        transformOutputs(outputs, from + bytes(f * TILES), matrix, work);
        if (hasBlank) blank(outputs, mask);
        const bias = biases + bytes(f * 4);
        for (let window: usize = 0; window < 4; window++) {
          // rows 0 and 1 or 2 and 3, columns 0 and 1 or 2 and 3
          const at = outputs + (window >> 1) * 128 + (window & 1) * 32;
          const y0 = v128.load(at);
          const y1 = v128.load(at, 16);
          const y2 = v128.load(at, 64);
          const y3 = v128.load(at, 80);
          storeWinners(aside + window * 64 + bytes(f * 4), steps, y0, y1, y2, y3);
          storeValues(values + window * 16, bias, y0, y1, y2, y3);
        }
        storeFourValues(y + <usize>f * planeBytes, rowBytes, values, four);
      }
      storeFourWinners(winners, winnerBytes, winnerRowBytes, aside, four);
      from += 16;
      mask += FOUR_BYTES;
      flag += 4;
    }
    m += bytes(TILES * 4);
    y += <usize>4 * planeBytes;
    winners += 16;
  }
}

/** Outputs whose patches are blank are exactly 0. */
function blank(outputs: usize, masks: usize): void {
  for (let i: usize = 0; i < FOUR_BYTES; i += 16) {
    v128.store(outputs + i, v128.and(v128.load(outputs + i), v128.load(masks + i)));
  }
}

/** The windows of a filter in four tiles. values[4][4]: window by window, a tile a lane. */
function storeFourValues(y: usize, rowBytes: usize, values: usize, four: usize): void {
  for (let row = 0; row < 2; row++) {
    const left = v128.load(values);
    const right = v128.load(values, 16);
    const low = v128.shuffle<f32>(left, right, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(left, right, 2, 6, 3, 7);
    storePair(y, changetype<Target>(four), row, low);
    storePair(
      y,
      changetype<Target>(four + TARGET_BYTES),
      row,
      v128.shuffle<f32>(low, low, 2, 3, 2, 3),
    );
    storePair(y, changetype<Target>(four + TARGET_BYTES * 2), row, high);
    storePair(
      y,
      changetype<Target>(four + TARGET_BYTES * 3),
      row,
      v128.shuffle<f32>(high, high, 2, 3, 2, 3),
    );
    values += 32;
    y += rowBytes;
  }
}

/** A row of windows of a tile, if there is one. */
function storePair(y: usize, to: Target, row: i32, pair: v128): void {
  if (row >= to.rows) return;
  const at = y + <usize>to.value;
  if (to.columns == 2) v128.store64_lane(at, pair, 0);
  else v128.store32_lane(at, pair, 0);
}

/** The winners of four filters in four tiles. kept[4][4][4]: window by window, filter by filter, a tile a lane. */
function storeFourWinners(
  winners: usize,
  stepBytes: usize,
  rowBytes: usize,
  kept: usize,
  four: usize,
): void {
  for (let window = 0; window < 4; window++) {
    transpose4x4(kept, 16, kept, 16);
    const row = window >> 1;
    const column = window & 1;
    const at = winners + <usize>row * rowBytes + <usize>column * stepBytes;
    for (let t: usize = 0; t < 4; t++) {
      const to = changetype<Target>(four + t * TARGET_BYTES);
      if (row >= to.rows || column >= to.columns) continue;
      v128.store(at + <usize>to.winner, v128.load(kept + t * 16));
    }
    kept += 64;
  }
}
