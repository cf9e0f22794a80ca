/**
 * Forward of convReluPool.ts: the inner loops (tiles.ts, oneChannel.ts) go through a list of windows, several filters at a
 * time. The windows of a one-channel image whose whole patch is 0 are not in the list; they get max(0, b) beforehand.
 *
 *   scratch: filters for the direct loops │ filters for Winograd │ b │ steps │ offsets of taps │ offsets of rows of taps │
 *            values, f32[windows, filters] │ an entry for every window │ rows of joined bits │ Winograd's patches │ a frame
 */
import { bytesOf } from '../lib/bytes';
import { clearFrame, enframe } from '../lib/pad';
import { bytes, copy, fill, roundUp } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { packWeights, tapOffsets, transposeValues } from './layout';
import {
  factorsBytes,
  transformDozens,
  WINOGRAD_BYTES,
  winogradFilters,
  winogradWindows,
} from './oneChannel';
import { windows4, windows4x3, windows8 } from './tiles';
import {
  ENTRY_BYTES,
  fillBlank,
  joinRows,
  listAll,
  listInked,
  listInked3x3,
  listOf,
  nextSaved,
} from './windows';

/** Bytes of scratch, without the frame. rows: rows of taps of a patch. lines: numbers that joinRows writes. */
export function forwardBytes(outC: i32, taps: f64, rows: f64, windows: f64, lines: f64): f64 {
  const filters = roundUp(outC);
  const weights = filters * (max<f64>(taps, 16) + 1) + taps + rows + 20;
  return bytesOf(weights + (filters + 4) * windows + lines) + WINOGRAD_BYTES;
}

/** As convReluPoolForward. */
export function forwardByWindows(
  y: usize,
  saved: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const taps = s.taps;
  const pitch = s.pitch;
  const filters = s.filters;
  const windows = s.windows;
  const tiled = s.isPlain3x3 && inC == 1 ? winogradFilters(outC) : 0;

  const weights = scratch;
  const factors = weights + bytes(roundUp(outC - tiled) * taps);
  const bias = factors + factorsBytes(tiled);
  const steps = bias + bytes(filters);
  const offsets = steps + 32;
  const rows = offsets + bytes(roundUp(taps));
  const values = rows + bytes(roundUp(inC * s.kH));
  const entries = values + bytes(windows * filters);
  const lines = entries + <usize>windows * ENTRY_BYTES;
  const work = lines + bytes(roundUp((s.outH >> 1) * (pitch + 8)));
  const frame = work + WINOGRAD_BYTES;
  transformDozens(factors, w, tiled);
  packWeights(weights, w + bytes(tiled * taps), outC - tiled, taps);
  fill(bias, 0, filters);
  if (b != 0) copy(bias, b, outC);
  v128.store(steps, i32x4.splat(s.strideW << 2));
  v128.store(steps, i32x4.splat((s.strideH * pitch) << 2), 16);
  tapOffsets(offsets, s, s.kW);
  tapOffsets(rows, s, 1);
  listAll(entries, s);
  if (inC == 1) fillBlank(values, bias, filters, entries, windows);
  clearFrame(frame, s);

  for (let n = s.batch; n > 0; n--) {
    const list = listOf(saved, s);
    const image = enframe(frame, x, s);
    const count = listWindows(list, entries, lines, image, s);
    store<i32>(list - 16, count);
    if (tiled > 0) winogradWindows(values, saved, image, factors, bias, steps, work, list, s);
    for (let o = tiled; o < outC; o += 8) {
      const to = values + bytes(o);
      const won = saved + bytes(o);
      const at = bias + bytes(o);
      const tap = weights + bytes((o - tiled) * taps);
      if (o + 4 < outC) {
        windows8(to, won, image, tap, at, offsets, taps, steps, list, count);
      } else if (s.kW == 3 && s.strideW == 1) {
        windows4x3(to, won, image, tap, at, rows, inC * s.kH, steps, list, count);
      } else {
        windows4(to, won, image, tap, at, offsets, taps, steps, list, count);
      }
    }
    transposeValues(y, values, s);
    if (inC == 1) fillBlank(values, bias, filters, list, count);
    x += s.xBytes;
    y += bytes(outC * windows);
    saved = nextSaved(saved, s);
  }
}

/** The list of the windows to compute. @returns their number */
function listWindows(list: usize, entries: usize, lines: usize, image: usize, s: ConvSizes): i32 {
  if (s.inC > 1) {
    // maps inside a network are seldom blank in all channels; looking at all of them would cost more than it saves
    const windows = s.windows;
    memory.copy(list, entries, <usize>windows * ENTRY_BYTES);
    return windows;
  }
  if (s.isPlain3x3) return listInked3x3(list, entries, image, s);
  joinRows(lines, image, s);
  return listInked(list, entries, lines, s);
}
