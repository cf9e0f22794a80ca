/**
 * The inner loops of convReluPool.ts: forward, a window of 2×2 outputs for eight or four filters; backward, the winners of
 * four filters against three rows of taps. Formulas and layouts: convReluPool.ts.
 *
 * Forward keeps eight accumulators and takes one tap at a time, because V8 moves the loads of a block to its beginning: a
 * block of a whole row of taps, or of all nine, spills its accumulators. An exit after each tap ends the block, so windows8
 * can take four taps a turn.
 * Measured: blocks of a row of taps 1.2× the time, of all nine 1.1× (Node 20).
 * Measured: four taps a turn, eight filters: 0.93–0.98× the time (Node 20, Node 24 the same); four filters: no gain; rows of
 * taps: 1.3× (Node 20).
 */

import { multiplyAdd } from '../lib/simd';
import { ENTRY_BYTES } from './windows';

/**
 * Eight filters over the listed windows. taps > 0.
 * values: f32[windows, filters], winners: i32, the same. w: [taps][8]. b: 8 numbers. offsets: i32[taps], bytes from the first
 * pixel of a patch. steps: two vectors of i32, bytes to the next output in a row and in a column.
 */
export function windows8(
  values: usize,
  winners: usize,
  image: usize,
  w: usize,
  b: usize,
  offsets: usize,
  taps: i32,
  steps: usize,
  list: usize,
  count: i32,
): void {
  const right = <usize>load<i32>(steps);
  const down = <usize>load<i32>(steps, 16);
  const listEnd = list + <usize>count * ENTRY_BYTES;
  const offsetsEnd = offsets + ((<usize>taps) << 2);
  for (; list < listEnd; list += ENTRY_BYTES) {
    const patch = image + <usize>load<i32>(list);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    let tap = w;
    let offset = offsets;
    while (true) {
      const at = patch + <usize>load<i32>(offset);
      const below = at + down;
      const wa = v128.load(tap);
      const wb = v128.load(tap, 16);
      tap += 32;
      const x0 = v128.load32_splat(at);
      a0 = multiplyAdd(a0, wa, x0);
      b0 = multiplyAdd(b0, wb, x0);
      const x1 = v128.load32_splat(at + right);
      a1 = multiplyAdd(a1, wa, x1);
      b1 = multiplyAdd(b1, wb, x1);
      const x2 = v128.load32_splat(below);
      a2 = multiplyAdd(a2, wa, x2);
      b2 = multiplyAdd(b2, wb, x2);
      const x3 = v128.load32_splat(below + right);
      a3 = multiplyAdd(a3, wa, x3);
      b3 = multiplyAdd(b3, wb, x3);
      offset += 4;
      if (offset >= offsetsEnd) break;

      const atB = patch + <usize>load<i32>(offset);
      const belowB = atB + down;
      const waB = v128.load(tap);
      const wbB = v128.load(tap, 16);
      tap += 32;
      const x0B = v128.load32_splat(atB);
      a0 = multiplyAdd(a0, waB, x0B);
      b0 = multiplyAdd(b0, wbB, x0B);
      const x1B = v128.load32_splat(atB + right);
      a1 = multiplyAdd(a1, waB, x1B);
      b1 = multiplyAdd(b1, wbB, x1B);
      const x2B = v128.load32_splat(belowB);
      a2 = multiplyAdd(a2, waB, x2B);
      b2 = multiplyAdd(b2, wbB, x2B);
      const x3B = v128.load32_splat(belowB + right);
      a3 = multiplyAdd(a3, waB, x3B);
      b3 = multiplyAdd(b3, wbB, x3B);
      offset += 4;
      if (offset >= offsetsEnd) break;

      const atC = patch + <usize>load<i32>(offset);
      const belowC = atC + down;
      const waC = v128.load(tap);
      const wbC = v128.load(tap, 16);
      tap += 32;
      const x0C = v128.load32_splat(atC);
      a0 = multiplyAdd(a0, waC, x0C);
      b0 = multiplyAdd(b0, wbC, x0C);
      const x1C = v128.load32_splat(atC + right);
      a1 = multiplyAdd(a1, waC, x1C);
      b1 = multiplyAdd(b1, wbC, x1C);
      const x2C = v128.load32_splat(belowC);
      a2 = multiplyAdd(a2, waC, x2C);
      b2 = multiplyAdd(b2, wbC, x2C);
      const x3C = v128.load32_splat(belowC + right);
      a3 = multiplyAdd(a3, waC, x3C);
      b3 = multiplyAdd(b3, wbC, x3C);
      offset += 4;
      if (offset >= offsetsEnd) break;

      const atD = patch + <usize>load<i32>(offset);
      const belowD = atD + down;
      const waD = v128.load(tap);
      const wbD = v128.load(tap, 16);
      tap += 32;
      const x0D = v128.load32_splat(atD);
      a0 = multiplyAdd(a0, waD, x0D);
      b0 = multiplyAdd(b0, wbD, x0D);
      const x1D = v128.load32_splat(atD + right);
      a1 = multiplyAdd(a1, waD, x1D);
      b1 = multiplyAdd(b1, wbD, x1D);
      const x2D = v128.load32_splat(belowD);
      a2 = multiplyAdd(a2, waD, x2D);
      b2 = multiplyAdd(b2, wbD, x2D);
      const x3D = v128.load32_splat(belowD + right);
      a3 = multiplyAdd(a3, waD, x3D);
      b3 = multiplyAdd(b3, wbD, x3D);
      offset += 4;
      if (offset >= offsetsEnd) break;
    }
    const kept = <usize>load<i32>(list, 8);
    storeWinners(winners + kept, steps, a0, a1, a2, a3);
    storeValues(values + kept, b, a0, a1, a2, a3);
    storeWinners(winners + kept + 16, steps, b0, b1, b2, b3);
    storeValues(values + kept + 16, b + 16, b0, b1, b2, b3);
  }
}

