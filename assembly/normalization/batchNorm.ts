/**
 * Batch normalisation over a batch that is cut into shards. Each shard sums over its own images; then the sums of all
 * shards, added in shard order, give every shard the same mean and variance, to the last bit.
 *
 *   sums         s[0, c] = Σ x,  s[1, c] = Σ x²                                       over n and pixels of the shard
 *   moments      µ = S₀ / M,  σ² = S₁ / M − µ²,  m[0, c] = µ,  m[1, c] = 1 / √(σ² + ε)       S: all shards, M: count
 *   forward      x̂ = (x − µ)·m[1, c],  y = w·x̂ + b
 *   backward     db += Σ dy,  dw += Σ dy·x̂,  s[0, c] = Σ dy,  s[1, c] = Σ dy·x̂
 *                dx = w·m[1, c]·(dy − S₀ / M − x̂·S₁ / M)
 *   running      mean = (1 − momentum)·mean + momentum·µ,  variance likewise with σ²·M / (M − 1)
 *
 * x, y, dx, dy: f32[batch, channels, pixels]. w, b, dw, db, mean, variance: f32[channels]. sums: f64[2, channels] of one
 * shard, `stride` bytes from one shard's to the next. moments: f64[2, channels]. Byte addresses; nothing else overlaps. Sums
 * are taken in double precision, where a square of an f32 is exact, so σ² loses about µ²/σ² · 10⁻¹⁶ of its size. The mean
 * stays in double precision: rounded to f32, a mean of 1000 would be wrong by 3·10⁻⁵, which is much if σ is small. Order:
 * image after image; in a plane two lanes take turns, then what is left of a multiple of four.
 * (Ioffe & Szegedy, "Batch normalization", 2015, algorithm 1)
 */
import { normalise, normaliseBackward } from './normalise';
import { sumProducts } from './products';

/**
 * The sums of one shard.
 *
 * @writes sums
 */
export function batchNormSums(sums: usize, x: usize, batch: i32, channels: i32, pixels: i32): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const rowBytes = (<usize>channels) << 3;
  memory.fill(sums, 0, rowBytes << 1);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      addProducts(sums + ((<usize>c) << 3), rowBytes, x, x, pixels, 0, 1);
      x += (<usize>pixels) << 2;
    }
  }
}

/** sums[0] += Σ a, sums[1] += Σ a·(b − µ)·r over a plane, in double precision. */
function addProducts(
  sums: usize,
  rowBytes: usize,
  a: usize,
  b: usize,
  pixels: i32,
  mean: f64,
  inverse: f64,
): void {
  const both = sumProducts(a, b, pixels, mean);
  const product = f64x2.extract_lane(both, 1) * inverse;
  store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(both, 0));
  store<f64>(sums + rowBytes, load<f64>(sums + rowBytes) + product);
}

/** Σ over the shards of one entry of their sums, in shard order. */
function total(sums: usize, shards: i32, stride: i32): f64 {
  let sum: f64 = 0;
  for (let shard = 0; shard < shards; shard++) {
    sum += load<f64>(sums);
    sums += <usize>stride;
  }
  return sum;
}

/** σ² of a channel; rounding may leave it a little below 0. */
function varianceOf(sums: usize, rowBytes: usize, shards: i32, stride: i32, count: f64): f64 {
  const mean = total(sums, shards, stride) / count;
  return max<f64>(total(sums + rowBytes, shards, stride) / count - mean * mean, 0);
}

/**
 * Mean and 1 / √(variance + ε) of the whole batch.
 *
 * @writes moments
 * @param shards how many sums there are
 * @param stride bytes from one shard's sums to the next
 * @param count values a channel in the whole batch: images · pixels
 * @param epsilon ε
 */
export function batchNormMoments(
  moments: usize,
  sums: usize,
  channels: i32,
  shards: i32,
  stride: i32,
  count: f64,
  epsilon: f64,
): void {
  assert(channels >= 0 && shards > 0);
  const rowBytes = (<usize>channels) << 3;
  const inverses = moments + rowBytes;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 3;
    const variance = varianceOf(sums + at, rowBytes, shards, stride, count);
    store<f64>(moments + at, total(sums + at, shards, stride) / count);
    store<f64>(inverses + at, 1.0 / sqrt<f64>(variance + epsilon));
  }
}

/**
 * The same from statistics that are given.
 *
 * @writes moments
 * @param epsilon ε
 */
