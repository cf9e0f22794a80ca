/** The generator of docs/abi.md, "Random numbers": xoshiro128**, seeded by splitmix32. */

const GAMMA = 0x9e3779b9;

/** The finaliser of MurmurHash3. */
function mix(value) {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

function rotateLeft(x, k) {
  return (x << k) | (x >>> (32 - k));
}

/** Random numbers that depend only on a seed and the numbers of a stream. */
export function generator(seed, ...stream) {
  const s = [1, 2, 3, 4].map((i) =>
    stream.reduce((word, number) => mix(word + number), mix(seed + Math.imul(i, GAMMA))),
  );
  /** The next number, from 0 to 2³² − 1. */
  const next = () => {
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  };
  /** A number from 0 to n − 1. Numbers past the last whole multiple of n are drawn again. */
  const below = (n) => {
    for (;;) {
      const bits = next();
      const value = bits % n;
      if (bits - value + n <= 2 ** 32) return value;
    }
  };
  return { next, below };
}

/** 0 … n − 1 in random order. */
export function permutation(n, { below }) {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
