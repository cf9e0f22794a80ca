/**
 * Backward input of convReluPool.ts over many channels, with 3×3 kernels that move by one, by Winograd's tiles: see
 * winograd/winograd.ts. The gradients of the outputs go straight to their places between zeros.
 *
 *   scratch: sizes of the turned convolution │ dy behind the ReLU │ UNPOOL_BYTES │ u │ a region (winograd/block.ts)
 */
import { reluBackward } from '../activations/relu';
import { storeBlock } from '../conv2d/winograd';
import { bytes, roundUp } from '../lib/simd';
import { ConvSizes, SIZES_BYTES, turnedSizes } from '../lib/sizes';
import { Block } from '../winograd/block';
import { transformFilters } from '../winograd/filters';
import { frameSize } from '../winograd/tiling';
import { ENTRIES, FEW, gainsByWinograd, matrixBytes, TILES } from '../winograd/winograd';
import { UNPOOL_BYTES, unpool } from './unpool';
import { nextSaved } from './windows';

/**
 * Whether backward input is faster here: at least 3 channels and 3 filters, and tiles that lie inside for the most part.
 * Patches reach two pixels beyond dx, and no gradient may lie further out.
 */
export function gainsBackwardInput(s: ConvSizes): bool {
  const isNear = s.padH <= 2 && s.padW <= 2;
  const isInside = s.outH - s.padH <= s.inH && s.outW - s.padW <= s.inW;
  return isNear && isInside && gainsByWinograd(s.outC, s.inC, s.inH, s.inW, FEW);
}

/** As convReluPoolBackwardInput. */
export function backwardInputManyChannels(
  dx: usize,
  dy: usize,
  y: usize,
  saved: usize,
  w: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const outputs = s.outC * s.windows;
  const t = turnedSizes(scratch, s);
  t.useFrame(<i32>frameSize(s.inH), <i32>frameSize(s.inW));
  const masked = scratch + SIZES_BYTES;
  const aside = masked + bytes(roundUp(outputs));
  const u = aside + UNPOOL_BYTES;
  const region = u + matrixBytes(s.inC, s.outC) * ENTRIES;
  const block = changetype<Block>(region);
  transformFilters(u, w, region, t, true);
  block.begin(0, s.inH, s.inW, t);
  const tiling = block.tiling;
  const corner = bytes(t.padH * t.pitch + t.padW);
  let ready = 0;
  for (let first = 0; first < tiling.count; first += TILES) {
    const end = block.endOf(first);
    for (const images = tiling.imagesBefore(end); ready < images; ready++) {
      reluBackward(masked, dy, y, outputs);
      unpool(tiling.frameOf(block.frames, ready) + corner, masked, saved, aside, s, t);
      y += bytes(outputs);
      dy += bytes(outputs);
      saved = nextSaved(saved, s);
    }
    block.multiply(u, first, t);
    storeBlock(dx, 0, block, 0, end - first, t);
  }
}