/** Four filters over the listed windows. w: [taps][4]. */
export function windows4(
  values: usize,
  winners: usize,
  image: usize,
  w: usize,
  b: usize,
  offsets: usize,
  taps: i32,
  steps: usize,
  list: usize,
  count: i32,
): void {
  const right = <usize>load<i32>(steps);
  const down = <usize>load<i32>(steps, 16);
  const listEnd = list + <usize>count * ENTRY_BYTES;
  const offsetsEnd = offsets + ((<usize>taps) << 2);
  for (; list < listEnd; list += ENTRY_BYTES) {
    const patch = image + <usize>load<i32>(list);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let tap = w;
    for (let offset = offsets; offset < offsetsEnd; offset += 4) {
      const at = patch + <usize>load<i32>(offset);
      const below = at + down;
      const wa = v128.load(tap);
      tap += 16;
      a0 = multiplyAdd(a0, wa, v128.load32_splat(at));
      a1 = multiplyAdd(a1, wa, v128.load32_splat(at + right));
      a2 = multiplyAdd(a2, wa, v128.load32_splat(below));
      a3 = multiplyAdd(a3, wa, v128.load32_splat(below + right));
    }
    const kept = <usize>load<i32>(list, 8);
    storeWinners(winners + kept, steps, a0, a1, a2, a3);
    storeValues(values + kept, b, a0, a1, a2, a3);
  }
}

/**
 * The same for kernels three pixels wide that move by one: a turn takes a row of taps, and the four outputs share its pixels.
 * Four accumulators leave room for this; eight would spill.
 * Measured: 0.9× the time of windows4 (Node 20).
 * rows: i32, bytes from the first pixel of a patch to each row of taps. w: [rows][3][4].
 */
export function windows4x3(
  values: usize,
  winners: usize,
  image: usize,
  w: usize,
  b: usize,
  rows: usize,
  rowCount: i32,
  steps: usize,
  list: usize,
  count: i32,
): void {
  const down = <usize>load<i32>(steps, 16);
  const listEnd = list + <usize>count * ENTRY_BYTES;
  const rowsEnd = rows + ((<usize>rowCount) << 2);
  for (; list < listEnd; list += ENTRY_BYTES) {
    const patch = image + <usize>load<i32>(list);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let tap = w;
    for (let row = rows; row < rowsEnd; row += 4) {
      const at = patch + <usize>load<i32>(row);
      const below = at + down;
      const w0 = v128.load(tap);
      const w1 = v128.load(tap, 16);
      const w2 = v128.load(tap, 32);
      tap += 48;
      const x1 = v128.load32_splat(at, 4);
      const x2 = v128.load32_splat(at, 8);
      a0 = multiplyAdd(a0, w0, v128.load32_splat(at));
      a1 = multiplyAdd(a1, w0, x1);
      a0 = multiplyAdd(a0, w1, x1);
      a1 = multiplyAdd(a1, w1, x2);
      a0 = multiplyAdd(a0, w2, x2);
      a1 = multiplyAdd(a1, w2, v128.load32_splat(at, 12));
      const z1 = v128.load32_splat(below, 4);
      const z2 = v128.load32_splat(below, 8);
      a2 = multiplyAdd(a2, w0, v128.load32_splat(below));
      a3 = multiplyAdd(a3, w0, z1);
      a2 = multiplyAdd(a2, w1, z1);
      a3 = multiplyAdd(a3, w1, z2);
      a2 = multiplyAdd(a2, w2, z2);
      a3 = multiplyAdd(a3, w2, v128.load32_splat(below, 12));
    }
    const kept = <usize>load<i32>(list, 8);
    storeWinners(winners + kept, steps, a0, a1, a2, a3);
    storeValues(values + kept, b, a0, a1, a2, a3);
  }
}

