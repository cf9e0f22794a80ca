/**
 * Group normalisation: the channels of an image are cut into groups, and each group has its own mean and variance. One group
 * is layer normalisation over channels and pixels.
 *
 *   forward     µ = Σ x / M,  σ² = Σ x² / M − µ²      over the M numbers of a group: its channels and their pixels
 *               m[0, g] = µ,  m[1, g] = 1 / √(σ² + ε),  x̂ = (x − µ)·m[1, g],  y = w·x̂ + b
 *   backward    s[0, c] = Σ dy,  s[1, c] = Σ dy·x̂  over the pixels of a channel,  db += s[0, c],  dw += s[1, c]
 *               dx = m[1, g]·(w·dy − S₀ / M − x̂·S₁ / M)      S: Σ w·s over the channels of the group
 *
 * x, y, dx, dy: f32[batch, channels, pixels]. w, b, dw, db: f32[channels]. moments: f64[batch, 2, groups]. sums:
 * f64[batch, 2, channels]. Byte addresses; nothing overlaps. y and dx are overwritten, dw and db added to. groups divides
 * channels; with groups 0 a kernel traps. Sums are taken in double precision, where a square of an f32 is exact, so σ² loses
 * about µ²/σ² · 10⁻¹⁶ of its size; those of dw and db are rounded once a call. Order: see products.ts; then channel after
 * channel, image after image. A NaN reaches its group. (Wu & He, "Group normalization", 2018, equations 1 to 4 and 6)
 */
import { bytes } from '../lib/simd';
import { normalise, normaliseBackward } from './normalise';
import { sumProducts } from './products';

/** Bytes of `count` f64. */
function doubles(count: i32): usize {
  return (<usize>count) << 3;
}

/**
 * y = w·(x − mean) / √(variance + ε) + b
 *
 * @writes y, moments
 * @param epsilon ε
 */
export function groupNormForward(
  y: usize,
  moments: usize,
  x: usize,
  w: usize,
  b: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
  groups: i32,
  epsilon: f64,
): void {
  const members = channels / groups;
  const length = members * pixels;
  const count = <f64>max(length, 1); // without pixels the sums are 0
  const planeBytes = bytes(pixels);
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      const sums = sumProducts(x, x, length, 0);
      const mean = f64x2.extract_lane(sums, 0) / count;
      const variance = max<f64>(f64x2.extract_lane(sums, 1) / count - mean * mean, 0);
      const inverse = 1.0 / sqrt<f64>(variance + epsilon);
      store<f64>(moments + doubles(g), mean);
      store<f64>(moments + doubles(groups + g), inverse);
      for (let c = g * members; c < (g + 1) * members; c++) {
        const at = bytes(c);
        normalise(y, x, load<f32>(w + at), load<f32>(b + at), planeBytes, mean, inverse);
        y += planeBytes;
        x += planeBytes;
      }
    }
    moments += doubles(2 * groups);
  }
}

/**
 * db += Σ dy and dw += Σ dy·x̂ over the images, and the sums of every image
 *
 * @adds dw, db
 * @writes sums
 * @optional dw weight and bias do not learn: the sums alone
 */
export function groupNormBackwardWeight(
  dw: usize,
  db: usize,
  sums: usize,
  dy: usize,
  x: usize,
  moments: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
  groups: i32,
): void {
  const members = channels / groups;
  const planeBytes = bytes(pixels);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const group = moments + doubles(n * 2 * groups + c / members);
      const mean = load<f64>(group);
      const inverse = load<f64>(group + doubles(groups));
      const both = sumProducts(dy, x, pixels, mean);
      const to = sums + doubles(n * 2 * channels + c);
      store<f64>(to, f64x2.extract_lane(both, 0));
      store<f64>(to + doubles(channels), f64x2.extract_lane(both, 1) * inverse);
      dy += planeBytes;
      x += planeBytes;
    }
  }
  if (dw == 0) return;
  for (let c = 0; c < channels; c++) {
    addImages(db + bytes(c), sums + doubles(c), batch, channels);
    addImages(dw + bytes(c), sums + doubles(channels + c), batch, channels);
  }
}

/** Adds one entry of the sums of all images. */
function addImages(to: usize, sums: usize, batch: i32, channels: i32): void {
  let total: f64 = 0;
  for (let n = 0; n < batch; n++) total += load<f64>(sums + doubles(n * 2 * channels));
  store<f32>(to, load<f32>(to) + <f32>total);
}

/**
 * dx = (w·dy − S₀ / M − x̂·S₁ / M) / √(variance + ε)
 *
 * @writes dx
 */
export function groupNormBackwardInput(
  dx: usize,
  dy: usize,
  x: usize,
  w: usize,
  moments: usize,
  sums: usize,
  batch: i32,
  channels: i32,
  pixels: i32,
  groups: i32,
): void {
  const members = channels / groups;
  const planeBytes = bytes(pixels);
  const count = <f64>members * pixels;
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      const first = g * members;
      let plain: f64 = 0;
      let product: f64 = 0;
      for (let c = first; c < first + members; c++) {
        const weight = <f64>load<f32>(w + bytes(c));
        plain += weight * load<f64>(sums + doubles(c));
        product += weight * load<f64>(sums + doubles(channels + c));
      }
      const mean = load<f64>(moments + doubles(g));
      const inverse = load<f64>(moments + doubles(groups + g));
      const a = (plain / count) * inverse;
      const r = (product / count) * inverse * inverse;
      for (let c = first; c < first + members; c++) {
        normaliseBackward(dx, dy, x, load<f32>(w + bytes(c)), planeBytes, mean, inverse, a, r);
        dx += planeBytes;
        dy += planeBytes;
        x += planeBytes;
      }
    }
    moments += doubles(2 * groups);
    sums += doubles(2 * channels);
  }
}
