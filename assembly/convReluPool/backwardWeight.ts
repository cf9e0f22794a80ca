/**
 * Backward weight and bias of convReluPool.ts. Only one output in four has a gradient, so the sums go over the winners
 * alone: with few vectors of taps four filters at a time (weightFewRows.ts), else by lists of gradients (weightManyRows.ts).
 *
 *   scratch: dy behind the ReLU, f32[filters, windows] │ offsets of rows of taps │ sums │ a frame, or the image with its
 *            channels in blocks
 */
import { bytesOf } from '../lib/bytes';
import { clearFrame, enframe } from '../lib/pad';
import { bytes, fill, roundUp } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { clearChannelBlocks, writeChannelBlocks } from './channelBlocks';
import { maskPlane } from './mask';
import { hasChannelBlocks, hasManyRows, paddedRows, ROWS, rowOffsets, rowsOf } from './rows';
import { addFew, fewBytes, sumFew } from './weightFewRows';
import { addMany, manyBytes, sumMany } from './weightManyRows';
import { nextSaved } from './windows';

/** Bytes of scratch, without the frame or the image. */
export function backwardWeightBytes(outC: i32, windows: f64, rowCount: f64): f64 {
  const filters = roundUp(outC);
  const rows = rowCount + ROWS; // enough for any rounding up
  const sums = rows * filters * 4;
  const lists = <f64>outC * windows * 2 + outC + 3;
  return bytesOf(windows * filters + rows + sums + lists);
}

/** As convReluPoolBackwardWeight. */
export function backwardWeightByWinners(
  dw: usize,
  db: usize,
  dy: usize,
  y: usize,
  saved: usize,
  x: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const outC = s.outC;
  const windows = s.windows;
  const outputs = outC * windows;
  const values = s.filters * windows;
  const inBlocks = hasChannelBlocks(s);
  const rowCount = rowsOf(s, inBlocks);
  const isMany = hasManyRows(s, inBlocks);
  const sumsBytes = isMany ? manyBytes(outC, windows, rowCount) : fewBytes(outC, rowCount);

  const masked = scratch;
  const rows = masked + bytes(values);
  const sums = rows + bytes(paddedRows(rowCount));
  const frame = sums + sumsBytes;
  rowOffsets(rows, rowCount, isMany, inBlocks, s);
  fill(masked + bytes(outputs), 0, values - outputs); // the last four filters may be fewer
  memory.fill(sums, 0, sumsBytes);
  if (inBlocks) clearChannelBlocks(frame, s);
  else clearFrame(frame, s);

  for (let n = s.batch; n > 0; n--) {
    if (inBlocks) writeChannelBlocks(frame, x, s);
    const image = inBlocks ? frame : enframe(frame, x, s);
    for (let o = 0; o < outC; o++) {
      const at = bytes(o * windows);
      const total = maskPlane(masked + at, dy + at, y + at, windows);
      if (db != 0) store<f32>(db + bytes(o), load<f32>(db + bytes(o)) + total);
    }
    if (isMany) sumMany(sums, masked, saved, image, rows, rowCount, inBlocks, s);
    else sumFew(sums, masked, saved, image, rows, rowCount, s);
    x += s.xBytes;
    y += bytes(outputs);
    dy += bytes(outputs);
    saved = nextSaved(saved, s);
  }
  if (isMany) addMany(dw, sums, rowCount, inBlocks, s);
  else addFew(dw, sums, rowCount, s);
}
