/** The backend: the compiled kernels, and the operations that run on them. @module */
import { coreCount, readKernels, threadObstacle } from '#host';
import { checkInteger } from './errors.ts';
import type { Kernels } from './kernels.ts';
import { Arena } from './memory.ts';
import { createOps, type Ops } from './ops.ts';
import { SHARDS } from './plan.ts';
import { ThreadPool } from './pool.ts';

export interface BackendOptions {
  /**
   * Threads that train one batch together, from 1 to 8; 1 unless said otherwise. `'auto'`: as many as the machine runs at
   * a time, and one for a model too small to gain. The trained weights are the same, bit for bit, whatever the number.
   */
  readonly threads?: number | 'auto';
}

/**
 * Multiplications forward in a step below which a second thread is not worth its two hand-overs: about 0.1 ms of work.
 */
const SHARED_WORK = 500_000;

/** Made by `createBackend`; what models and operations run on. */
export class Backend {
  /** As asked for, `'auto'` made a number. */
  readonly threads: number;
  /** Every kernel as a plain function of tensors. */
  readonly ops: Ops;
  readonly #module: WebAssembly.Module;
  readonly #shared: SharedParts | undefined;
  readonly #isAuto: boolean;
  #arena: Arena | undefined;

  /** Use `createBackend`. */
  constructor(module: WebAssembly.Module, shared: SharedParts | undefined, isAuto: boolean) {
    this.threads = shared?.pool.size ?? 1;
    this.#module = module;
    this.#shared = shared;
    this.#isAuto = isAuto;
    this.#arena = new Arena(module, 0);
    this.ops = createOps(() => this.#live('ops'));
  }

  /** For models: the compiled kernels, and the threads for a step of so much work. @throws {Error} after `dispose()`. */
  programParts(where: string, work: number): ProgramParts {
    this.#live(where);
    if (this.#shared === undefined || (this.#isAuto && work < SHARED_WORK)) {
      return { module: this.#module, pool: undefined };
    }
    return this.#shared;
  }

  /** For models: kernels to be asked for sizes. @throws {Error} after `dispose()`. */
  kernels(where: string): Kernels {
    return this.#live(where).kernels;
  }

  /**
   * Ends the threads and frees the memory of the operations. Models made before keep their memory until their own
   * `dispose()`; what was shared among threads cannot be trained on.
   */
  dispose(): void {
    this.#shared?.pool.dispose();
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

interface ProgramParts {
  readonly module: WebAssembly.Module;
  readonly pool: ThreadPool | undefined;
}

interface SharedParts {
  /** The build for a shared memory. */
  readonly module: WebAssembly.Module;
  readonly pool: ThreadPool;
}

/**
 * Loads and compiles the kernels, and starts the threads.
 *
 * @throws {TypeError | RangeError} where `threads` is neither `'auto'` nor a whole number from 1 to 8, or where this
 * thread cannot wait for others.
 * @throws {Error} where the WebAssembly module cannot be read, a worker does not start, or this engine has no SIMD.
 */
export async function createBackend({ threads = 1 }: BackendOptions = {}): Promise<Backend> {
  const isAuto = threads === 'auto';
  const size = isAuto ? automaticThreads() : threads;
  checkInteger('createBackend', 'threads', size, 1, SHARDS);
  const obstacle = size > 1 ? threadObstacle() : undefined;
  if (obstacle !== undefined) {
    throw new RangeError(
      `createBackend: expected threads: 1, got ${size}: ${obstacle}. Use threads: 'auto' or 1.`,
    );
  }
  const module = await compileModule(await readKernels(false));
  return new Backend(module, size > 1 ? await startShared(size) : undefined, isAuto);
}

function automaticThreads(): number {
  return threadObstacle() === undefined ? Math.min(coreCount(), SHARDS) : 1;
}

async function startShared(size: number): Promise<SharedParts> {
  const module = await compileModule(await readKernels(true));
  return { module, pool: await ThreadPool.start(size) };
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
