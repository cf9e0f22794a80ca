/** The kernels of every build, over a memory with guards around every region. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Kernels } from '../../src/wasm/kernels.ts';

export const builds = ['release', 'threads', 'debug'] as const;
export type Build = (typeof builds)[number];

const paths: Readonly<Record<Build, string>> = {
  release: '../../dist/kernels.wasm',
  threads: '../../dist/kernels.threads.wasm',
  debug: '../../build/kernels.debug.wasm',
};

const PAGES = 64;
const GUARD_WORDS = 16;
/** A NaN with a payload that no arithmetic makes. */
const GUARD = 0x7fc0_1234;

interface Region {
  readonly address: number;
  readonly words: number;
  /** What an input held; undefined for an output. */
  readonly input: Uint32Array | undefined;
}

/** Regions of 32-bit words with guards of NaN before and after each. */
export class GuardedMemory {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #regions: Region[] = [];
  #next = 64;

  constructor(build: Build) {
    const isShared = build === 'threads';
    this.#memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: isShared });
    const module = new WebAssembly.Module(readFileSync(new URL(paths[build], import.meta.url)));
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.kernels = instance.exports as Kernels;
  }

  get isShared(): boolean {
    return this.#memory.buffer instanceof SharedArrayBuffer;
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Forgets all regions: the start of another case. */
  reset(): void {
    this.#regions.length = 0;
    this.#next = 64;
    this.#words(0, (PAGES * 65_536) / 4).fill(GUARD);
  }

  /** Address of a copy that the kernel must leave as it is. */
  input(values: ArrayLike<number>): number {
    const address = this.#reserve(values.length);
    this.f32(address, values.length).set(values);
    this.#regions.push({
      address,
      words: values.length,
      input: this.#words(address, values.length).slice(),
    });
    return address;
  }

  /** The same for integers. */
  integers(values: ArrayLike<number>): number {
    const address = this.#reserve(values.length);
    new Int32Array(this.#memory.buffer, address, values.length).set(values);
    this.#regions.push({
      address,
      words: values.length,
      input: this.#words(address, values.length).slice(),
    });
    return address;
  }

  /** The same for numbers in double precision. */
  doubles(values: ArrayLike<number>): number {
    const { buffer } = Float64Array.from(values);
    return this.integers(new Int32Array(buffer));
  }

  /** The same for bytes; what is missing of a word is 0. */
  bytes(values: ArrayLike<number>): number {
    const words = Math.ceil(values.length / 4);
    const address = this.#reserve(words);
    this.#words(address, words).fill(0);
    new Uint8Array(this.#memory.buffer, address, values.length).set(values);
    this.#regions.push({ address, words, input: this.#words(address, words).slice() });
    return address;
  }

  /** Address of `length` words for the kernel to write; NaN unless `start` says what is there before. */
  output(length: number, start?: ArrayLike<number>): number {
    const address = this.#reserve(length);
    if (start !== undefined) this.f32(address, length).set(start);
    this.#regions.push({ address, words: length, input: undefined });
    return address;
  }

  /** Address of scratch of so many bytes, guarded too: a kernel must not need more than it says. */
  scratch(bytes: number): number {
    return this.output(Math.ceil(bytes / 4));
  }

  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  /** A copy: a `Float64Array` cannot lie at an address that is no multiple of 8. */
  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#words(address, 2 * length).slice().buffer);
  }

  /** Throws unless every guard and every input is as it was. */
  check(): void {
    expect(this.#regions.length).toBeGreaterThan(0);
    for (const { address, words, input } of this.#regions) {
      const before = this.#words(address - GUARD_WORDS * 4, GUARD_WORDS);
      const after = this.#words(address + words * 4, GUARD_WORDS);
      expect(
        before.every((word) => word === GUARD),
        `guard before ${address}`,
      ).toBe(true);
      expect(
        after.every((word) => word === GUARD),
        `guard after ${address}`,
      ).toBe(true);
      if (input !== undefined) expect(this.#words(address, words)).toEqual(input);
    }
  }

  /** Addresses are 4 bytes past a multiple of 16: nothing may rest on a better alignment. */
  #reserve(words: number): number {
    const address = Math.ceil((this.#next + GUARD_WORDS * 4) / 16) * 16 + 4;
    this.#next = address + words * 4 + GUARD_WORDS * 4;
    expect(this.#next).toBeLessThan(PAGES * 65_536);
    return address;
  }

  #words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, address, length);
  }
}

/**
 * Throws unless this is the build it should be: only the debug one traps on a broken precondition, and only the one for
 * threads takes a shared memory.
 */
export function expectBuild({ kernels, isShared }: GuardedMemory, build: Build): void {
  expect(isShared).toBe(build === 'threads');
  const broken = () => kernels.transpose(64, 64, -1, 0);
  if (build === 'debug') expect(broken).toThrow(WebAssembly.RuntimeError);
  else expect(broken).not.toThrow();
}
