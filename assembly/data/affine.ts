/**
 * Images by index, each moved by an affine map of its own: from bytes or floats to a batch.
 *
 *   affineMaps          a map for each image, drawn from the clock and the index of the image
 *   affineU8 affineF32  x[n, c, i, j] = the image at (u, v), as bytes / 255 or as it is
 *
 *   u = m₀·j + m₁·i + m₂     column     (m₀ … m₅) = maps[n]; the middle of the first pixel is at (0, 0)
 *   v = m₃·j + m₄·i + m₅     row
 *
 * The value between four pixels is interpolated linearly, along the row, then along the column (Jaderberg et al., "Spatial
 * transformer networks", 2015, eq. 1 and 5). Pixels outside the image are `fill`. A map that moves nothing keeps
 * all values, to the bit, with two exceptions: −0 becomes 0, and neighbours whose difference is not finite become NaN.
 * A NaN or an infinity makes NaN wherever it is one of the four pixels, even with weight 0.
 *
 * maps: f32[batch, 6]; indices: i32[batch]; x: f32[batch, channels, height, width]. Byte addresses; nothing overlaps.
 * Indices are not checked: the row of an index is read wherever it lies. height and width are below 2²².
 */
import { bytesOf, saturate } from '../lib/bytes';
import { philox } from '../lib/philox';
import { bytes, copy, fill as fillWith, multiplyAdd, storeTail } from '../lib/simd';
import { cosPi, sinPi } from '../lib/trigonometry';
import { scaleBytes, touch } from './gather';

const MAP_BYTES: usize = 24;

/** Pixels around the image in scratch: no four pixels that a map asks for lie further out. */
const BORDER: i32 = 2;

/** Key word of Philox that no layer has. */
const STREAM: u32 = 0xffffffff;

/**
 * Draws the map of each image. With r, h, z, a, b uniform within ±rotate, ±shear, ±zoom, ±shift and ±shift, and F a
 * mirror, an image is mirrored, scaled by 1 + z, sheared along its rows, rotated (clockwise if r > 0) about its middle
 * and moved a columns to the right and b rows down. The map is the inverse, from the pixels of x to those of the image:
 *
 *   (u, v) = middle + F·S⁻¹·R⁻¹·((j, i) − middle − (a, b)) / (1 + z)
 *   S = (1 tan h; 0 1)     R = (cos r −sin r; sin r cos r)
 *
 * Each is made from a word w of its own as range·((2w + 1) / 2³² − 1), in double precision. Word 0 to 5, for r, h, z, a, b and
 * the mirrors (its two highest bits), is the first word of Philox4x32-10 (lib/philox.ts) with
 *
 *   counter (0 … 5, index of the image, 0, epoch)     key (seed, 2³² − 1)
 *
 * so it does not depend on the place of the image in the epoch, on shards or on threads.
 *
 * @writes maps
 * @param clock address of u32[3]: seed, epoch, step
 * @param shift pixels
 * @param rotate degrees
 * @param zoom share, below 1
 * @param shear degrees, below 90
 * @param flips 1: half of the images are mirrored left to right; 2: top to bottom; 3: both, each by itself
 */
export function affineMaps(
  maps: usize,
  clock: usize,
  indices: usize,
  batch: i32,
  height: i32,
  width: i32,
  shift: f64,
  rotate: f64,
  zoom: f64,
  shear: f64,
  flips: i32,
): void {
  assert(batch >= 0 && height >= 0 && width >= 0);
  const seed = load<u32>(clock);
  const epoch = load<u32>(clock, 4);
  const middleU = <f64>(width - 1) / 2;
  const middleV = <f64>(height - 1) / 2;
  for (let n = 0; n < batch; n++) {
    const image = load<u32>(indices + bytes(n));
    for (let i: u32 = 0; i < 6; i++) {
      store<u32>(maps + (i << 2), philox(i, image, 0, epoch, seed, STREAM, 0)); // the map's own place, until it is made
    }
    const turn = (within(maps) * rotate) / 180;
    const slant = (within(maps + 4) * shear) / 180;
    const share = 1 / (1 + within(maps + 8) * zoom);
    const right = middleU + within(maps + 12) * shift;
    const down = middleV + within(maps + 16) * shift;
    const mirrors = <i32>(load<u32>(maps, 20) >> 30) & flips;
    const cosine = cosPi(turn);
    const sine = sinPi(turn);
    const tangent = sinPi(slant) / cosPi(slant);
    const u = mirrors & 1 ? -share : share;
    const v = mirrors & 2 ? -share : share;
    const m0 = u * (cosine + tangent * sine);
    const m1 = u * (sine - tangent * cosine);
    const m3 = v * -sine;
    const m4 = v * cosine;
    store<f32>(maps, <f32>m0);
    store<f32>(maps, <f32>m1, 4);
    store<f32>(maps, <f32>(middleU - m0 * right - m1 * down), 8);
    store<f32>(maps, <f32>m3, 12);
    store<f32>(maps, <f32>m4, 16);
    store<f32>(maps, <f32>(middleV - m3 * right - m4 * down), 20);
    maps += MAP_BYTES;
  }
}

/** A word as a number from −1 to 1. */
function within(word: usize): f64 {
  return (<f64>load<u32>(word) * 2 + 1) / 4294967296.0 - 1;
}

/** Bytes of scratch that affineU8 and affineF32 need: a channel with its border. */
export function affineScratchBytes(height: i32, width: i32): i32 {
  return saturate(bytesOf(<f64>height + 2 * BORDER) * (<f64>width + 2 * BORDER));
}

