/**
 * The windows of a one-channel image under 3×3 kernels that move by one: Winograd's minimal filtering F(2×2, 3×3), whose tile
 * of four outputs is the window of the pooling. See convReluPool.ts.
 *
 *   Y = Aᵀ·((G·g·Gᵀ) ⊙ (Bᵀ·d·B))·A        g[3, 3] a filter, d[4, 4] the patch of a window, Y[2, 2] its outputs
 *
 *        1  0  0           1  0 -1  0
 *   G =  ½  ½  ½     Bᵀ =  0  1  1  0     Aᵀ =  1  1  1  0
 *        ½ -½  ½           0 -1  1  0           0  1 -1 -1
 *        0  0  1           0  1  0 -1
 *
 * 16 products and 24 sums where the direct form has 36 and 36, and Bᵀ·d·B serves all filters. (A. Lavin and S. Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016.)
 *
 * Rounding: intermediate values are up to four times as large, so an output may differ in its last bits from the direct
 * sum. Ties that an even patch makes stay ties, and go to the first: where the columns of a patch are equal, so are the
 * sums from which both outputs of a row come, to the bit, and likewise with rows. Two outputs that only weights and
 * pixels together make equal (a mirrored filter on a mirrored stroke) may be told apart by rounding.
 * A NaN or an infinity in a patch makes all four outputs NaN (∞ − ∞), and with them the window: nothing hides it.
 */
import { storeValues, storeWinners } from './convReluPoolTiles';
import { ENTRY_BYTES } from './convReluPoolWindows';
import { bytes } from './simd';

/** Bytes of a transformed patch, 16 numbers: four columns of four. */
const PATCH_BYTES: usize = 64;

/** Bytes of four transformed filters: by column, then row, then filter. */
const FACTORS_BYTES: usize = 256;

/** So many patches are transformed at a time: they stay in the first-level cache beside all else. An even number. */
const PATCHES: i32 = 128;

/** Bytes of scratch: transformed patches, and those that winogradWindows4 writes and never reads. */
export const WINOGRAD_BYTES: usize = 128 * 64 + 192;

/** Whether these kernels cover the sizes. */
export function isWinogradTile(inC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32): boolean {
  return inC == 1 && kH == 3 && kW == 3 && strideH == 1 && strideW == 1;
}

/**
 * All filters over the listed windows. values, winners, b, steps: as windows4 has them, for so many filters, rounded up to
 * four. u: from transformFilters. work: WINOGRAD_BYTES of scratch. The list has room for an entry more, which is written.
 */
export function winogradWindows(
  values: usize,
  winners: usize,
  image: usize,
  pitch: i32,
  u: usize,
  b: usize,
  steps: usize,
  work: usize,
  filters: i32,
  list: usize,
  count: i32,
): void {
  const spare = work + <usize>PATCHES * PATCH_BYTES;
  if (count & 1) {
    const end = list + <usize>count * ENTRY_BYTES;
    v128.store(end, v128.load(end - ENTRY_BYTES));
  }
  for (let rest = (count + 1) & ~1; rest > 0; rest -= PATCHES) {
    const some = min(rest, PATCHES);
    transformPatches(work, image, bytes(pitch), list, some);
    for (let o = 0; o < filters; o += 4) {
      const at = bytes(o);
      const factors = u + <usize>(o >> 2) * FACTORS_BYTES;
      winogradWindows4(values + at, winners + at, work, factors, b + at, steps, spare, list, some);
    }
    list += <usize>PATCHES * ENTRY_BYTES;
  }
}

/** u[filters / 4][4][4][4] = G·g·Gᵀ of w[outC, 3, 3], zeros where there is no filter. */
export function transformFilters(u: usize, w: usize, outC: i32): void {
  memory.fill(u, 0, <usize>((outC + 3) >> 2) * FACTORS_BYTES);
  for (let o = 0; o < outC; o++) {
    const to = u + <usize>(o >> 2) * FACTORS_BYTES + bytes(o & 3);
    for (let q: usize = 0; q < 3; q++) {
      const g = w + bytes(<i32>q);
      expand(to + q * 64, 16, load<f32>(g), load<f32>(g, 12), load<f32>(g, 24));
    }
    for (let row = to; row < to + 64; row += 16) {
      expand(row, 64, load<f32>(row), load<f32>(row, 64), load<f32>(row, 128));
    }
    w += 36;
  }
}

/** G times a column of three, `step` bytes from one number to the next. */
function expand(to: usize, step: usize, g0: f32, g1: f32, g2: f32): void {
  const ends = g0 + g2;
  store<f32>(to, g0);
  store<f32>(to + step, <f32>0.5 * (ends + g1));
  store<f32>(to + step * 2, <f32>0.5 * (ends - g1));
  store<f32>(to + step * 3, g2);
}

/** v[count][4][4] = Bᵀ·d·B of the listed windows, columns first. */
function transformPatches(v: usize, image: usize, rowBytes: usize, list: usize, count: i32): void {
  const end = list + <usize>count * ENTRY_BYTES;
  for (; list < end; list += ENTRY_BYTES) {
    const top = image + <usize>load<i32>(list);
    const bottom = top + rowBytes * 2;
    const d0 = v128.load(top);
    const d1 = v128.load(top + rowBytes);
    const d2 = v128.load(bottom);
    const d3 = v128.load(bottom + rowBytes);
    const a = f32x4.sub(d0, d2);
    const b = f32x4.add(d1, d2);
    const c = f32x4.sub(d2, d1);
    const d = f32x4.sub(d1, d3);
    const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    const e0 = v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5);
    const e1 = v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7);
    const e2 = v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5);
    const e3 = v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7);
    v128.store(v, f32x4.sub(e0, e2));
    v128.store(v, f32x4.add(e1, e2), 16);
    v128.store(v, f32x4.sub(e2, e1), 32);
    v128.store(v, f32x4.sub(e1, e3), 48);
    v += PATCH_BYTES;
  }
}

