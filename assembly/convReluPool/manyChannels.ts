/**
 * convReluPool.ts over many channels, with 3×3 kernels that move by one: forward and backward input by Winograd's tiles
 * (winograd/winograd.ts). A tile of four outputs is the window of the pooling. The saved bytes have the same layout as in
 * forward.ts. Backward weight is not here: it visits the winners alone, as with few channels, and tiles would be no faster,
 * because they take the losers too.
 * Measured: forward 2×, backward input 1.5× the speed of the direct sums, 32 → 64 channels (Node 20).
 *
 *   scratch of forward          u │ v │ m │ ASIDE_BYTES │ a frame (lib/pad.ts)
 *   scratch of backward input   sizes of the turned convolution │ dy behind the ReLU │ UNPOOL_BYTES │ u │ a frame │
 *                               v │ m │ the outputs of four tiles
 */
import { reluBackward } from '../activations/relu';
import { convolveImage, paddedSize } from '../conv2d/winograd';
import { clearFrame, enframe } from '../lib/pad';
import { bytes, roundUp, transpose4x4 } from '../lib/simd';
import { ConvSizes, SIZES_BYTES, turnedSizes } from '../lib/sizes';
import { transformFilters, transformOutputs, transformPatches } from '../winograd/transforms';
import {
  blockStride,
  FEW,
  filtersBytes,
  gainsByWinograd,
  MANY,
  matrixBytes,
  multiplyTiles,
  rowsOfBlock,
  tilesBytes,
} from '../winograd/winograd';
import { storeValues, storeWinners } from './tiles';
import { UNPOOL_BYTES, unpool } from './unpool';
import { listAll, listOf, nextSaved } from './windows';

/** Bytes of scratch for storeWindows: outputs of four tiles, then winners, steps and biases of four filters. */
const ASIDE_BYTES: usize = 64 + 64 + 32 + 64;

/** Whether forward is faster here: at least 8 channels and 8 filters, and at least 4×2 windows. */
export function gainsForward(inC: i32, outC: i32, outH: i32, outW: i32): bool {
  return gainsByWinograd(inC, outC, outH & ~1, outW & ~1, MANY);
}

/**
 * Whether backward input is faster here: at least 3 channels and 3 filters, inH ≥ 4 and inW ≥ 7. Its patches reach two pixels
 * beyond dx, and no gradient may lie further out.
 */
export function gainsBackwardInput(s: ConvSizes): bool {
  const isNear = s.padH <= 2 && s.padW <= 2;
  const isInside = s.outH - s.padH <= s.inH && s.outW - s.padW <= s.inW;
  return isNear && isInside && gainsByWinograd(s.outC, s.inC, s.inH, s.inW, FEW);
}

/** Bytes of scratch for forwardManyChannels, without the frame. */
export function forwardManyBytes(inC: i32, outC: i32, outH: i32, outW: i32): f64 {
  const tiles = tilesBytes(inC, outC, outH & ~1, outW & ~1);
  return filtersBytes(inC, outC) + tiles + ASIDE_BYTES;
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
  const inC = s.inC;
  const outC = s.outC;
  const down = s.outH >> 1;
  const across = s.outW >> 1;
  const windows = s.windows;
  const filters = s.filters;
  const pitch = s.pitch;
  const blockRows = rowsOfBlock(2 * down, 2 * across);
  const stride = blockStride(2 * down, 2 * across);
  const u = scratch;
  const v = u + matrixBytes(outC, inC) * 16;
  const m = v + matrixBytes(inC, stride) * 16;
  const aside = m + matrixBytes(outC, stride) * 16;
  const frame = aside + ASIDE_BYTES;
  transformFilters(u, w, s, false);
  memory.fill(aside, 0, ASIDE_BYTES);
  v128.store(aside, i32x4.splat(4), 128);
  v128.store(aside, i32x4.splat(pitch << 2), 144);
  clearFrame(frame, s);
  for (let n = s.batch; n > 0; n--) {
    const list = listOf(saved, s);
    listAll(list, s);
    store<i32>(list - 16, windows);
    const image = enframe(frame, x, s);
    for (let i = 0; i < down; i += blockRows) {
      const rows = min(down - i, blockRows);
      const first = i * across;
      const tiles = rows * across;
      transformPatches(v, image + bytes(2 * i * pitch), s, rows, across, stride);
      multiplyTiles(m, u, v, s, tiles, stride);
      storeWindows(y + bytes(first), saved + bytes(first * filters), m, b, s, tiles, stride);
    }
    x += s.xBytes;
    y += bytes(outC * windows);
    saved = nextSaved(saved, s);
  }
}

/** y[outC, windows] and winners[windows, filters] of `tiles` ≥ 4 windows. The last four may overlap others. */
function storeWindows(
  y: usize,
  winners: usize,
  m: usize,
  b: usize,
  s: ConvSizes,
  tiles: i32,
  stride: i32,
): void {
  const outC = s.outC;
  const windows = s.windows;
  const matrix = matrixBytes(outC, stride);
  const aside = m + matrix * 16;
  const rowBytes = bytes(s.filters);
  const kept = aside + 64;
  const steps = aside + 128;
  const biases = aside + 160;
  for (let o = 0; o < outC; o += 4) {
    const some = min(outC - o, 4);
    for (let f = 0; f < some; f++) {
      const bias: f32 = b == 0 ? 0 : load<f32>(b + bytes(o + f));
      v128.store(biases + bytes(f * 4), f32x4.splat(bias));
    }
    for (let t = 0; t < tiles; t += 4) {
      const first = min(t, tiles - 4);
      for (let f = 0; f < some; f++) {
        transformOutputs(aside, m + bytes((o + f) * stride + first), matrix);
        const a0 = v128.load(aside);
        const a1 = v128.load(aside, 16);
        const a2 = v128.load(aside, 32);
        const a3 = v128.load(aside, 48);
        storeWinners(kept + bytes(f * 4), steps, a0, a1, a2, a3);
        storeValues(y + bytes((o + f) * windows + first), biases + bytes(f * 4), a0, a1, a2, a3);
      }
      transpose4x4(winners + <usize>first * rowBytes + bytes(o), rowBytes, kept, 16);
    }
  }
}

/** As convReluPoolBackwardInput: the gradients of the outputs go straight to their places between zeros. */
export function backwardInputManyChannels(
  dx: usize,
  dy: usize,
  y: usize,
  saved: usize,
  w: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const outputs = outC * s.windows;
  const t = turnedSizes(scratch, s);
  t.useFrame(paddedSize(s.inH), paddedSize(s.inW));
  const masked = scratch + SIZES_BYTES;
  const aside = masked + bytes(roundUp(outputs));
  const u = aside + UNPOOL_BYTES;
  const frame = u + matrixBytes(inC, outC) * 16;
  const first = frame + bytes(t.padH * t.pitch + t.padW);
  const rest = frame + bytes(outC * t.plane + 4);
  transformFilters(u, w, t, true);
  clearFrame(frame, t);
  for (let n = s.batch; n > 0; n--) {
    reluBackward(masked, dy, y, outputs);
    unpool(first, masked, saved, aside, s, t);
    convolveImage(dx, frame, u, 0, rest, t);
    dx += s.xBytes;
    y += bytes(outputs);
    dy += bytes(outputs);
    saved = nextSaved(saved, s);
  }
}
