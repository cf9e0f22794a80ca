/**
 * Memory for one case after another: an arena of a fixed size, laid out anew for each case, with inputs drawn by seed.
 * Views stay valid until `reset`, as the memory never grows.
 * @module
 */

import type { WasmModule } from '../base/engine.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { Arena, Layout } from '../wasm/memory.ts';

/** Room for the largest case. Pages that no case touches cost nothing. */
const BYTES = 64 * 2 ** 20;
const SEED = 1;

/** Numbers at an address of the linear memory. */
export interface Placed<T> {
  readonly at: number;
  readonly view: T;
}

/** The memory that a case works on, filled with numbers by seed. */
export class Workspace {
  readonly #arena: Arena;
  #layout = new Layout();
  #random: Random = createRandom(SEED);

  constructor(module: WasmModule) {
    this.#arena = new Arena(module, BYTES);
  }

  get kernels(): Kernels {
    return this.#arena.kernels;
  }

  /** Drops the last case. Every case draws from the same seed, so that its inputs do not depend on other cases. */
  reset(): void {
    this.#layout = new Layout();
    this.#random = createRandom(SEED);
  }

  /** Random f32 from −1 to 1. */
  uniform(length: number): Placed<Float32Array> {
    const placed = this.f32(length);
    for (let i = 0; i < length; i++) placed.view[i] = this.#random.next() / 2 ** 31 - 1;
    return placed;
  }

  /** Random i32 from 0 to `bound − 1`. */
  below(bound: number, length: number): Placed<Int32Array> {
    const placed = this.i32(length);
    for (let i = 0; i < length; i++) placed.view[i] = this.#random.below(bound);
    return placed;
  }

  /** Random i32, all bits. */
  words(length: number): Placed<Int32Array> {
    const placed = this.i32(length);
    for (let i = 0; i < length; i++) placed.view[i] = this.#random.next();
    return placed;
  }

  /** Random bytes. */
  bytesOf(length: number): Placed<Uint8Array> {
    const at = this.#reserve(length);
    const view = this.#arena.u8(at, length);
    for (let i = 0; i < length; i++) view[i] = this.#random.below(256);
    return { at, view };
  }

  /** f32, all 0. */
  f32(length: number): Placed<Float32Array> {
    const at = this.#reserve(length * Float32Array.BYTES_PER_ELEMENT);
    return { at, view: this.#arena.f32(at, length).fill(0) };
  }

  /** f64, all 0. */
  f64(length: number): Placed<Float64Array> {
    const at = this.#reserve(length * Float64Array.BYTES_PER_ELEMENT);
    return { at, view: this.#arena.f64(at, length).fill(0) };
  }

  /** i32, all 0. */
  i32(length: number): Placed<Int32Array> {
    const at = this.#reserve(length * Int32Array.BYTES_PER_ELEMENT);
    return { at, view: this.#arena.i32(at, length).fill(0) };
  }

  /** Address of `bytes` of scratch. */
  scratch(bytes: number): number {
    return this.#reserve(bytes);
  }

  #reserve(bytes: number): number {
    const at = this.#layout.reserve(bytes);
    if (this.#layout.bytes > BYTES) {
      throw new RangeError(
        `internal: expected a case of at most ${BYTES} bytes, got ${this.#layout.bytes}.`,
      );
    }
    return at;
  }
}