/** The place of the largest of the four outputs, in bytes from the patch of the first one; on a tie, the first. */
export function storeWinners(
  to: usize,
  steps: usize,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
): void {
  const right = v128.load(steps);
  const top = v128.and(f32x4.gt(a1, a0), right);
  const bottom = i32x4.add(v128.and(f32x4.gt(a3, a2), right), v128.load(steps, 16));
  const isBottom = f32x4.gt(f32x4.pmax(a2, a3), f32x4.pmax(a0, a1));
  v128.store(to, i32x4.max_s(top, v128.and(bottom, isBottom))); // bottom is never the smaller
}

/**
 * The largest of the four outputs, with bias and ReLU.
 * pmax(a, b) is a < b ? b : a, one instruction on x86 where max is six: the first maximum stays, and so does a NaN there.
 */
export function storeValues(to: usize, b: usize, a0: v128, a1: v128, a2: v128, a3: v128): void {
  const largest = f32x4.pmax(f32x4.pmax(a0, a1), f32x4.pmax(a2, a3));
  v128.store(to, f32x4.pmax(f32x4.add(largest, v128.load(b)), f32x4.splat(0)));
}

/** Twelve vectors of sums: four filters by three rows. */
export const SUMS_BYTES: usize = 192;

/**
 * sums[4][3] += Σ dy·x over the listed windows, for four filters. x: three vectors of pixels, the rows of a 3×3 kernel. The
 * first vector is at the winner's offset from `first`; the others are `second` and `third` bytes from it. dy: masked
 * gradients, plane after plane. winners: i32[windows, filters].
 *
 * Twelve accumulators fill the registers: two windows a turn would spill, even with an exit between them. The caller adds up
 * the addresses, because the compiler would put such sums back into the loop. Planes at one distance take fewer registers
 * than four addresses.
 * Measured: twelve accumulators 0.9× the time of two filters at once, two windows a turn 1.2× (Node 20).
 * Measured, backward weight: sums by the caller 0.93× the time (Node 20), 0.98–1.0× (Node 24).
 * Measured: planes at one distance 0.95× the time (Node 24), 0.98–1.0× (Node 20).
 */
export function winners4x3(
  sums: usize,
  dy: usize,
  planeBytes: usize,
  winners: usize,
  first: usize,
  list: usize,
  count: i32,
  second: usize,
  third: usize,
): void {
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32);
  let b0 = v128.load(sums, 48);
  let b1 = v128.load(sums, 64);
  let b2 = v128.load(sums, 80);
  let c0 = v128.load(sums, 96);
  let c1 = v128.load(sums, 112);
  let c2 = v128.load(sums, 128);
  let d0 = v128.load(sums, 144);
  let d1 = v128.load(sums, 160);
  let d2 = v128.load(sums, 176);
  const end = list + <usize>count * ENTRY_BYTES;
  for (; list < end; list += ENTRY_BYTES) {
    const patch = first + <usize>load<i32>(list);
    let plane = dy + <usize>load<i32>(list, 4);
    const won = winners + <usize>load<i32>(list, 8);
    let x = patch + <usize>load<i32>(won);
    let gradient = v128.load32_splat(plane);
    a0 = multiplyAdd(a0, v128.load(x), gradient);
    a1 = multiplyAdd(a1, v128.load(x + second), gradient);
    a2 = multiplyAdd(a2, v128.load(x + third), gradient);
    x = patch + <usize>load<i32>(won, 4);
    plane += planeBytes;
    gradient = v128.load32_splat(plane);
    b0 = multiplyAdd(b0, v128.load(x), gradient);
    b1 = multiplyAdd(b1, v128.load(x + second), gradient);
    b2 = multiplyAdd(b2, v128.load(x + third), gradient);
    x = patch + <usize>load<i32>(won, 8);
    plane += planeBytes;
    gradient = v128.load32_splat(plane);
    c0 = multiplyAdd(c0, v128.load(x), gradient);
    c1 = multiplyAdd(c1, v128.load(x + second), gradient);
    c2 = multiplyAdd(c2, v128.load(x + third), gradient);
    x = patch + <usize>load<i32>(won, 12);
    plane += planeBytes;
    gradient = v128.load32_splat(plane);
    d0 = multiplyAdd(d0, v128.load(x), gradient);
    d1 = multiplyAdd(d1, v128.load(x + second), gradient);
    d2 = multiplyAdd(d2, v128.load(x + third), gradient);
  }
  storeThree(sums, a0, a1, a2);
  storeThree(sums + 48, b0, b1, b2);
  storeThree(sums + 96, c0, c1, c2);
  storeThree(sums + 144, d0, d1, d2);
}

function storeThree(to: usize, a: v128, b: v128, c: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
}
