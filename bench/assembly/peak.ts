/**
 * What this processor can do at best with the instructions that WebAssembly has: what a bench divides by.
 * Compiled apart, into dist/bench/peak.wasm; the kernels that ship know nothing of it.
 *
 *   multiplyAdd   s[i, j] += x[i]·m[j] for a tile of 3×3 vectors of f32x4: 72 FLOP a round
 *   read          every byte of a block, once a round
 *
 * WebAssembly's multiply and add are two instructions, and processors have pipes for both. Only the additions form
 * chains here, nine where two pipes with a latency of three cycles need six, so that no chain waits on its own
 * product; nine sums, three factors, one x and one product fill the 14 vector registers that V8 hands out on x86.
 *
 * Measured on Zen 4 under Node 20 (2·2·4 FLOP a cycle at 3.68 GHz: 58.9 GFLOP/s): this tile 57.1 every time; twelve
 * chains s ← s·m + t 47 or 59, as they happen to fall into step; 4×2 55, 5×2 46 or 59, 4×3 29 (spills).
 * The factors come from memory since V8 would work a splat out again in every round.
 */

/** The sum of all chains, so that none can be left out. operands: f32[24], m then x. */
export function multiplyAdd(rounds: i32, operands: usize): f32 {
  const m0 = v128.load(operands);
  const m1 = v128.load(operands, 16);
  const m2 = v128.load(operands, 32);
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s22 = f32x4.splat(0);
  for (; rounds > 0; rounds--) {
    const x0 = v128.load(operands, 48);
    s00 = f32x4.add(s00, f32x4.mul(x0, m0));
    s01 = f32x4.add(s01, f32x4.mul(x0, m1));
    s02 = f32x4.add(s02, f32x4.mul(x0, m2));
    const x1 = v128.load(operands, 64);
    s10 = f32x4.add(s10, f32x4.mul(x1, m0));
    s11 = f32x4.add(s11, f32x4.mul(x1, m1));
    s12 = f32x4.add(s12, f32x4.mul(x1, m2));
    const x2 = v128.load(operands, 80);
    s20 = f32x4.add(s20, f32x4.mul(x2, m0));
    s21 = f32x4.add(s21, f32x4.mul(x2, m1));
    s22 = f32x4.add(s22, f32x4.mul(x2, m2));
  }
  const row0 = f32x4.add(s00, f32x4.add(s01, s02));
  const row1 = f32x4.add(s10, f32x4.add(s11, s12));
  const row2 = f32x4.add(s20, f32x4.add(s21, s22));
  return f32x4.extract_lane(f32x4.add(row0, f32x4.add(row1, row2)), 0);
}

/** All words of `block` combined, `rounds` times over. `bytes` is a multiple of 128. */
export function read(block: usize, bytes: i32, rounds: i32): i32 {
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
  return i32x4.extract_lane(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)), 0);
}
