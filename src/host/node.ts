/** What the core needs of its host, under Node. `browser.ts` exports the same names. @module */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { parentPort, Worker } from 'node:worker_threads';
import type { WorkerHandle } from './worker.ts';

export type { WorkerHandle } from './worker.ts';

/** The bytes of the kernels' module that lies beside the compiled library: the plain one, or the one for threads. */
export function readKernels(isThreaded: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const url = isThreaded
    ? new URL('../kernels.threads.wasm', import.meta.url)
    : new URL('../kernels.wasm', import.meta.url);
  return readModule(url);
}

/** The bytes of a WebAssembly module of ours. */
export async function readModule(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(url));
  } catch (cause) {
    throw new Error(`kernels: expected ${url.pathname}, could not read it. Reinstall convlet.`, {
      cause,
    });
  }
}

/** Lets timers, signals and I/O have their turn. `setImmediate` costs 6 µs where `setTimeout` costs 1 ms. */
export function yieldTurn(): Promise<void> {
  return setImmediate();
}

/** Threads that this machine runs at a time. */
export function coreCount(): number {
  return availableParallelism();
}

/** Why this thread cannot wait for others; undefined where it can. */
export function threadObstacle(): string | undefined {
  return undefined;
}

/** Starts a worker. It does not keep the process alive once it listens. */
export function startWorker(): WorkerHandle {
  const worker = new Worker(new URL('../worker.js', import.meta.url), {
    execArgv: [], // not those of a script given by --eval
  });
  const ends: ((reason: string) => void)[] = [];
  const end = (reason: string) => {
    for (const listener of ends) listener(reason);
  };
  worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => end(`exit code ${code}`));
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      worker.unref();
      resolve();
    });
    ends.push((reason) => reject(new Error(reason)));
  });
  return {
    ready,
    post: (message) => worker.postMessage(message),
    onEnd: (listener) => void ends.push(listener),
    terminate: () => void worker.terminate(),
  };
}

/** In a worker: hears messages, and says that it does. */
export function listen<Message>(onMessage: (message: Message) => void): void {
  parentPort?.on('message', onMessage);
  parentPort?.postMessage('ready');
}
