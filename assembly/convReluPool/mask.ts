/** The gradient of convReluPool.ts behind the ReLU, and its sum, the gradient of the bias, in one pass over memory. */
import { reluBackward } from '../activations/relu';
import { bytes, horizontalSum, sum } from '../lib/simd';

/** masked = dy if y > 0, else 0. @returns its sum: four vectors take turns, as in simd.ts, the rest is added last */
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

/** dy if y > 0, else 0. */
function mask(dy: usize, y: usize): v128 {
  return v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0)));
}
