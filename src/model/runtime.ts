/** What models run on: the compiled kernels, and the threads. @module */

import { coreCount, threadObstacle } from '#host';
import { widen } from '#host/wide';
import type { WasmModule } from '../base/engine.ts';
import { checkOptions } from '../base/options.ts';
import type { DatasetSource, ValueDatasetSource } from '../base/types.ts';
import type { ProgramParts } from '../compile/program.ts';
import type { Stream } from '../data/source.ts';
import type { WorkerHandle } from '../host/handle.ts';
import { ThreadPool } from '../threads/pool.ts';
import { MOST_THREADS } from '../threads/tasks.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { Arena } from '../wasm/memory.ts';
import { compileWasm } from '../wasm/module.ts';
import { namedSources, type WasmSource } from '../wasm/source.ts';
import { type BackendOptions, backendChecks } from './backendOptions.ts';

/** What an entry of the package knows: where its kernels are, and how it starts threads. */
export interface Provisions {
  readonly wasm: (isThreaded: boolean) => WasmSource;
  readonly startThread: () => WorkerHandle;
}

/**
 * Multiplications forward in a step below which a second thread is not worth its two hand-overs: about 0.1 ms of work.
 */
const SHARED_WORK = 500_000;

/** What a worker trains on; a `Backend` without its operations and without sources. */
export class Runtime {
  /** As asked for, `'auto'` made a number. */
  readonly threads: number;
  /** Whether the kernels use vectors of 256 bits: as asked for, unless they then compute other bytes. */
  readonly wide: boolean;
  readonly #parts: RuntimeParts;
  #arena: Arena | undefined;

  constructor(parts: RuntimeParts) {
    this.threads = parts.pool?.size ?? 1;
    this.wide = parts.isWide;
    this.#parts = parts;
    this.#arena = new Arena(parts.module, 0, parts.pool !== undefined);
  }

  /** For models: the compiled kernels, and the threads for a step of so much work. @throws {Error} after `dispose()`. */
  programParts(where: string, work: number): ProgramParts {
    this.#live(where);
    const { module, pool, isAuto } = this.#parts;
    const isAlone = isAuto && work < SHARED_WORK;
    return { module, pool: isAlone ? undefined : pool, isShared: pool !== undefined };
  }

  /** Whether a value is a backend: not a promise of one, and not a lookalike. */
  static isRuntime(value: unknown): value is Runtime {
    return typeof value === 'object' && value !== null && #parts in value;
  }

  /** For models: a memory that every call may overwrite. @throws {Error} after `dispose()`. */
  arena(where: string): Arena {
    return this.#live(where);
  }

  /** For models: the stream of a source (data/stream.ts). None comes to a worker. */
  openStream(
    where: string,
    _source: DatasetSource | ValueDatasetSource,
    _length: number,
  ): Promise<Stream> {
    throw new Error(`internal: ${where}: a source in a worker`);
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
    this.#parts.pool?.dispose();
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

/** What a runtime is made of. */
export interface RuntimeParts {
  /** The build for a shared memory if there is a pool. */
  readonly module: WasmModule;
  readonly pool: ThreadPool | undefined;
  /** Whether a model may go without the threads, because its steps are too small. */
  readonly isAuto: boolean;
  /** Whether the kernels use wide vectors. */
  readonly isWide: boolean;
}

/** What `createBackend` is asked for, loaded and started. One build of the kernels is loaded, not both. */
export async function startRuntime(
  options: BackendOptions,
  provisions: Provisions,
): Promise<RuntimeParts> {
  const {
    threads = 1,
    wasm = {},
    wide = false,
  } = checkOptions<BackendOptions>('createBackend', options, backendChecks);
  const isAuto = threads === 'auto';
  const size = isAuto ? automaticThreads() : threads;
  const obstacle = size > 1 ? threadObstacle() : undefined;
  if (obstacle !== undefined) {
    throw new RangeError(
      `createBackend: expected threads: 1, got ${size}: ${obstacle}. Use threads: 'auto' or 1.`,
    );
  }
  const isShared = size > 1;
  const sources = namedSources('createBackend', wasm);
  const source = (isShared ? sources.threads : sources.kernels) ?? provisions.wasm(isShared);
  const { module, isWide } = wide
    ? await widen('createBackend', source, isShared)
    : { module: await compileWasm('createBackend', source), isWide: false };
  if (!isShared) return { module, pool: undefined, isAuto, isWide };
  new Arena(module, 0, true); // that it is the build for a shared memory is known before threads start
  const pool = await ThreadPool.start(size, provisions.startThread);
  return { module, pool, isAuto, isWide };
}

function automaticThreads(): number {
  return threadObstacle() === undefined ? Math.min(coreCount(), MOST_THREADS) : 1;
}