export function batchNormFixedMoments(
  moments: usize,
  mean: usize,
  variance: usize,
  channels: i32,
  epsilon: f64,
): void {
  assert(channels >= 0);
  const inverses = moments + ((<usize>channels) << 3);
  for (let c = 0; c < channels; c++) {
    const from = (<usize>c) << 2;
    const to = (<usize>c) << 3;
    store<f64>(moments + to, <f64>load<f32>(mean + from));
    store<f64>(inverses + to, 1.0 / sqrt<f64>(<f64>load<f32>(variance + from) + epsilon));
  }
}

/**
 * y = w·(x − mean) / √(variance + ε) + b
 *
 * @writes y
 * @inPlace y x
 */
export function batchNormForward(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  moments: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const inverses = moments + ((<usize>channels) << 3);
  const planeBytes = (<usize>pixels) << 2;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const at = (<usize>c) << 2;
      const mean = load<f64>(moments + (at << 1));
      const inverse = load<f64>(inverses + (at << 1));
      normalise(y, x, load<f32>(w + at), load<f32>(b + at), planeBytes, mean, inverse);
      x += planeBytes;
      y += planeBytes;
    }
  }
}

/**
 * db += Σ dy and dw += Σ dy·x̂ over the shard, and both into its sums
 *
 * @adds dw, db
 * @writes sums
 * @optional dw weight and bias do not learn: the sums alone
 */
export function batchNormBackwardWeight(
  dw: usize,
  db: usize,
  sums: usize,
  dy: usize,
  x: usize,
  moments: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0);
  const rowBytes = (<usize>channels) << 3;
  const inverses = moments + rowBytes;
  memory.fill(sums, 0, rowBytes << 1);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const at = (<usize>c) << 3;
      const mean = load<f64>(moments + at);
      const inverse = load<f64>(inverses + at);
      addProducts(sums + at, rowBytes, dy, x, pixels, mean, inverse);
      dy += (<usize>pixels) << 2;
      x += (<usize>pixels) << 2;
    }
  }
  if (dw == 0) return;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    const from = sums + ((<usize>c) << 3);
    store<f32>(db + at, load<f32>(db + at) + <f32>load<f64>(from));
    store<f32>(dw + at, load<f32>(dw + at) + <f32>load<f64>(from + rowBytes));
  }
}

/**
 * dx = w·(dy − Σdy / count − x̂·Σ(dy·x̂) / count) / √(variance + ε)
 *
 * @writes dx
 * @param shards how many sums there are; 0 if mean and variance do not follow x: then no sum is read
 * @param stride bytes from one shard's sums to the next
 * @param count values a channel in the whole batch
 */
export function batchNormBackwardInput(
  dx: usize,
  dy: usize,
  x: usize,
  w: usize,
  moments: usize,
  sums: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
  shards: i32,
  stride: i32,
  count: f64,
): void {
  assert(batch >= 0 && channels >= 0 && pixels >= 0 && shards >= 0);
  const rowBytes = (<usize>channels) << 3;
  const planeBytes = (<usize>pixels) << 2;
  const imageBytes = <usize>channels * planeBytes;
  const inverses = moments + rowBytes;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 3;
    const from = sums + at;
    const mean = load<f64>(moments + at);
    const inverse = load<f64>(inverses + at);
    const weight = load<f32>(w + (at >> 1));
    const perCount = (<f64>weight * inverse) / count;
    const a = total(from, shards, stride) * perCount;
    const r = total(from + rowBytes, shards, stride) * perCount * inverse;
    let plane = <usize>c * planeBytes;
    for (let n = 0; n < batch; n++) {
      normaliseBackward(dx + plane, dy + plane, x + plane, weight, planeBytes, mean, inverse, a, r);
      plane += imageBytes;
    }
  }
}

/**
 * mean and variance move towards those of the batch, its variance unbiased
 *
 * @updates mean, variance
 * @param shards how many sums there are
 * @param stride bytes from one shard's sums to the next
 * @param count values a channel in the whole batch, at least 2
 * @param momentum how far they move, from 0 to 1
 */
export function batchNormRunning(
  mean: usize,
  variance: usize,
  sums: usize,
  channels: i32,
  shards: i32,
  stride: i32,
  count: f64,
  momentum: f64,
): void {
  assert(channels >= 0 && shards > 0 && count > 1);
  const rowBytes = (<usize>channels) << 3;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    const from = sums + ((<usize>c) << 3);
    const batchMean = total(from, shards, stride) / count;
    const unbiased = (varianceOf(from, rowBytes, shards, stride, count) * count) / (count - 1);
    blend(mean + at, batchMean, momentum);
    blend(variance + at, unbiased, momentum);
  }
}

function blend(address: usize, fresh: f64, momentum: f64): void {
  store<f32>(address, <f32>((1.0 - momentum) * <f64>load<f32>(address) + momentum * fresh));
}
