/**
 * Linear memory: where regions lie (`Layout`), and the memory itself with the kernels that work on it (`Arena`).
 *
 * Growing a memory empties every view of it. So code fetches a view where it uses it, and never keeps a view across growth.
 * @module
 */
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
    this.#bytes = alignUp(start);
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
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;

  /**
   * @param memory A memory that exists, or the number of bytes of a new memory.
   * @param isShared Makes a new memory for several threads. It never grows, as its maximum would be reserved at once.
   * @throws {RangeError} if the engine cannot give a memory of that size.
   */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory | number,
    isShared: boolean = false,
  ) {
    this.#memory = typeof memory === 'number' ? allocate(memory, isShared) : memory;
    this.kernels = instantiateKernels(module, this.#memory);
  }

  /** The memory itself, for other threads. */
  get memory(): WebAssembly.Memory {
    return this.#memory;
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Grows the memory, if it is smaller, to hold `bytes`. Views fetched before are empty afterwards.
   * @throws {RangeError} if the memory may not grow so far.
   */
  ensure(bytes: number): void {
    const missing = pagesFor(bytes) - this.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    try {
      this.#memory.grow(missing);
    } catch {
      throw tooMuch(bytes, 'what this memory may grow to');
    }
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

function allocate(bytes: number, isShared: boolean): WebAssembly.Memory {
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
    `memory: expected to need at most ${limit}, got ${mebibytes(bytes)}. Use a smaller batch, network or data set.`,
  );
}

/** `2,053 MiB` */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