/**
 * Samples bytes. images: u8[…, channels, height, width].
 *
 * @writes x
 * @bytes scratch affineScratchBytes(height, width)
 * @param fill value outside the image, from 0 to 1
 */
export function affineU8(
  x: usize,
  images: usize,
  indices: usize,
  maps: usize,
  scratch: usize,
  batch: i32,
  channels: i32,
  height: i32,
  width: i32,
  fill: f32,
): void {
  sampleAll(x, images, indices, maps, scratch, batch, channels, height, width, fill, 1);
}

/**
 * Samples floats. images: f32[…, channels, height, width].
 *
 * @writes x
 * @bytes scratch affineScratchBytes(height, width)
 * @param fill value outside the image
 */
export function affineF32(
  x: usize,
  images: usize,
  indices: usize,
  maps: usize,
  scratch: usize,
  batch: i32,
  channels: i32,
  height: i32,
  width: i32,
  fill: f32,
): void {
  sampleAll(x, images, indices, maps, scratch, batch, channels, height, width, fill, 4);
}

/** A channel at a time goes into scratch as floats, within a border of `fill` that is written once. */
function sampleAll(
  x: usize,
  images: usize,
  indices: usize,
  maps: usize,
  scratch: usize,
  batch: i32,
  channels: i32,
  height: i32,
  width: i32,
  fill: f32,
  pixelBytes: i32,
): void {
  assert(batch >= 0 && channels >= 0 && height >= 0 && width >= 0);
  const stride = bytes(width + 2 * BORDER);
  const rowBytes = <usize>width * pixelBytes;
  const imageBytes = rowBytes * height * channels;
  fillWith(scratch, fill, (height + 2 * BORDER) * (width + 2 * BORDER));
  touch(x, images, indices, batch, <i32>imageBytes);
  for (let n = 0; n < batch; n++) {
    let from = images + <usize>load<i32>(indices + bytes(n)) * imageBytes;
    for (let c = 0; c < channels; c++) {
      let row = scratch + stride * BORDER + bytes(BORDER);
      for (let i = 0; i < height; i++) {
        if (pixelBytes == 1) scaleBytes(row, from, width);
        else copy(row, from, width);
        row += stride;
        from += rowBytes;
      }
      sample(x, scratch, maps, height, width);
      x += bytes(width) * height;
    }
    maps += MAP_BYTES;
  }
}

/**
 * A channel from its copy in scratch, four pixels at a time. Positions count from the first pixel of the border. A position further
 * out, or NaN, becomes one in the border or at its edge, so no pixel needs a test: all four pixels there are `fill`.
 */
function sample(x: usize, scratch: usize, map: usize, height: i32, width: i32): void {
  const stride = bytes(width + 2 * BORDER);
  const zero = f32x4.splat(0);
  const lastU = f32x4.splat(<f32>(width + BORDER));
  const lastV = f32x4.splat(<f32>(height + BORDER));
  const stepU = v128.load32_splat(map);
  const stepV = v128.load32_splat(map, 12);
  const strides = i32x4.splat(<i32>stride);
  for (let i = 0; i < height; i++) {
    const startU = f32x4.splat(load<f32>(map, 4) * <f32>i + load<f32>(map, 8) + <f32>BORDER);
    const startV = f32x4.splat(load<f32>(map, 16) * <f32>i + load<f32>(map, 20) + <f32>BORDER);
    let columns = f32x4(0, 1, 2, 3);
    for (let j = 0; j < width; j += 4) {
      // pmax(0, NaN) is 0
      const u = f32x4.pmin(lastU, f32x4.pmax(zero, multiplyAdd(startU, columns, stepU)));
      const v = f32x4.pmin(lastV, f32x4.pmax(zero, multiplyAdd(startV, columns, stepV)));
      const left = f32x4.floor(u);
      const top = f32x4.floor(v);
      const at = i32x4.add(i32x4.mul(integers(top), strides), i32x4.shl(integers(left), 2));
      const a = scratch + <usize>i32x4.extract_lane(at, 0);
      const b = scratch + <usize>i32x4.extract_lane(at, 1);
      const c = scratch + <usize>i32x4.extract_lane(at, 2);
      const d = scratch + <usize>i32x4.extract_lane(at, 3);
      const shareU = f32x4.sub(u, left);
      const upper = between(a, b, c, d, shareU);
      const lower = between(a + stride, b + stride, c + stride, d + stride, shareU);
      const y = multiplyAdd(upper, f32x4.sub(lower, upper), f32x4.sub(v, top));
      if (j + 4 <= width) v128.store(x, y);
      else storeTail(x, y, width - j);
      x += bytes(min(4, width - j));
      columns = f32x4.add(columns, f32x4.splat(4));
    }
  }
}

/** Whole numbers from 0 to below 2²³ as integers: their place in 2²³ + number. (A conversion costs more: it also tests.) */
function integers(numbers: v128): v128 {
  return v128.xor(f32x4.add(numbers, f32x4.splat(8388608)), f32x4.splat(8388608));
}

/** Between each of four pixels and its right neighbour. */
function between(a: usize, b: usize, c: usize, d: usize, share: v128): v128 {
  const ab = v128.load_lane<f64>(b, v128.load64_zero(a), 1);
  const cd = v128.load_lane<f64>(d, v128.load64_zero(c), 1);
  const left = v128.shuffle<f32>(ab, cd, 0, 2, 4, 6);
  return multiplyAdd(left, f32x4.sub(v128.shuffle<f32>(ab, cd, 1, 3, 5, 7), left), share);
}
