/** Seeded random numbers for tests, independent of the tested code. */

/** xorshift32, from 0 to 1. */
export function testRandom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** `length` f32 from −1 to 1. */
export function uniform(random: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, () => random() * 2 - 1);
}
