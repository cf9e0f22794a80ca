/**
 * SiLU with the sigmoid of straight lines, element by element.
 *
 *   forward    y[i]  = x[i]·min(max(x[i] + 3, 0), 6) / 6
 *   backward   dx[i] = dy[i]·s,  s = 0 for x[i] < −3, x[i] / 3 + ½ for −3 <= x[i] <= 3, 1 for x[i] > 3
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. A NaN in x stays a NaN in y and
 * dx; −∞ becomes a NaN in y, as in PyTorch. (Howard et al., "Searching for MobileNetV3", 2019, section 5.2)
 */
import { bytes, loadTail, storeTail } from '../lib/simd';
import { hardSigmoid } from './hardSigmoid';

/**
 * y = x·min(max(x + 3, 0), 6) / 6
 *
 * @writes y
 * @inPlace y x
 */
export function hardSwishForward(y: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = y + bytes(length & ~3);
  for (; y < end; y += 16, x += 16) v128.store(y, hardSwish(v128.load(x)));
  const tail = length & 3;
  if (tail > 0) storeTail(y, hardSwish(loadTail(x, tail)), tail);
}

function hardSwish(x: v128): v128 {
  return f32x4.mul(x, hardSigmoid(x)); // divided first: 6·x may overflow
}

/**
 * dx = dy·s, s the slope
 *
 * @writes dx
 * @inPlace dx dy
 */
export function hardSwishBackward(dx: usize, dy: usize, x: usize, length: i32): void {
  assert(length >= 0);
  const end = dx + bytes(length & ~3);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(v128.load(x))));
  }
  const tail = length & 3;
  if (tail > 0) storeTail(dx, f32x4.mul(loadTail(dy, tail), slope(loadTail(x, tail))), tail);
}

function slope(x: v128): v128 {
  const three = f32x4.splat(3);
  const middle = f32x4.add(f32x4.div(x, three), f32x4.splat(0.5));
  const right = v128.bitselect(f32x4.splat(1), middle, f32x4.gt(x, three));
  return v128.andnot(right, f32x4.lt(x, f32x4.splat(-3)));
}
