/**
 * Images by index, from a resident data set into a batch.
 *
 *   gatherU8      x[n, i]   = images[indices[n], i] / 255        (the f32 nearest to the quotient)
 *   gatherF32     x[n, i]   = images[indices[n], i]
 *   gatherLabels  labels[n] = source[indices[n]]
 *   gatherI32     labels[n] = source[indices[n]]
 *
 * x: f32[batch, length]. indices, labels: i32[batch]. Byte addresses; nothing overlaps. Indices are not checked: the row
 * of an index is read wherever it lies.
 */

/**
 * 3·byte times this number is byte / 255, correctly rounded for all 256 bytes (tested). 1 / 255 itself is rounded too far off.
 * Measured: a division instead of the multiplication takes 1.6× the time.
 */
const THIRD: f32 = 1 / 765;

/**
 * Bytes to f32 from 0 to 1. images: u8[…, length].
 *
 * @writes x
 */
export function gatherU8(x: usize, images: usize, indices: usize, batch: i32, length: i32): void {
  assert(batch >= 0 && length >= 0);
  const scale = f32x4.splat(THIRD);
  const vectorEnd = <usize>(length & ~15);
  touch(x, images, indices, batch, length);
  for (let n = 0; n < batch; n++) {
    const image = images + <usize>load<i32>(indices + ((<usize>n) << 2)) * <usize>length;
    let i: usize = 0;
    for (; i < vectorEnd; i += 16) {
      const bytes = v128.load(image + i);
      const low = triple(i16x8.extend_low_i8x16_u(bytes));
      const high = triple(i16x8.extend_high_i8x16_u(bytes));
      const to = x + (i << 2);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), scale));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), scale), 16);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), scale), 32);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), scale), 48);
    }
    for (; i < <usize>length; i++) store<f32>(x + (i << 2), scaled(image + i));
    x += (<usize>length) << 2;
  }
}

function triple(a: v128): v128 {
  return i16x8.add(a, i16x8.add(a, a));
}

/** A row of bytes as f32 from 0 to 1, four at a time: for short rows. */
export function scaleBytes(x: usize, row: usize, length: i32): void {
  const vectorEnd = <usize>(length & ~3);
  let i: usize = 0;
  for (; i < vectorEnd; i += 4) {
    const bytes = triple(i16x8.extend_low_i8x16_u(v128.load32_zero(row + i)));
    const numbers = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(bytes));
    v128.store(x + (i << 2), f32x4.mul(numbers, f32x4.splat(THIRD)));
  }
  for (; i < <usize>length; i++) store<f32>(x + (i << 2), scaled(row + i));
}

function scaled(byte: usize): f32 {
  return <f32>(<i32>load<u8>(byte) * 3) * THIRD;
}

/**
 * Reads a byte of every cache line of all images, so that their cache misses overlap: the images lie anywhere in a data set
 * larger than the caches. Without this pass, each image would wait for its own misses. The sum is stored where it will be
 * overwritten.
 */
export function touch(x: usize, images: usize, indices: usize, batch: i32, length: i32): void {
  let sum: u32 = 0;
  for (let n = 0; n < batch; n++) {
    const image = images + <usize>load<i32>(indices + ((<usize>n) << 2)) * <usize>length;
    for (let i: usize = 0; i < <usize>length; i += 64) sum += <u32>load<u8>(image + i);
  }
  if (batch > 0 && length > 0) store<u32>(x, sum);
}

/**
 * A copy of each row, bit by bit. images: f32[…, length].
 *
 * @writes x
 */
export function gatherF32(x: usize, images: usize, indices: usize, batch: i32, length: i32): void {
  assert(batch >= 0 && length >= 0);
  const rowBytes = (<usize>length) << 2;
  for (let n = 0; n < batch; n++) {
    const image = images + <usize>load<i32>(indices + ((<usize>n) << 2)) * rowBytes;
    memory.copy(x + <usize>n * rowBytes, image, rowBytes);
  }
}

/**
 * u8 to i32. source: u8[…].
 *
 * @writes labels
 */
export function gatherLabels(labels: usize, source: usize, indices: usize, batch: i32): void {
  assert(batch >= 0);
  for (let n = 0; n < batch; n++) {
    const at = (<usize>n) << 2;
    store<i32>(labels + at, <i32>load<u8>(source + <usize>load<i32>(indices + at)));
  }
}

/**
 * A copy, for labels that do not fit into a byte. source: i32[…].
 *
 * @writes labels
 */
export function gatherI32(labels: usize, source: usize, indices: usize, batch: i32): void {
  assert(batch >= 0);
  for (let n = 0; n < batch; n++) {
    const at = (<usize>n) << 2;
    store<i32>(labels + at, load<i32>(source + ((<usize>load<i32>(indices + at)) << 2)));
  }
}
