/**
 * Windows of a one-channel image under 3×3 kernels that move by one: Winograd's minimal filtering F(2×2, 3×3), whose tile of
 * four outputs is the window of the pooling. See convReluPool.ts.
 *
 *   Y = Aᵀ·M·A     M = (G·g·Gᵀ) ⊙ (Bᵀ·d·B)     g[3, 3] a filter, d[4, 4] the patch of a window, Y[2, 2] its outputs
 *
 *        1  0  0           1  0 -1  0
 *   G =  ½  ½  ½     Bᵀ =  0  1  1  0     Aᵀ =  1  1  1  0
 *        ½ -½  ½           0 -1  1  0           0  1 -1 -1
 *        0  0  1           0  1  0 -1
 *
 * A window takes 16 products and 24 sums instead of the 36 of each of the direct
 * form, and all filters share Bᵀ·d·B. (A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.)
 *
 * Rounding: the numbers summed are up to four times as large, so the last bits differ from those of the direct sum.
 * Ties: if the columns of a patch are equal, as in the middle of a stroke, both outputs of a row are the same sum plus
 * zeros; the same holds for its rows. Such outputs tie to the bit, and the first wins. Rounding may tell apart other outputs
 * that tie in the direct sum. If their two patches are equal (along a diagonal), dw is the same either way and dx moves.
 * A NaN reaches the outputs that it reaches in the direct sum. So does an infinity, but it may become NaN there (∞ − ∞).
 */
import { bytes, gather } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { storeValues, storeWinners } from './tiles';
import { ENTRY_BYTES } from './windows';

/** Filters at a time. */
const TILE: i32 = 12;

/** Bytes of a transformed patch, 16 numbers: four columns of four. */
const PATCH_BYTES: usize = 64;

/** Bytes of four transformed filters: by column, then row, then filter. */
const FACTORS_BYTES: usize = 256;

/** Patches that are transformed at a time: they stay in the first-level cache together with the other data. */
const PATCHES: i32 = 128;

/** Bytes of scratch: transformed patches, then the sums that winogradWindows12 puts aside. */
export const WINOGRAD_BYTES: usize = 128 * 64 + 288;

/** The number of filters, from the first on, that these loops compute: whole dozens. */
export function winogradFilters(outC: i32): i32 {
  return outC - (outC % TILE);
}

/** Bytes of `filters` transformed filters. */
export function factorsBytes(filters: i32): usize {
  return <usize>(filters >> 2) * FACTORS_BYTES;
}

/** u[filters / 4][4][4][4] = G·g·Gᵀ of w[filters, 3, 3]. */
export function transformDozens(u: usize, w: usize, filters: i32): void {
  for (let o = 0; o < filters; o += 4) {
    for (let q: usize = 0; q < 3; q++) {
      const top = w + q * 4;
      expand(u + q * 64, 16, gather(top, 36, 4), gather(top + 12, 36, 4), gather(top + 24, 36, 4));
    }
    for (let row = u; row < u + 64; row += 16) {
      expand(row, 64, v128.load(row), v128.load(row, 64), v128.load(row, 128));
    }
    u += FACTORS_BYTES;
    w += 144;
  }
}

/** G times a column of three. */
function expand(to: usize, step: usize, g0: v128, g1: v128, g2: v128): void {
  const half = f32x4.splat(0.5);
  const ends = f32x4.add(g0, g2);
  v128.store(to, g0);
  v128.store(to + step, f32x4.mul(half, f32x4.add(ends, g1)));
  v128.store(to + step * 2, f32x4.mul(half, f32x4.sub(ends, g1)));
  v128.store(to + step * 3, g2);
}

/**
 * The first dozens of filters over the listed windows. values, winners, b, steps: as windows8 has them. u: from
 * transformDozens. work: WINOGRAD_BYTES of scratch.
 */
