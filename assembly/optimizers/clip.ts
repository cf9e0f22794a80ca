/**
 * What happens to a gradient before the optimizer's rule: its length, a factor on it, limits, and weight decay.
 *
 *   squaredNorms  sums[k] = Σ x[i]²  over i from k·block to (k + 1)·block
 *   scale         y[i]    = factor·y[i]
 *   clamp         y[i]    = min(max(y[i], −limit), limit)
 *   addScaled     y[i]   += factor·x[i]
 *
 * x, y: f32[length]. sums: f64[length / block, rounded up]. Byte addresses; nothing overlaps. The blocks are fixed, so the
 * sums have the same bits however many threads share them. Order in a block: four lanes of double precision take turns and
 * are added as (0 + 2) + (1 + 3), then what is left of a multiple of four.
 * (Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", 2013, section 3.2)
 */

/**
 * sums[k] = Σ x² of block k
 *
 * @writes sums
 * @param block numbers in a block, a multiple of 4
 */
export function squaredNorms(sums: usize, x: usize, length: i32, block: i32): void {
  assert(length >= 0 && block > 0 && (block & 3) == 0);
  for (let start = 0; start < length; start += block) {
    store<f64>(sums, squaredNorm(x + ((<usize>start) << 2), min(block, length - start)));
    sums += 8;
  }
}

function squaredNorm(x: usize, length: i32): f64 {
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const v = v128.load(x + i);
    const first = f64x2.promote_low_f32x4(v);
    const second = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  const sums = f64x2.add(low, high);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < end; i += 4) {
    const v = <f64>load<f32>(x + i);
    sum += v * v;
  }
  return sum;
}

/**
 * y = factor·y
 *
 * @updates y
 * @param factor of every number
 */
export function scale(y: usize, length: i32, factor: f32): void {
  assert(length >= 0);
  const factors = f32x4.splat(factor);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const y0 = f32x4.mul(v128.load(y + i), factors);
    const y1 = f32x4.mul(v128.load(y + i, 16), factors);
    v128.store(y + i, y0);
    v128.store(y + i, y1, 16);
  }
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(y + i) * factor);
}

/**
 * y = min(max(y, −limit), limit); a NaN stays
 *
 * @updates y
 * @param limit of every number, above 0
 */
export function clamp(y: usize, length: i32, limit: f32): void {
  assert(length >= 0 && limit > 0);
  const least = f32x4.splat(-limit);
  const most = f32x4.splat(limit);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    // y first: pmax(a, b) is a < b ? b : a and pmin(a, b) is b < a ? b : a, which keep the bits of a NaN
    v128.store(y + i, f32x4.pmin(f32x4.pmax(v128.load(y + i), least), most));
  }
  for (; i < end; i += 4) {
    const v = load<f32>(y + i);
    store<f32>(y + i, v < -limit ? -limit : v > limit ? limit : v);
  }
}

/**
 * y += factor·x
 *
 * @updates y
 * @param factor of every number of x
 */
export function addScaled(y: usize, x: usize, length: i32, factor: f32): void {
  assert(length >= 0);
  const factors = f32x4.splat(factor);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const y0 = f32x4.add(v128.load(y + i), f32x4.mul(factors, v128.load(x + i)));
    const y1 = f32x4.add(v128.load(y + i, 16), f32x4.mul(factors, v128.load(x + i, 16)));
    v128.store(y + i, y0);
    v128.store(y + i, y1, 16);
  }
  for (; i < end; i += 4) {
    store<f32>(y + i, load<f32>(y + i) + factor * load<f32>(x + i));
  }
}
