/**
 * Random numbers that are the same everywhere: integer arithmetic alone, and a stream of its own for every purpose.
 *
 * Generator: xoshiro128** 1.1, Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021).
 * Seeding: splitmix32, the increment of Steele, Lea & Flood, "Fast splittable pseudorandom number generators" (2014),
 * with the 32-bit finaliser of MurmurHash3 (Appleby).
 * @module
 */
import { checkInteger } from './checks.ts';

/** Stream of the initial weights; followed by the index of the parameter. */
export const INITIALISATION = 1;
/** Stream of the order of the images; followed by the epoch. */
export const SHUFFLE = 2;
/** Stream that divides one data set into two. */
export const SPLIT = 3;
/** Stream that draws validation data from training data. */
export const VALIDATION = 4;

/** 2³² / golden ratio, odd: its multiples are spread evenly over the 32-bit numbers. */
const GAMMA = 0x9e3779b9;

/** A source of 32-bit numbers. */
export interface Random {
  /** The next number, from 0 to 2³² − 1. */
  next(): number;
  /** A whole number from 0 to `n − 1`, each equally likely; `n` from 1 to 2³². */
  below(n: number): number;
  /** Overwrites `bits` with the next numbers. */
  fill(bits: Uint32Array): void;
}

/**
 * A generator whose numbers follow from `seed` and the stream alone.
 *
 *   state[i] = mix(… mix(mix(seed + (i + 1)·γ) + stream[0]) + stream[1] …)
 *
 * Without a stream these are the first four outputs of splitmix32. `mix` is one-to-one, so the four words differ
 * from one another: the state is never all zero, the one state that xoshiro cannot leave.
 *
 * @param stream Whole numbers below 2³²: the purpose first, then what tells its streams apart.
 * @throws {TypeError | RangeError} unless all are whole numbers from 0 to 2³² − 1.
 */
export function createRandom(seed: number, ...stream: number[]): Random {
  checkInteger('createRandom', 'seed', seed, 0, 2 ** 32 - 1);
  for (const number of stream) checkInteger('createRandom', 'stream', number, 0, 2 ** 32 - 1);
  const word = (i: number) =>
    stream.reduce((state, number) => mix(state + number), mix(seed + Math.imul(i, GAMMA)));
  return new Xoshiro128(word(1), word(2), word(3), word(4));
}

/**
 * Overwrites `order` with a permutation of `0 … n − 1` that follows from the seed, the epoch and `n`, whatever the
 * array held before: an epoch can be repeated without those before it.
 */
export function shuffledOrder(order: Int32Array, seed: number, epoch: number): void {
  permute(order, createRandom(seed, SHUFFLE, epoch));
}

/** Overwrites `order` with a permutation of `0 … n − 1`, each equally likely (Fisher & Yates; Durstenfeld 1964). */
export function permute(order: Int32Array, random: Random): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
}

/** MurmurHash3's finaliser, one-to-one on 32-bit numbers. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** The state is four words, kept as signed numbers since that is what JavaScript's operators give. */
class Xoshiro128 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  next(): number {
    const b = this.#b;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const c = this.#c ^ this.#a;
    const d = this.#d ^ b;
    this.#b = b ^ c;
    this.#a ^= d;
    this.#c = c ^ (b << 9);
    this.#d = rotateLeft(d, 11);
    return result;
  }

  below(n: number): number {
    for (;;) {
      const bits = this.next();
      const value = bits % n;
      // the numbers from the last whole multiple of n upwards would favour small values: draw again
      if (bits - value + n <= 2 ** 32) return value;
    }
  }

  fill(bits: Uint32Array): void {
    for (let i = 0; i < bits.length; i++) bits[i] = this.next();
  }
}
