/** Vectors of four f32: operations that many kernels need and the instruction set lacks. The compiler inlines them. */

/** Rounded up to a multiple of four. */
export function roundUp(count: i32): i32 {
  return (count + 3) & ~3;
}

/** Bytes of `count` f32 or i32. */
export function bytes(count: i32): usize {
  return (<usize>count) << 2;
}

/** a + b·c, rounded twice: WebAssembly has no fused form with the same result on every machine. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(a, f32x4.mul(b, c));
}

/** (a₀ + a₂) + (a₁ + a₃) */
export function horizontalSum(a: v128): f32 {
  const pairs = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The horizontal sums of four vectors, in the order of horizontalSum. */
export function horizontalSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** to[j][i] = from[i][j], four by four. Rows lie `toStep` and `fromStep` bytes apart. */
export function transpose4x4(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  transposeRows(to, toStep, from, from + fromStep, from + fromStep * 2, from + fromStep * 3);
}

/** The same of rows at four addresses. */
export function transposeRows(
  to: usize,
  toStep: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
): void {
  const a0 = v128.load(a);
  const b0 = v128.load(b);
  const c0 = v128.load(c);
  const d0 = v128.load(d);
  const abLow = v128.shuffle<f32>(a0, b0, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a0, b0, 2, 6, 3, 7);
  const cdLow = v128.shuffle<f32>(c0, d0, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c0, d0, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
  v128.store(to + toStep, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7));
  v128.store(to + toStep * 2, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
  v128.store(to + toStep * 3, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
}

/** The 1, 2 or 3 numbers at `address`, then zeros. Nothing past the numbers is read. */
export function loadTail(address: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(address);
  const pair = v128.load64_zero(address);
  return count == 2 ? pair : v128.load_lane<f32>(address, pair, 2, 8);
}

/** Stores the first 1, 2 or 3 numbers of a vector. Nothing past them is written. */
export function storeTail(address: usize, v: v128, count: i32): void {
  if (count == 1) {
    v128.store_lane<f32>(address, v, 0);
    return;
  }
  v128.store_lane<f64>(address, v, 0);
  if (count == 3) v128.store_lane<f32>(address, v, 2, 8);
}

/** At most four numbers that lie `step` bytes apart, then zeros. */
export function gather(address: usize, step: usize, count: i32): v128 {
  let numbers = f32x4.splat(0);
  if (count > 0) numbers = v128.load_lane<f32>(address, numbers, 0);
  if (count > 1) numbers = v128.load_lane<f32>(address + step, numbers, 1);
  if (count > 2) numbers = v128.load_lane<f32>(address + step * 2, numbers, 2);
  if (count > 3) numbers = v128.load_lane<f32>(address + step * 3, numbers, 3);
  return numbers;
}

/** to[i] = value. */
export function fill(to: usize, value: f32, length: i32): void {
  const values = f32x4.splat(value);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) v128.store(to + i, values);
  for (; i < end; i += 4) store<f32>(to + i, value);
}

/** to[i] = from[i], for rows so short that the call of memory.copy would cost more. The last vector may overlap the one before. */
export function copy(to: usize, from: usize, length: i32): void {
  const end = (<usize>length) << 2;
  if (length < 4) {
    for (let i: usize = 0; i < end; i += 4) store<f32>(to + i, load<f32>(from + i));
    return;
  }
  for (let i: usize = 0; i < end - 16; i += 16) v128.store(to + i, v128.load(from + i));
  v128.store(to + end - 16, v128.load(from + end - 16));
}

/** to[i] += from[i]. */
export function add(to: usize, from: usize, length: i32): void {
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16)
    v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < end; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}

/**
 * Σ x. Four vectors take turns in blocks of sixteen numbers, and the first vector takes the numbers that are left. The
 * vectors are added as (0 + 1) + (2 + 3), then the lanes as in horizontalSum. A single vector would wait for each addition.
 */
export function sum(x: usize, length: i32): f32 {
  const blockEnd = x + bytes(length & ~15);
  const vectorEnd = x + bytes(length & ~3);
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (; x < blockEnd; x += 64) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
  }
  for (; x < vectorEnd; x += 16) a = f32x4.add(a, v128.load(x));
  const tail = length & 3;
  if (tail > 0) a = f32x4.add(a, loadTail(x, tail));
  return horizontalSum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}
