/**
 * Linear memory: where regions lie (`Layout`), and the memory itself with the kernels that work on it (`Arena`).
 *
 * Growing a memory empties every view of it. So code fetches a view where it uses it, and never keeps a view across growth.
 * @module
 */
import type { WasmMemory, WasmModule } from '../base/engine.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';

const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;
/** A cache line. Threads must not share one, and vectors must not straddle two. */
const ALIGNMENT = 64;

/** Hands out addresses one after another, by arithmetic alone. Never hands out address 0, which means "none". */
export class Layout {
  #bytes: number;

  /** @param start Where the first region may begin. */
  constructor(start: number = ALIGNMENT) {
    this.#bytes = alignUp(Math.max(start, 1));
  }

  /** Address of a new region, aligned to 64 bytes. */
  reserve(bytes: number): number {
    const address = this.#bytes;
    this.#bytes = alignUp(address + bytes);
    return address;
  }

  /** Frees all regions from `bytes` on. `bytes` is the value of `this.bytes` before they were reserved. */
  release(bytes: number): void {
    this.#bytes = alignUp(bytes);
  }

  /** Bytes from address 0 to the end of the last region. */
  get bytes(): number {
    return this.#bytes;
  }
}

/** A linear memory and the kernels instantiated over it. */
export class Arena {
  readonly #module: WasmModule;
  /** Whether a larger memory may take its place. */
  readonly #isReplaceable: boolean;
  #memory: WasmMemory;
  #kernels: Kernels;

  /**
   * @param memory A memory that exists, or the number of bytes of a new memory.
   * @param isShared Makes a new memory for several threads. Its maximum is its size, as the maximum is reserved at once.
   * @throws {RangeError} if the engine cannot give a memory of that size.
   */
  constructor(module: WasmModule, memory: WasmMemory | number, isShared: boolean = false) {
    this.#module = module;
    this.#isReplaceable = isShared && typeof memory === 'number';
    this.#memory = typeof memory === 'number' ? allocate(memory, isShared) : memory;
    this.#kernels = instantiateKernels(module, this.#memory);
  }

  /** The kernels over the memory; others after `ensure` has replaced it. */
  get kernels(): Kernels {
    return this.#kernels;
  }

  /** The memory itself, for other threads. */
  get memory(): WasmMemory {
    return this.#memory;
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Grows the memory, if it is smaller, to hold `bytes`. A shared memory that the arena made is replaced by a larger copy.
   * Views and kernels fetched before are out of date afterwards.
   * @throws {RangeError} if the memory may not grow so far.
   */
  ensure(bytes: number): void {
    const missing = pagesFor(bytes) - this.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    try {
      if (this.#isReplaceable) this.#replace(bytes);
      else this.#memory.grow(missing);
    } catch {
      throw tooMuch(bytes, 'what this memory may grow to');
    }
  }

  #replace(bytes: number): void {
    const old = this.u8(0, this.byteLength);
    this.#memory = allocate(Math.max(bytes, 2 * old.length), true);
    this.#kernels = instantiateKernels(this.#module, this.#memory);
    this.u8(0, old.length).set(old);
  }

  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, address, length);
  }

  u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }
}

/** Bytes rounded up to whole cache lines. */
export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function pagesFor(bytes: number): number {
  const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES)); // the module imports at least one page
  if (!(pages <= MAX_PAGES)) throw tooMuch(bytes, 'the 4,096 MiB that WebAssembly can address');
  return pages;
}

function allocate(bytes: number, isShared: boolean): WasmMemory {
  const initial = pagesFor(bytes);
  try {
    return new WebAssembly.Memory(
      isShared ? { initial, maximum: initial, shared: true } : { initial },
    );
  } catch {
    throw tooMuch(bytes, 'what this machine gives');
  }
}

function tooMuch(bytes: number, limit: string): RangeError {
  return new RangeError(
    `memory: expected to need at most ${limit}, got ${mebibytes(Math.max(1, bytes))}. Use a smaller batch, network or data set.`,
  );
}

/** `2,053 MiB` */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
