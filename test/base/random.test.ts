/** Random numbers follow the published recurrence, spread evenly, and depend on seed and stream. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRandom,
  INITIALISATION,
  SHUFFLE,
  SPLIT,
  shuffledOrder,
} from '../../src/base/random.ts';

const MASK = 0xffffffffn;

/** xoshiro128** as its authors' C reads, over whole numbers of any size. */
function* xoshiro128(state: bigint[]): Generator<number> {
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & MASK;
  let [s0, s1, s2, s3] = state as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number((rotl((s1 * 5n) & MASK, 7n) * 9n) & MASK);
    const t = (s1 << 9n) & MASK;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl(s3, 11n);
  }
}

function mix(value: bigint): bigint {
  let z = value & MASK;
  z = ((z ^ (z >> 16n)) * 0x85ebca6bn) & MASK;
  z = ((z ^ (z >> 13n)) * 0xc2b2ae35n) & MASK;
  return z ^ (z >> 16n);
}

/** The state that seed and stream stand for. */
function stateOf(seed: number, ...stream: number[]): bigint[] {
  return [1n, 2n, 3n, 4n].map((i) =>
    stream.reduce(
      (state, number) => mix(state + BigInt(number)),
      mix(BigInt(seed) + i * 0x9e3779b9n),
    ),
  );
}

function take(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

describe('createRandom', () => {
  it('the oracle gives the published first numbers of xoshiro128**', () => {
    // state 1, 2, 3, 4, as in the tests of Rust's rand_xoshiro
    const oracle = xoshiro128([1n, 2n, 3n, 4n]);
    expect(take(4, () => oracle.next().value)).toEqual([11520, 0, 5927040, 70819200]);
  });

  it.each([
    [0, []],
    [1, []],
    [2 ** 32 - 1, []],
    [1, [INITIALISATION, 0]],
    [7, [SHUFFLE, 20]],
    [2 ** 31, [SPLIT, 2 ** 32 - 1, 5]],
  ])('gives the 1,000 numbers that BigInt computes: seed %i, stream %j', (seed, stream) => {
    const oracle = xoshiro128(stateOf(seed, ...stream));
    const random = createRandom(seed, ...stream);
    expect(take(1000, () => random.next())).toEqual(take(1000, () => oracle.next().value));
  });

  it('fill gives the same numbers as next', () => {
    const bits = new Uint32Array(100);
    createRandom(5, 1).fill(bits);
    const random = createRandom(5, 1);
    expect([...bits]).toEqual(take(100, () => random.next()));
  });

  it('neighbouring seeds and streams share no numbers', () => {
    const streams: [number, ...number[]][] = [
      [0],
      [1],
      [2],
      [1, 0],
      [1, 1],
      [1, 0, 0],
      [1, 1, 0],
      [1, 0, 1],
      [1, 2, 1],
      [1, 3],
    ];
    const numbers = streams.map((args) => {
      const random = createRandom(...args);
      return take(4, () => random.next()).join();
    });
    expect(new Set(numbers).size).toBe(streams.length);
    expect(new Set([INITIALISATION, SHUFFLE, SPLIT]).size).toBe(3);
  });

  it('sets each bit about half of the time', () => {
    const random = createRandom(3);
    const counts = new Array<number>(32).fill(0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const bits = random.next();
      for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] ?? 0) + ((bits >>> bit) & 1);
    }
    // five standard deviations of a fair coin
    for (const count of counts) {
      expect(Math.abs(count - draws / 2)).toBeLessThanOrEqual(5 * Math.sqrt(draws / 4));
    }
  });

  it.each([
    [-1, 'createRandom: expected seed to be a whole number from 0 to 4294967295, got -1.'],
    [2 ** 32, 'got 4294967296'],
    [1.5, 'got 1.5'],
    [Number.NaN, 'got NaN'],
    ['1', 'createRandom: expected seed to be a number, got "1".'],
  ])('refuses seed %j', (seed, message) => {
    expect(() => createRandom(seed as number)).toThrow(message);
    expect(() => createRandom(1, seed as number)).toThrow('createRandom: expected stream to be');
  });
});

describe('below', () => {
  it.each([1, 2, 3, 10, 128, 1000])('gives every value below %i about equally often', (n) => {
    const random = createRandom(11);
    const draws = 200 * n;
    const counts = new Array<number>(n).fill(0);
    for (let i = 0; i < draws; i++) {
      const value = random.below(n);
      counts[value] = (counts[value] ?? Number.NaN) + 1;
    }
    const chiSquared = counts.reduce((total, count) => total + (count - 200) ** 2 / 200, 0);
    // mean n − 1, standard deviation √(2(n − 1)); NaN fails
    expect(chiSquared).toBeLessThanOrEqual(n - 1 + 5 * Math.sqrt(2 * (n - 1)));
  });

  it('draws again if a remainder would favour small values', () => {
    const n = 3 * 2 ** 30; // a quarter of the numbers lies above the last whole multiple
    const random = createRandom(2);
    const source = createRandom(2);
    let redrawn = 0;
    for (let i = 0; i < 1000; i++) {
      let bits = source.next();
      for (; bits >= n; bits = source.next()) redrawn++;
      expect(random.below(n)).toBe(bits);
    }
    expect(redrawn).toBeGreaterThan(250);
  });

  it('takes every 32-bit number at 2³²', () => {
    const random = createRandom(2);
    const source = createRandom(2);
    expect(take(100, () => random.below(2 ** 32))).toEqual(take(100, () => source.next()));
  });
});

describe('shuffledOrder', () => {
  const orderOf = (count: number, seed: number, epoch: number) => {
    const order = new Int32Array(count).fill(-7);
    shuffledOrder(order, seed, epoch);
    return order;
  };

  it('is a permutation that depends only on seed, epoch and length', () => {
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), u32, u32, (count, seed, epoch) => {
        const order = orderOf(count, seed, epoch);
        expect([...order].sort((a, b) => a - b)).toEqual(take(count, counter()));
        shuffledOrder(order, seed, epoch); // whatever the array held before
        expect(order).toEqual(orderOf(count, seed, epoch));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('differs between epochs and between seeds', () => {
    const orders = [orderOf(100, 1, 1), orderOf(100, 1, 2), orderOf(100, 2, 1), orderOf(100, 2, 2)];
    expect(new Set(orders.map(String)).size).toBe(4);
  });

  it('gives each of the 24 orders of four about equally often', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 2400; epoch++) {
      const order = String(orderOf(4, 9, epoch));
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) {
      expect(Math.abs(count - 100)).toBeLessThanOrEqual(5 * Math.sqrt(100));
    }
  });
});

function counter(): () => number {
  let next = 0;
  return () => next++;
}
