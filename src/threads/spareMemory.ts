/**
 * Shared memories whose models are gone, for the next ones.
 *
 * A shared memory is freed when every thread that has seen it has collected its garbage, and threads that wait in shared
 * memory make none: of 300 models of 9,000 digits, trained and disposed of one after another, 2.5 GB stayed (Node 20).
 * @module
 */

/** So many are kept: a model has one before it knows its training data, and one after. */
const MOST = 2;

export class SpareMemory {
  readonly #memories: WebAssembly.Memory[] = [];

  /** The smallest memory of at least so many bytes, all of them 0; undefined where there is none. */
  take(bytes: number): WebAssembly.Memory | undefined {
    const index = this.#memories.findIndex(({ buffer }) => buffer.byteLength >= bytes);
    const [memory] = index < 0 ? [] : this.#memories.splice(index, 1);
    if (memory !== undefined) new Uint8Array(memory.buffer).fill(0);
    return memory;
  }

  /** Keeps a memory that no thread works on any more; of too many not the smallest. */
  keep(memory: WebAssembly.Memory): void {
    this.#memories.push(memory);
    this.#memories.sort((a, b) => a.buffer.byteLength - b.buffer.byteLength);
    if (this.#memories.length > MOST) this.#memories.shift();
  }
}
