/**
 * Backward input of convReluPool.ts: from the gradients of the windows to those of the outputs of the convolution
 * (unpool.ts), and from there to dx (conv2d.ts).
 *
 *   scratch: sizes of dy as an image │ dy behind the ReLU │ gradients of the outputs, f32[outC, outH, outW] │ UNPOOL_BYTES │
 *            scratch of conv2d.ts for one image
 */
import { reluBackward } from '../activations/relu';
import { backwardInput } from '../conv2d/conv2d';
import { bytesOf } from '../lib/bytes';
import { bytes, roundUp } from '../lib/simd';
import { ConvSizes, gradientSizes, SIZES_BYTES } from '../lib/sizes';
import { UNPOOL_BYTES, unpool } from './unpool';
import { clearUnlisted, nextSaved } from './windows';

/** Bytes of scratch, without those of conv2d.ts. */
export function backwardInputBytes(outC: f64, windows: f64, pixels: f64): f64 {
  const numbers = outC * windows + outC * pixels + 6; // each of the two rounded up to a multiple of four
  return SIZES_BYTES + bytesOf(numbers) + UNPOOL_BYTES;
}

/** As convReluPoolBackwardInput. */
export function backwardInputByOutputs(
  dx: usize,
  dy: usize,
  y: usize,
  saved: usize,
  w: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const outputs = s.outC * s.windows;
  const pixels = s.outC * s.pixels;
  const t = gradientSizes(scratch, s);
  const masked = scratch + SIZES_BYTES;
  const unpooled = masked + bytes(roundUp(outputs));
  const aside = unpooled + bytes(roundUp(pixels));
  const rest = aside + UNPOOL_BYTES;
  const batch = s.batch;
  s.batch = 1; // conv2d.ts is given one image at a time
  memory.fill(unpooled, 0, bytes(pixels));
  for (let n = 0; n < batch; n++) {
    reluBackward(masked, dy, y, outputs);
    clearUnlisted(saved, s);
    unpool(unpooled, masked, saved, aside, s, t);
    backwardInput(dx, unpooled, w, rest, s);
    dx += s.xBytes;
    y += bytes(outputs);
    dy += bytes(outputs);
    saved = nextSaved(saved, s);
  }
}
