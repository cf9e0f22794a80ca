/**
 * What backward weight sums, for one image: dy where the ReLU let through, and the patches under the winners of four filters
 * at a time. See convReluPool.ts.
 */
import { SUMS_BYTES, winners4x3 } from './convReluPoolTiles';
import { reluBackward } from './relu';
import { bytes, horizontalSum, sum } from './simd';

/** Bytes of the sums that backward keeps over a batch. */
export function sumsBytes(outC: i32, rowCount: i32): usize {
  return <usize>(((outC + 3) >> 2) * ((rowCount + 2) / 3)) * SUMS_BYTES;
}

/** masked = dy where y > 0, else 0. @returns its sum: four vectors take turns, as in simd.ts, the rest goes last */
export function maskPlane(masked: usize, dy: usize, y: usize, length: i32): f32 {
  const end = dy + bytes(length & ~15);
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (; dy < end; dy += 64) {
    const first = mask(dy, y);
    const second = mask(dy + 16, y + 16);
    const third = mask(dy + 32, y + 32);
    const fourth = mask(dy + 48, y + 48);
    v128.store(masked, first);
    v128.store(masked, second, 16);
    v128.store(masked, third, 32);
    v128.store(masked, fourth, 48);
    a = f32x4.add(a, first);
    b = f32x4.add(b, second);
    c = f32x4.add(c, third);
    d = f32x4.add(d, fourth);
    y += 64;
    masked += 64;
  }
  const rest = length & 15;
  reluBackward(masked, dy, y, rest);
  return horizontalSum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d))) + sum(masked, rest);
}

/** dy where y > 0, else 0. */
function mask(dy: usize, y: usize): v128 {
  return v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0)));
}

/**
 * sums += the patches under the winners of four filters, f32[rowCount / 3 rounded up, 4, 3, 4]. dy: a plane for each of the
 * four. Of filters and rows that do not exist, the sums are never read; such rows repeat the last one.
 */
export function fourFilters(
  sums: usize,
  dy: usize,
  winners: usize,
  image: usize,
  list: usize,
  rows: usize,
  rowCount: i32,
  windows: i32,
): void {
  const count = load<i32>(list - 16);
  for (let row = 0; row < rowCount; row += 3) {
    const o0 = <usize>load<i32>(rows + bytes(row));
    const o1 = <usize>load<i32>(rows + bytes(min(row + 1, rowCount - 1)));
    const o2 = <usize>load<i32>(rows + bytes(min(row + 2, rowCount - 1)));
    const first = image + o0;
    winners4x3(sums, dy, bytes(windows), winners, first, list, count, o1 - o0, o2 - o0);
    sums += SUMS_BYTES;
  }
}
