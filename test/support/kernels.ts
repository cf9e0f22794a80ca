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
const BYTES = PAGES * 65_536;
const GUARD_BYTES = 64;
/** A NaN with a payload that no arithmetic makes. */
export const GUARD = 0x7fc0_1234;
const GUARD_AT = new Uint8Array(Uint32Array.of(GUARD).buffer);
/** Address 0 means "none". */
const LEAST = 4;

/** A region, by its number from 0, that is to lie at an end of the memory: a vector beyond it traps. */
export interface Edge {
  readonly region: number;
  readonly side: 'start' | 'end';
  readonly byteLength: number;
}

interface Region {
  readonly address: number;
  readonly byteLength: number;
  /** What an input held; undefined for an output. */
  readonly input: Uint8Array | undefined;
}

/** Regions with guards of NaN before and after each. */
export class GuardedMemory {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #regions: Region[] = [];
  #next = 64;
  #edge: Edge | undefined;

  constructor(build: Build) {
    const isShared = build === 'threads';
    this.#memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: isShared });
    const module = new WebAssembly.Module(readFileSync(new URL(paths[build], import.meta.url)));
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.kernels = instance.exports as Kernels;
    this.#words(0, BYTES / 4).fill(GUARD);
  }

  get isShared(): boolean {
    return this.#memory.buffer instanceof SharedArrayBuffer;
  }

  get byteLength(): number {
    return BYTES;
  }

  /** Forgets all regions: the start of another case. */
  reset(edge?: Edge): void {
    this.#words(0, Math.ceil(this.#next / 4)).fill(GUARD);
    const last = Math.min(
      BYTES,
      ...this.#regions.map(({ address }) => address).filter((address) => address > this.#next),
    );
    this.#words(last & ~3, (BYTES - (last & ~3)) / 4).fill(GUARD);
    this.#regions.length = 0;
    this.#next = edge?.side === 'start' ? LEAST + edge.byteLength + GUARD_BYTES : 64;
    this.#edge = edge;
  }

  /** Address of a copy that the kernel must leave as it is. */
  input(values: ArrayLike<number>): number {
    return this.#put(new Uint8Array(Float32Array.from(values).buffer));
  }

  /** The same for integers. */
  integers(values: ArrayLike<number>): number {
    return this.#put(new Uint8Array(Int32Array.from(values).buffer));
  }

  /** The same for numbers in double precision. */
  doubles(values: ArrayLike<number>): number {
    return this.#put(new Uint8Array(Float64Array.from(values).buffer));
  }

  /** The same for bytes. */
  bytes(values: ArrayLike<number>): number {
    return this.#put(Uint8Array.from(values));
  }

  /** Address of `length` words for the kernel to write; NaN unless `start` says what is there before. */
  output(length: number, start?: ArrayLike<number>): number {
    const address = this.#reserve(length * 4, undefined);
    if (start !== undefined) this.f32(address, length).set(start);
    return address;
  }

  /** Address of scratch of so many bytes, guarded too: a kernel must not need more than it says. */
  scratch(bytes: number): number {
    return this.#reserve(bytes, undefined);
  }

  /** A copy of bytes. */
  copy(address: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, byteLength).slice();
  }

  /** Puts bytes where a region is that the kernel may write. */
  set(address: number, bytes: Uint8Array): void {
    new Uint8Array(this.#memory.buffer).set(bytes, address);
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
    const all = new Uint8Array(this.#memory.buffer);
    for (const { address, byteLength, input } of this.#regions) {
      const end = address + byteLength;
      for (let at = Math.max(0, address - GUARD_BYTES); at < address; at++) {
        if (all[at] !== GUARD_AT[at & 3]) expect.fail(`written before ${address}: ${at}`);
      }
      for (let at = end; at < Math.min(BYTES, end + GUARD_BYTES); at++) {
        if (all[at] !== GUARD_AT[at & 3]) expect.fail(`written after ${end}: ${at}`);
      }
      if (input !== undefined && Buffer.compare(all.subarray(address, end), input) !== 0) {
        expect.fail(`the input at ${address} was written`);
      }
    }
  }

  #put(bytes: Uint8Array): number {
    const address = this.#reserve(bytes.length, bytes);
    this.set(address, bytes);
    return address;
  }

  #reserve(byteLength: number, input: Uint8Array | undefined): number {
    const address = this.#place(byteLength);
    this.#regions.push({ address, byteLength, input });
    return address;
  }

  /** Addresses are 4 bytes past a multiple of 16: nothing may rest on a better alignment. */
  #place(byteLength: number): number {
    if (this.#edge?.region === this.#regions.length) {
      return this.#edge.side === 'end' ? BYTES - byteLength : LEAST;
    }
    const address = Math.ceil((this.#next + GUARD_BYTES) / 16) * 16 + 4;
    this.#next = address + byteLength + GUARD_BYTES;
    expect(this.#next).toBeLessThan(BYTES);
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
