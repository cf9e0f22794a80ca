/**
 * The kernels without the library, as `convlet/kernels`: typed functions over a memory, and an arena to lay the memory
 * out. docs/abi.md describes each kernel.
 * @module
 */

import { isArrayBuffer } from '../base/brands.ts';
import { checkInteger, wrongKind } from '../base/checks.ts';
import type { WasmMemory } from '../base/engine.ts';
import { checkOptions, type OptionChecks, whole } from '../base/options.ts';
import { kernelsUrl } from '../host/files.ts';
import type { Kernels } from './kernels.ts';
import { Arena, Layout } from './memory.ts';
import { compileWasm } from './module.ts';
import { checkWasmSource, type WasmSource } from './source.ts';

/** The memory that the kernels work on, and their source. */
export interface LoadOptions {
  /**
   * The memory that the kernels work on. A shared memory needs the module for threads.
   * @default a new memory, which grows
   */
  readonly memory?: WasmMemory;
  /** Where kernels.wasm comes from, or kernels.threads.wasm for a shared memory. @default the file beside the library */
  readonly wasm?: WasmSource;
  /**
   * The first byte that the arena may hand out. Pass 64 if all of a given memory is free.
   * @default 64 in a new memory; in a given memory its present end, so that the arena touches nothing in it
   */
  readonly start?: number;
}

/** Every kernel, the memory they work on, and the arena over it. */
export type LoadedKernels = Kernels & {
  readonly memory: WasmMemory;
  readonly arena: KernelArena;
};

/**
 * Loads the kernels.
 *
 * @throws {TypeError | RangeError} if an option does not fit.
 * @throws {Error} if the module cannot be loaded, does not fit the memory, or has another ABI version.
 * @example
 * const k = await loadKernels();
 * const x = k.arena.alloc(4 * 3);
 * k.arena.f32(x, 3).set([-1, 0, 2]);
 * k.reluForward(x, x, 3);
 * console.log(k.arena.f32(x, 3)); // 0, 0, 2
 */
export async function loadKernels(options: LoadOptions = {}): Promise<LoadedKernels> {
  const { memory, wasm, start } = checkOptions('loadKernels', options, checks);
  const isShared = memory !== undefined && !isArrayBuffer(memory.buffer);
  const module = await compileWasm('loadKernels', wasm ?? kernelsUrl(isShared));
  const first = start ?? memory?.buffer.byteLength ?? FIRST;
  const arena = new Arena(module, memory ?? 0);
  return { ...arena.kernels, memory: arena.memory, arena: new KernelArena(arena, first) };
}

/** Address 0 means "none". */
const FIRST = 64;
/** Some kernels read a few bytes past the end of their input, without using them. */
const PAST_END = 16;
/** As many bytes as an address can reach. */
const MAX_BYTES = 2 ** 32;

const checks: OptionChecks<LoadOptions> = {
  memory(where, name, value) {
    if (!(value instanceof WebAssembly.Memory)) {
      throw wrongKind(where, name, 'a WebAssembly.Memory', value);
    }
    if (value.buffer.byteLength === 0) {
      throw new RangeError(
        `${where}: expected ${name} of at least one page, got one without. Use initial: 1 or more.`,
      );
    }
  },
  wasm: (where, _name, value) => checkWasmSource(where, value),
  start: whole(0, MAX_BYTES),
};

/**
 * Hands out regions of the memory, one after another, and views of them.
 *
 * `alloc` grows the memory if it must. **Growing empties every view** of a memory that is not shared. Addresses stay valid:
 * keep addresses, and ask for a view where you use it.
 */
export class KernelArena {
  readonly #arena: Arena;
  readonly #layout: Layout;
  readonly #first: number;

  /** Use `loadKernels`. */
  constructor(arena: Arena, start: number) {
    this.#arena = arena;
    this.#layout = new Layout(start);
    this.#first = this.#layout.bytes;
  }

  /**
   * Address of a region of `bytes`, a multiple of 64. The region keeps what was there before; fresh memory holds zeros.
   * @throws {RangeError} if the memory may not grow so far.
   */
  alloc(bytes: number): number {
    checkInteger('alloc', 'bytes', bytes, 0, MAX_BYTES);
    const before = this.#layout.bytes;
    const address = this.#layout.reserve(bytes);
    try {
      this.#arena.ensure(this.#layout.bytes + PAST_END);
    } catch (error) {
      this.#layout.release(before);
      throw error;
    }
    return address;
  }

  /** Where the next region will begin; pass it to `reset`. */
  mark(): number {
    return this.#layout.bytes;
  }

  /** Frees every region handed out since `mark`, or all of them. @throws {RangeError} if `mark` is not a mark. */
  reset(mark: number = this.#first): void {
    checkInteger('reset', 'mark', mark, this.#first, this.#layout.bytes);
    this.#layout.release(mark);
  }

  /**
   * A view of `length` numbers from `address` on, valid until the memory grows.
   * @throws {RangeError} if the numbers are not in the memory.
   */
  f32(address: number, length: number): Float32Array {
    this.#check('f32', address, length, 4);
    return this.#arena.f32(address, length);
  }

  /** The same of i32. */
  i32(address: number, length: number): Int32Array {
    this.#check('i32', address, length, 4);
    return this.#arena.i32(address, length);
  }

  /** The same of u32. */
  u32(address: number, length: number): Uint32Array {
    this.#check('u32', address, length, 4);
    return this.#arena.u32(address, length);
  }

  /** The same of u8. */
  u8(address: number, length: number): Uint8Array {
    this.#check('u8', address, length, 1);
    return this.#arena.u8(address, length);
  }

  #check(where: string, address: number, length: number, elementBytes: number): void {
    const bytes = this.#arena.byteLength;
    checkInteger(where, 'address', address, 0, bytes);
    if (address % elementBytes !== 0) {
      throw new RangeError(
        `${where}: expected address to be a multiple of ${elementBytes}, got ${address}. Use one that alloc gave.`,
      );
    }
    checkInteger(where, 'length', length, 0, (bytes - address) / elementBytes);
  }
}