/**
 * Four filters over the listed windows, two at a time, so that the filters' numbers are loaded once for both; the fellow of
 * an odd last one is the entry after it, which must be there. values, winners, b, steps: as windows4 has them, u: of four
 * filters, spare: 192 bytes of scratch. p and q are the two windows; p01 is row 0 of Aᵀ·M in column 1, p its output.
 *
 * What is stored to `spare` nobody reads. V8 moves the loads of a loop body as far forward as it may, runs out of
 * registers and spills; past a store it may not. All forward without: 1.4× the time, Node 20.
 */
function winogradWindows4(
  values: usize,
  winners: usize,
  v: usize,
  u: usize,
  b: usize,
  steps: usize,
  spare: usize,
  list: usize,
  count: i32,
): void {
  const end = list + <usize>count * ENTRY_BYTES;
  for (; list < end; list += ENTRY_BYTES * 2) {
    let u0 = v128.load(u, 64);
    let u1 = v128.load(u, 80);
    let u2 = v128.load(u, 96);
    let u3 = v128.load(u, 112);
    let column = v128.load(v, 16);
    const p01 = upper(column, u0, u1, u2);
    const p11 = lower(column, u1, u2, u3);
    v128.store(spare, p01);
    v128.store(spare, p11, 16);
    column = v128.load(v, 80);
    const q01 = upper(column, u0, u1, u2);
    const q11 = lower(column, u1, u2, u3);
    v128.store(spare, q01, 32);
    v128.store(spare, q11, 48);

    u0 = v128.load(u, 128);
    u1 = v128.load(u, 144);
    u2 = v128.load(u, 160);
    u3 = v128.load(u, 176);
    column = v128.load(v, 32);
    const p02 = upper(column, u0, u1, u2);
    const p12 = lower(column, u1, u2, u3);
    v128.store(spare, f32x4.sub(p01, p02), 64);
    v128.store(spare, f32x4.sub(p11, p12), 80);
    column = v128.load(v, 96);
    const q02 = upper(column, u0, u1, u2);
    const q12 = lower(column, u1, u2, u3);
    v128.store(spare, f32x4.sub(q01, q02), 96);
    v128.store(spare, f32x4.sub(q11, q12), 112);

    u0 = v128.load(u);
    u1 = v128.load(u, 16);
    u2 = v128.load(u, 32);
    u3 = v128.load(u, 48);
    column = v128.load(v);
    const p0 = f32x4.add(upper(column, u0, u1, u2), f32x4.add(p01, p02));
    const p2 = f32x4.add(lower(column, u1, u2, u3), f32x4.add(p11, p12));
    v128.store(spare, p0, 128);
    v128.store(spare, p2, 144);
    column = v128.load(v, 64);
    const q0 = f32x4.add(upper(column, u0, u1, u2), f32x4.add(q01, q02));
    const q2 = f32x4.add(lower(column, u1, u2, u3), f32x4.add(q11, q12));
    v128.store(spare, q0, 160);
    v128.store(spare, q2, 176);

    u0 = v128.load(u, 192);
    u1 = v128.load(u, 208);
    u2 = v128.load(u, 224);
    u3 = v128.load(u, 240);
    column = v128.load(v, 48);
    const p1 = f32x4.sub(f32x4.sub(p01, p02), upper(column, u0, u1, u2));
    const p3 = f32x4.sub(f32x4.sub(p11, p12), lower(column, u1, u2, u3));
    let kept = <usize>load<i32>(list, 8);
    storeWinners(winners + kept, steps, p0, p1, p2, p3);
    storeValues(values + kept, b, p0, p1, p2, p3);
    column = v128.load(v, 112);
    const q1 = f32x4.sub(f32x4.sub(q01, q02), upper(column, u0, u1, u2));
    const q3 = f32x4.sub(f32x4.sub(q11, q12), lower(column, u1, u2, u3));
    kept = <usize>load<i32>(list, 24);
    storeWinners(winners + kept, steps, q0, q1, q2, q3);
    storeValues(values + kept, b, q0, q1, q2, q3);
    v += PATCH_BYTES * 2;
  }
}

/** Row 0 of Aᵀ·M in one column: m₀ + (m₁ + m₂). */
function upper(v: v128, u0: v128, u1: v128, u2: v128): v128 {
  return f32x4.add(product0(v, u0), f32x4.add(product1(v, u1), product2(v, u2)));
}

/** Row 1: (m₁ − m₂) − m₃. The engine computes m₁ and m₂ once. */
function lower(v: v128, u1: v128, u2: v128, u3: v128): v128 {
  return f32x4.sub(f32x4.sub(product1(v, u1), product2(v, u2)), product3(v, u3));
}

function product0(v: v128, u: v128): v128 {
  return f32x4.mul(u, v128.shuffle<f32>(v, v, 0, 0, 0, 0));
}

function product1(v: v128, u: v128): v128 {
  return f32x4.mul(u, v128.shuffle<f32>(v, v, 1, 1, 1, 1));
}

function product2(v: v128, u: v128): v128 {
  return f32x4.mul(u, v128.shuffle<f32>(v, v, 2, 2, 2, 2));
}

function product3(v: v128, u: v128): v128 {
  return f32x4.mul(u, v128.shuffle<f32>(v, v, 3, 3, 3, 3));
}
