/**
 * The best that this processor can do with WebAssembly's instructions: the limits that the bench divides by.
 * Compiled on its own, into dist/bench/peak.wasm; it is not part of the kernels that ship.
 *
 *   multiplyAdd   s[i, j] += x[i]·m[j] for a tile of 2×4 vectors of f32x4: 64 FLOP, once or twice per round, or two tiles
 *   read          every byte of a block, once per round
 *
 * WebAssembly's multiply and add are two instructions, and processors have pipes for both. Only the additions form
 * chains here. There are eight chains; two pipes with a latency of three cycles need six, so no chain waits for its own
 * product. Eight sums, four factors, two x and a product are all the registers that V8 gives on x86. The factors come
 * from memory, as V8 would compute a splat again in every round.
 *
 * An engine with wide vectors starts from two adjacent stores, and joins all that leads to them. That is why the sums are
 * stored. Joined in pairs, the eight chains of a tile are four; the form with two tiles has eight. The tiles are written out,
 * because no function can return sums that stay in registers.
 *
 * Engines differ in which form they keep in registers, so there are several, and the fastest one counts.
 * Measured on Zen 4 (2·2·4 FLOP per cycle at 3.68 GHz: 58.9 GFLOP/s): once 58.8 and twice 31 (spills) under Node 20, 52
 * and 57 under Node 24.
 * Refused: twelve chains s ← s·m + t, 47 or 59 depending on how they fall into step; 3×3, 56; 4×2, 55.
 */

/** sums: f32[8][4], the chains, stored so that the compiler can leave none out. operands: f32[20], four m of four, then four x. */
export function multiplyAddOnce(sums: usize, rounds: i32, operands: usize): void {
  const m0 = v128.load(operands);
  const m1 = v128.load(operands, 16);
  const m2 = v128.load(operands, 32);
  const m3 = v128.load(operands, 48);
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  for (; rounds > 0; rounds--) {
    const x0 = v128.load32_splat(operands, 64);
    s00 = f32x4.add(s00, f32x4.mul(x0, m0));
    s01 = f32x4.add(s01, f32x4.mul(x0, m1));
    s02 = f32x4.add(s02, f32x4.mul(x0, m2));
    s03 = f32x4.add(s03, f32x4.mul(x0, m3));
    const x1 = v128.load32_splat(operands, 68);
    s10 = f32x4.add(s10, f32x4.mul(x1, m0));
    s11 = f32x4.add(s11, f32x4.mul(x1, m1));
    s12 = f32x4.add(s12, f32x4.mul(x1, m2));
    s13 = f32x4.add(s13, f32x4.mul(x1, m3));
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s02, 32);
  v128.store(sums, s03, 48);
  v128.store(sums, s10, 64);
  v128.store(sums, s11, 80);
  v128.store(sums, s12, 96);
  v128.store(sums, s13, 112);
}

/** `multiplyAddOnce` with the tile taken twice per round. */
export function multiplyAddTwice(sums: usize, rounds: i32, operands: usize): void {
  const m0 = v128.load(operands);
  const m1 = v128.load(operands, 16);
  const m2 = v128.load(operands, 32);
  const m3 = v128.load(operands, 48);
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  for (; rounds > 0; rounds--) {
    const x0 = v128.load32_splat(operands, 64);
    s00 = f32x4.add(s00, f32x4.mul(x0, m0));
    s01 = f32x4.add(s01, f32x4.mul(x0, m1));
    s02 = f32x4.add(s02, f32x4.mul(x0, m2));
    s03 = f32x4.add(s03, f32x4.mul(x0, m3));
    const x1 = v128.load32_splat(operands, 68);
    s10 = f32x4.add(s10, f32x4.mul(x1, m0));
    s11 = f32x4.add(s11, f32x4.mul(x1, m1));
    s12 = f32x4.add(s12, f32x4.mul(x1, m2));
    s13 = f32x4.add(s13, f32x4.mul(x1, m3));
    const x2 = v128.load32_splat(operands, 72);
    s00 = f32x4.add(s00, f32x4.mul(x2, m0));
    s01 = f32x4.add(s01, f32x4.mul(x2, m1));
    s02 = f32x4.add(s02, f32x4.mul(x2, m2));
    s03 = f32x4.add(s03, f32x4.mul(x2, m3));
    const x3 = v128.load32_splat(operands, 76);
    s10 = f32x4.add(s10, f32x4.mul(x3, m0));
    s11 = f32x4.add(s11, f32x4.mul(x3, m1));
    s12 = f32x4.add(s12, f32x4.mul(x3, m2));
    s13 = f32x4.add(s13, f32x4.mul(x3, m3));
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s02, 32);
  v128.store(sums, s03, 48);
  v128.store(sums, s10, 64);
  v128.store(sums, s11, 80);
  v128.store(sums, s12, 96);
  v128.store(sums, s13, 112);
}

