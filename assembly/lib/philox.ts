/**
 * Random bits from a counter, with no state: Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", 2011, section 3.3). Ten rounds turn four counter words under two key words into four random words:
 *
 *   (c₀, c₁, c₂, c₃)  →  (high(M₁·c₂) ⊕ c₁ ⊕ k₀,  low(M₁·c₂),  high(M₀·c₀) ⊕ c₃ ⊕ k₁,  low(M₀·c₀))
 *
 * and after each round k₀ and k₁ move on by the Weyl constants. The vector form runs four counters at a time, one a lane.
 */

export const PHILOX_ROUNDS: i32 = 10;
export const PHILOX_M0: u32 = 0xd2511f53;
export const PHILOX_M1: u32 = 0xcd9e8d57;
export const PHILOX_W0: u32 = 0x9e3779b9;
export const PHILOX_W1: u32 = 0xbb67ae85;

/** The high halves of the products of 32-bit lanes. */
export function highProducts(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  return v128.shuffle<u32>(low, high, 1, 3, 5, 7);
}

/** Word `word`, 0 to 3, of one counter. */
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, word: i32): u32 {
  for (let round = 0; round < PHILOX_ROUNDS; round++) {
    const product0 = <u64>PHILOX_M0 * <u64>c0;
    const product1 = <u64>PHILOX_M1 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  return word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;
}
