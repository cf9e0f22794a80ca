/**
 * Dropout, written out: random words by Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", 2011) in exact integers.
 * @module
 */

/** What the random words depend on. */
export interface Draw {
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
  readonly layer: number;
  /** Index of the first image in the whole batch. */
  readonly first: number;
}

const MULTIPLIERS = [0xd2511f53n, 0xcd9e8d57n] as const;
const INCREMENTS = [0x9e3779b9n, 0xbb67ae85n] as const;
const ROUNDS = 10;
const WORD = 0xffffffffn;

/** The four random words for a counter of four words and a key of two. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < ROUNDS; round++) {
    const product0 = MULTIPLIERS[0] * c0;
    const product1 = MULTIPLIERS[1] * c2;
    [c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & WORD,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & WORD,
    ];
    k0 = (k0 + INCREMENTS[0]) & WORD;
    k1 = (k1 + INCREMENTS[1]) & WORD;
  }
  return [Number(c0), Number(c1), Number(c2), Number(c3)];
}

/** `x / (1 − rate)` or 0 for x`[batch, channels, pixels]`: all numbers of a channel are kept or dropped together. */
export function dropout(
  x: ArrayLike<number>,
  [batch, channels, pixels]: readonly [batch: number, channels: number, pixels: number],
  rate: number,
  { seed, epoch, step, layer, first }: Draw,
): Float64Array {
  const y = new Float64Array(batch * channels * pixels);
  const threshold = Math.floor(rate * 2 ** 32);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      // sixteen channels take four counters: word i of counter j belongs to channel 4·i + j
      const counter = 4 * Math.floor(c / 16) + (c % 4);
      const words = philox4x32([counter, first + n, step, epoch], [seed, layer]);
      if (words[Math.floor(c / 4) % 4] < threshold) continue;
      const start = (n * channels + c) * pixels;
      for (let i = start; i < start + pixels; i++) y[i] = x[i] / (1 - rate);
    }
  }
  return y;
}
