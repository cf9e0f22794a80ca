/**
 * Dropout, forward and backward alike: each number is kept and scaled, or becomes 0.
 *
 *   y[n, c, p] = keep(n, c) ? x[n, c, p] / (1 − rate) : 0
 *
 * x, y: f32[batch, channels, pixels], byte addresses; clock: u32[3], seed, epoch and step. The `pixels` numbers of a channel
 * share their fate; a call with pixels 1 decides on every number by itself. keep(n, c) is true if a random word is at least
 * ⌊rate·2³²⌋. The word is number (c / 4) mod 4 of Philox4x32-10 (lib/philox.ts) with
 *
 *   counter (4·(c / 16) + c mod 4, first + n, step, epoch)     key (seed, layer)
 *
 * so it depends on the place of the image in the whole batch, not on the shard or the thread that holds it. (Sixteen
 * channels take four counters, one in each lane of a vector.) A number that is dropped is 0 even if x is NaN. With rate 0
 * everything is copied. (Srivastava et al., "Dropout", 2014, section 10)
 */
import {
  highProducts,
  PHILOX_M0,
  PHILOX_M1,
  PHILOX_ROUNDS,
  PHILOX_W0,
  PHILOX_W1,
  philox,
} from '../lib/philox';

/**
 * y = keep ? x / (1 − rate) : 0; the gradient: the same of dy
 *
 * @writes y
 * @inPlace y x
 * @param clock address of u32[3]: seed, epoch, step
 * @param first place of the first image in the whole batch
 * @param layer index of the layer in its network
 * @param rate share of the numbers that become 0, from 0 to below 1
 */
export function dropout(
  y: usize,
  x: usize,
  clock: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
  first: i32,
  layer: i32,
  rate: f64,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0 && rate >= 0 && rate < 1);
  const imageBytes = (<usize>(channels * pixels)) << 2;
  if (rate == 0) {
    if (y != x) memory.copy(y, x, imageBytes * <usize>batch);
    return;
  }
  const seed = load<u32>(clock);
  const epoch = load<u32>(clock, 4);
  const step = load<u32>(clock, 8);
  const threshold = <u32>(rate * 4294967296.0);
  const scale = <f32>(1.0 / (1.0 - rate));
  for (let n = 0; n < batch; n++) {
    const image = <u32>(first + n);
    let c = 0;
    if (pixels == 1) {
      c = channels & ~15;
      dropVectors(y, x, c, image, step, epoch, seed, layer, threshold, scale);
    }
    for (; c < channels; c++) {
      const block = ((<u32>c >> 4) << 2) + (<u32>c & 3);
      const word = philox(block, image, step, epoch, seed, layer, (c >> 2) & 3);
      const at = (<usize>(c * pixels)) << 2;
      dropChannel(y + at, x + at, pixels, word >= threshold ? scale : 0);
    }
    x += imageBytes;
    y += imageBytes;
  }
}

/** The first `channels` numbers of an image, sixteen at a time. */
function dropVectors(
  y: usize,
  x: usize,
  channels: i32,
  image: u32,
  step: u32,
  epoch: u32,
  seed: u32,
  layer: u32,
  threshold: u32,
  scale: f32,
): void {
  const m0 = i32x4.splat(PHILOX_M0);
  const m1 = i32x4.splat(PHILOX_M1);
  const least = i32x4.splat(threshold);
  const factor = f32x4.splat(scale);
  for (let c = 0; c < channels; c += 16) {
    let c0 = i32x4.add(i32x4.splat(c >> 2), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(image);
    let c2 = i32x4.splat(step);
    let c3 = i32x4.splat(epoch);
    let k0 = seed;
    let k1 = layer;
    for (let round = 0; round < PHILOX_ROUNDS; round++) {
      const high0 = highProducts(m0, c0);
      const low0 = i32x4.mul(m0, c0);
      const high1 = highProducts(m1, c2);
      const low1 = i32x4.mul(m1, c2);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
      c1 = low1;
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
      c3 = low0;
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
    const at = (<usize>c) << 2;
    v128.store(y + at, drop(v128.load(x + at), c0, least, factor));
    v128.store(y + at, drop(v128.load(x + at, 16), c1, least, factor), 16);
    v128.store(y + at, drop(v128.load(x + at, 32), c2, least, factor), 32);
    v128.store(y + at, drop(v128.load(x + at, 48), c3, least, factor), 48);
  }
}

function drop(x: v128, words: v128, least: v128, factor: v128): v128 {
  return v128.and(f32x4.mul(x, factor), i32x4.ge_u(words, least));
}

/** y = scale·x, or 0 if the scale is. */
function dropChannel(y: usize, x: usize, pixels: i32, scale: f32): void {
  const end = (<usize>pixels) << 2;
  if (scale == 0) {
    memory.fill(y, 0, end);
    return;
  }
  const factor = f32x4.splat(scale);
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) v128.store(y + i, f32x4.mul(v128.load(x + i), factor));
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(x + i) * scale);
}
