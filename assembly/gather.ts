/**
 * Images by index, from a resident data set into a batch.
 *
 *   gatherU8      x[n, i]   = images[indices[n], i] / 255        (the f32 nearest to the quotient)
 *   gatherF32     x[n, i]   = images[indices[n], i]
 *   gatherLabels  labels[n] = source[indices[n]]
 *
 * x: f32[batch, length]. images: u8 or f32[…, length]. indices, labels: i32[batch]. source: u8[…].
 */

/**
 * 3·byte times this is byte / 255 correctly rounded, for all 256 bytes (tested): 1 / 255 itself is rounded too far off.
 * A multiplication where a division would take 1.6× the time.
 */
const THIRD: f32 = 1 / 765;

/** Bytes to f32 from 0 to 1. */
export function gatherU8(x: usize, images: usize, indices: usize, batch: i32, length: i32): void {
  assert(batch >= 0 && length >= 0);
  const scale = f32x4.splat(THIRD);
  const vectorEnd = <usize>(length & ~15);
  for (let n = 0; n < batch; n++) {
    const image = images + <usize>load<i32>(indices + ((<usize>n) << 2)) * <usize>length;
    let i: usize = 0;
    for (; i < vectorEnd; i += 16) {
      const bytes = v128.load(image + i);
      const low = i16x8.mul(i16x8.extend_low_i8x16_u(bytes), i16x8.splat(3));
      const high = i16x8.mul(i16x8.extend_high_i8x16_u(bytes), i16x8.splat(3));
      const to = x + (i << 2);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), scale));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), scale), 16);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), scale), 32);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), scale), 48);
    }
    for (; i < <usize>length; i++)
      store<f32>(x + (i << 2), <f32>(<i32>load<u8>(image + i) * 3) * THIRD);
    x += (<usize>length) << 2;
  }
}

/** A copy of each row. */
export function gatherF32(x: usize, images: usize, indices: usize, batch: i32, length: i32): void {
  assert(batch >= 0 && length >= 0);
  const rowBytes = (<usize>length) << 2;
  for (let n = 0; n < batch; n++) {
    const image = images + <usize>load<i32>(indices + ((<usize>n) << 2)) * rowBytes;
    memory.copy(x + <usize>n * rowBytes, image, rowBytes);
  }
}

/** u8 to i32. */
export function gatherLabels(labels: usize, source: usize, indices: usize, batch: i32): void {
  assert(batch >= 0);
  for (let n = 0; n < batch; n++) {
    const at = (<usize>n) << 2;
    store<i32>(labels + at, <i32>load<u8>(source + <usize>load<i32>(indices + at)));
  }
}
