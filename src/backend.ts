/** The backend: the compiled kernels, and the operations that run on them. @module */
import { readKernels } from '#host';
import { checkInteger } from './errors.ts';
import type { Kernels } from './kernels.ts';
import { Arena } from './memory.ts';
import { createOps, type Ops } from './ops.ts';

export interface BackendOptions {
  /** Threads that train one batch together; 1, until there are threads. */
  readonly threads?: number;
}

/** Made by `createBackend`; what models and operations run on. */
export class Backend {
  readonly threads: number;
  /** Every kernel as a plain function of tensors. */
  readonly ops: Ops;
  readonly #module: WebAssembly.Module;
  #arena: Arena | undefined;

  /** Use `createBackend`. */
  constructor(module: WebAssembly.Module, threads: number) {
    this.threads = threads;
    this.#module = module;
    this.#arena = new Arena(module, 0);
    this.ops = createOps(() => this.#live('ops'));
  }

  /** For models: the compiled kernels. @throws {Error} after `dispose()`. */
  module(where: string): WebAssembly.Module {
    this.#live(where);
    return this.#module;
  }

  /** For models: kernels to be asked for sizes. @throws {Error} after `dispose()`. */
  kernels(where: string): Kernels {
    return this.#live(where).kernels;
  }

  /** Frees the memory of the operations. Models made before keep theirs until their own `dispose()`. */
  dispose(): void {
    this.#arena = undefined;
  }

  #live(where: string): Arena {
    if (this.#arena === undefined) {
      throw new Error(
        `${where}: expected a live backend, got one that was disposed of. Create another.`,
      );
    }
    return this.#arena;
  }
}

/**
 * Loads and compiles the kernels.
 *
 * @throws {RangeError} where `threads` is not 1.
 * @throws {Error} where the WebAssembly module cannot be read, or this engine has no SIMD.
 */
export async function createBackend({ threads = 1 }: BackendOptions = {}): Promise<Backend> {
  checkInteger('createBackend', 'threads', threads, 1, 1);
  const bytes = await readKernels();
  return new Backend(await compileModule(bytes), threads);
}

async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new Error(
      'createBackend: expected an engine with WebAssembly SIMD, could not compile the kernels. Use Node 20.19, Chrome 91, Firefox 89, Safari 16.4 or newer.',
      { cause },
    );
  }
}
