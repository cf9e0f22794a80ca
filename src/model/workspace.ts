/** The memory of one operation: regions one after another, from the start of the arena. @module */
import { elementCount } from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { type Arena, Layout } from '../wasm/memory.ts';

export class Workspace {
  readonly #arena: Arena;
  readonly #layout = new Layout();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** The kernels over the memory; they may be replaced until everything is reserved. */
  get kernels(): Kernels {
    return this.#arena.kernels;
  }

  /** The memory itself; it may grow until everything is reserved. */
  get buffer(): ArrayBufferLike {
    return this.#arena.memory.buffer;
  }

  reserve(bytes: number): number {
    const address = this.#layout.reserve(bytes);
    this.#arena.ensure(this.#layout.bytes);
    return address;
  }

  /** Address of a copy. */
  put({ data }: Tensor): number {
    const address = this.reserve(data.byteLength);
    this.#arena.f32(address, data.length).set(data);
    return address;
  }

  /** Address of a copy as i32. */
  putIntegers(values: ArrayLike<number>): number {
    const address = this.reserve(values.length * Int32Array.BYTES_PER_ELEMENT);
    this.#arena.i32(address, values.length).set(values);
    return address;
  }

  zeros(shape: Shape): number {
    const length = elementCount(shape);
    const address = this.reserve(length * Float32Array.BYTES_PER_ELEMENT);
    this.#arena.f32(address, length).fill(0);
    return address;
  }

  /** A copy for the caller. */
  take(address: number, shape: Shape): Tensor {
    return { shape: [...shape], data: this.#arena.f32(address, elementCount(shape)).slice() };
  }
}