/** Two tiles per round, of sixteen chains: f32[16][4]. More than there are registers, unless two chains are one of 256 bits. */
export function multiplyAddTwo(sums: usize, rounds: i32, operands: usize): void {
  const m0 = v128.load(operands);
  const m1 = v128.load(operands, 16);
  const m2 = v128.load(operands, 32);
  const m3 = v128.load(operands, 48);
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s22 = f32x4.splat(0);
  let s23 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s32 = f32x4.splat(0);
  let s33 = f32x4.splat(0);
  for (; rounds > 0; rounds--) {
    const x0 = v128.load32_splat(operands, 64);
    s00 = f32x4.add(s00, f32x4.mul(x0, m0));
    s01 = f32x4.add(s01, f32x4.mul(x0, m1));
    s02 = f32x4.add(s02, f32x4.mul(x0, m2));
    s03 = f32x4.add(s03, f32x4.mul(x0, m3));
    const x1 = v128.load32_splat(operands, 68);
    s10 = f32x4.add(s10, f32x4.mul(x1, m0));
    s11 = f32x4.add(s11, f32x4.mul(x1, m1));
    s12 = f32x4.add(s12, f32x4.mul(x1, m2));
    s13 = f32x4.add(s13, f32x4.mul(x1, m3));
    const x2 = v128.load32_splat(operands, 72);
    s20 = f32x4.add(s20, f32x4.mul(x2, m0));
    s21 = f32x4.add(s21, f32x4.mul(x2, m1));
    s22 = f32x4.add(s22, f32x4.mul(x2, m2));
    s23 = f32x4.add(s23, f32x4.mul(x2, m3));
    const x3 = v128.load32_splat(operands, 76);
    s30 = f32x4.add(s30, f32x4.mul(x3, m0));
    s31 = f32x4.add(s31, f32x4.mul(x3, m1));
    s32 = f32x4.add(s32, f32x4.mul(x3, m2));
    s33 = f32x4.add(s33, f32x4.mul(x3, m3));
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s02, 32);
  v128.store(sums, s03, 48);
  v128.store(sums, s10, 64);
  v128.store(sums, s11, 80);
  v128.store(sums, s12, 96);
  v128.store(sums, s13, 112);
  v128.store(sums, s20, 128);
  v128.store(sums, s21, 144);
  v128.store(sums, s22, 160);
  v128.store(sums, s23, 176);
  v128.store(sums, s30, 192);
  v128.store(sums, s31, 208);
  v128.store(sums, s32, 224);
  v128.store(sums, s33, 240);
}

/** Combines all words of `block`, `rounds` times over, into sums: i32[4][4]. `bytes` is a multiple of 128. */
export function read(sums: usize, block: usize, bytes: i32, rounds: i32): void {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  const end = block + <usize>bytes;
  for (; rounds > 0; rounds--) {
    for (let at = block; at < end; at += 128) {
      a = i32x4.add(a, v128.load(at));
      b = i32x4.add(b, v128.load(at, 16));
      c = i32x4.add(c, v128.load(at, 32));
      d = i32x4.add(d, v128.load(at, 48));
      a = i32x4.add(a, v128.load(at, 64));
      b = i32x4.add(b, v128.load(at, 80));
      c = i32x4.add(c, v128.load(at, 96));
      d = i32x4.add(d, v128.load(at, 112));
    }
  }
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
  v128.store(sums, d, 48);
}