export function winogradWindows(
  values: usize,
  winners: usize,
  image: usize,
  u: usize,
  b: usize,
  steps: usize,
  work: usize,
  list: usize,
  s: ConvSizes,
): void {
  const filters = winogradFilters(s.outC);
  const rowBytes = bytes(s.pitch);
  const aside = work + <usize>PATCHES * PATCH_BYTES;
  for (let count = load<i32>(list - 16); count > 0; count -= PATCHES) {
    const some = min(count, PATCHES);
    transformPatches(work, image, rowBytes, list, some);
    for (let o = 0; o < filters; o += TILE) {
      const at = bytes(o);
      const factors = u + factorsBytes(o);
      winogradWindows12(values + at, winners + at, work, factors, b + at, steps, aside, list, some);
    }
    list += <usize>PATCHES * ENTRY_BYTES;
  }
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
 * Twelve filters over the listed windows, as three vectors a, b and c. A column of M at a time, in the order 1, 2, 0, 3:
 * a01 is row 0 of Aᵀ·M in column 1, a0 to a3 are the four outputs.
 *
 * Sixteen registers hold no more than the sums of one column, so the sums that the last column needs wait in `aside`. Some
 * numbers stored there are never read: V8 moves the loads of a loop body as far forward as it can, runs out of registers and
 * spills, but it moves no load past a store.
 * Measured: without these stores all of forward takes 1.12× the time (Node 20).
 */
function winogradWindows12(
  values: usize,
  winners: usize,
  v: usize,
  u: usize,
  bias: usize,
  steps: usize,
  aside: usize,
  list: usize,
  count: i32,
): void {
  const end = list + <usize>count * ENTRY_BYTES;
  for (; list < end; list += ENTRY_BYTES) {
    let column = v128.load(v, 16);
    let v0 = splat0(column);
    let v1 = splat1(column);
    let v2 = splat2(column);
    let v3 = splat3(column);
    let m0 = f32x4.mul(v128.load(u, 64), v0);
    let m1 = f32x4.mul(v128.load(u, 80), v1);
    let m2 = f32x4.mul(v128.load(u, 96), v2);
    let m3 = f32x4.mul(v128.load(u, 112), v3);
    const a01 = upper(m0, m1, m2);
    const a11 = lower(m1, m2, m3);
    v128.store(aside, a01);
    v128.store(aside, a11, 16);
    m0 = f32x4.mul(v128.load(u, 320), v0);
    m1 = f32x4.mul(v128.load(u, 336), v1);
    m2 = f32x4.mul(v128.load(u, 352), v2);
    m3 = f32x4.mul(v128.load(u, 368), v3);
    const b01 = upper(m0, m1, m2);
    const b11 = lower(m1, m2, m3);
    v128.store(aside, b01, 32);
    v128.store(aside, b11, 48);
    m0 = f32x4.mul(v128.load(u, 576), v0);
    m1 = f32x4.mul(v128.load(u, 592), v1);
    m2 = f32x4.mul(v128.load(u, 608), v2);
    m3 = f32x4.mul(v128.load(u, 624), v3);
    const c01 = upper(m0, m1, m2);
    const c11 = lower(m1, m2, m3);
    v128.store(aside, c01, 64);
    v128.store(aside, c11, 80);

    column = v128.load(v, 32);
    v0 = splat0(column);
    v1 = splat1(column);
    v2 = splat2(column);
    v3 = splat3(column);
    m0 = f32x4.mul(v128.load(u, 128), v0);
    m1 = f32x4.mul(v128.load(u, 144), v1);
    m2 = f32x4.mul(v128.load(u, 160), v2);
    m3 = f32x4.mul(v128.load(u, 176), v3);
    const a02 = upper(m0, m1, m2);
    const a12 = lower(m1, m2, m3);
    v128.store(aside, f32x4.sub(a01, a02), 96);
    v128.store(aside, f32x4.sub(a11, a12), 112);
    m0 = f32x4.mul(v128.load(u, 384), v0);
    m1 = f32x4.mul(v128.load(u, 400), v1);
    m2 = f32x4.mul(v128.load(u, 416), v2);
    m3 = f32x4.mul(v128.load(u, 432), v3);
    const b02 = upper(m0, m1, m2);
    const b12 = lower(m1, m2, m3);
    v128.store(aside, f32x4.sub(b01, b02), 128);
    v128.store(aside, f32x4.sub(b11, b12), 144);
    m0 = f32x4.mul(v128.load(u, 640), v0);
    m1 = f32x4.mul(v128.load(u, 656), v1);
    m2 = f32x4.mul(v128.load(u, 672), v2);
    m3 = f32x4.mul(v128.load(u, 688), v3);
    const c02 = upper(m0, m1, m2);
    const c12 = lower(m1, m2, m3);
    v128.store(aside, f32x4.sub(c01, c02), 160);
    v128.store(aside, f32x4.sub(c11, c12), 176);

    column = v128.load(v);
    v0 = splat0(column);
    v1 = splat1(column);
    v2 = splat2(column);
    v3 = splat3(column);
    m0 = f32x4.mul(v128.load(u), v0);
    m1 = f32x4.mul(v128.load(u, 16), v1);
    m2 = f32x4.mul(v128.load(u, 32), v2);
    m3 = f32x4.mul(v128.load(u, 48), v3);
    const a0 = f32x4.add(upper(m0, m1, m2), f32x4.add(a01, a02));
    const a2 = f32x4.add(lower(m1, m2, m3), f32x4.add(a11, a12));
    v128.store(aside, a0, 192);
    v128.store(aside, a2, 208);
    m0 = f32x4.mul(v128.load(u, 256), v0);
    m1 = f32x4.mul(v128.load(u, 272), v1);
    m2 = f32x4.mul(v128.load(u, 288), v2);
    m3 = f32x4.mul(v128.load(u, 304), v3);
    const b0 = f32x4.add(upper(m0, m1, m2), f32x4.add(b01, b02));
    const b2 = f32x4.add(lower(m1, m2, m3), f32x4.add(b11, b12));
    v128.store(aside, b0, 224);
    v128.store(aside, b2, 240);
    m0 = f32x4.mul(v128.load(u, 512), v0);
    m1 = f32x4.mul(v128.load(u, 528), v1);
    m2 = f32x4.mul(v128.load(u, 544), v2);
    m3 = f32x4.mul(v128.load(u, 560), v3);
    const c0 = f32x4.add(upper(m0, m1, m2), f32x4.add(c01, c02));
    const c2 = f32x4.add(lower(m1, m2, m3), f32x4.add(c11, c12));
    v128.store(aside, c0, 256);
    v128.store(aside, c2, 272);

    column = v128.load(v, 48);
    v0 = splat0(column);
    v1 = splat1(column);
    v2 = splat2(column);
    v3 = splat3(column);
    m0 = f32x4.mul(v128.load(u, 192), v0);
    m1 = f32x4.mul(v128.load(u, 208), v1);
    m2 = f32x4.mul(v128.load(u, 224), v2);
    m3 = f32x4.mul(v128.load(u, 240), v3);
    const a1 = f32x4.sub(v128.load(aside, 96), upper(m0, m1, m2));
    const a3 = f32x4.sub(v128.load(aside, 112), lower(m1, m2, m3));
    const kept = <usize>load<i32>(list, 8);
    const winner = winners + kept;
    const value = values + kept;
    storeWinners(winner, steps, a0, a1, a2, a3);
    storeValues(value, bias, a0, a1, a2, a3);
    m0 = f32x4.mul(v128.load(u, 448), v0);
    m1 = f32x4.mul(v128.load(u, 464), v1);
    m2 = f32x4.mul(v128.load(u, 480), v2);
    m3 = f32x4.mul(v128.load(u, 496), v3);
    const b1 = f32x4.sub(v128.load(aside, 128), upper(m0, m1, m2));
    const b3 = f32x4.sub(v128.load(aside, 144), lower(m1, m2, m3));
    storeWinners(winner + 16, steps, b0, b1, b2, b3);
    storeValues(value + 16, bias + 16, b0, b1, b2, b3);
    m0 = f32x4.mul(v128.load(u, 704), v0);
    m1 = f32x4.mul(v128.load(u, 720), v1);
    m2 = f32x4.mul(v128.load(u, 736), v2);
    m3 = f32x4.mul(v128.load(u, 752), v3);
    const c1 = f32x4.sub(v128.load(aside, 160), upper(m0, m1, m2));
    const c3 = f32x4.sub(v128.load(aside, 176), lower(m1, m2, m3));
    storeWinners(winner + 32, steps, c0, c1, c2, c3);
    storeValues(value + 32, bias + 32, c0, c1, c2, c3);
    v += PATCH_BYTES;
  }
}

/** Row 0 of Aᵀ times a column. */
function upper(m0: v128, m1: v128, m2: v128): v128 {
  return f32x4.add(m0, f32x4.add(m1, m2));
}

/** Row 1 of Aᵀ times a column. */
function lower(m1: v128, m2: v128, m3: v128): v128 {
  return f32x4.sub(f32x4.sub(m1, m2), m3);
}

function splat0(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 0, 0, 0, 0);
}

function splat1(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 1, 1, 1, 1);
}

function splat2(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 2, 2, 2);
}

function splat3(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 3, 3, 3, 3);
}
