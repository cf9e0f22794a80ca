/** What the core needs of its host, in a page or a web worker. `node.ts` exports the same names. @module */
import type { WorkerHandle } from './worker.ts';

export type { WorkerHandle } from './worker.ts';

/** The bytes of the kernels' module that lies beside the compiled library: the plain one, or the one for threads. */
export function readKernels(isThreaded: boolean): Promise<Uint8Array<ArrayBuffer>> {
  // literals: bundlers look for just this
  const url = isThreaded
    ? new URL('../kernels.threads.wasm', import.meta.url)
    : new URL('../kernels.wasm', import.meta.url);
  return readModule(url);
}

/** The bytes of a WebAssembly module of ours. */
export async function readModule(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(
      `kernels: expected ${url.href}, got HTTP status ${response.status}. Serve the .wasm beside the JavaScript.`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Lets events and painting have their turn. A message costs 10 µs where nested timers wait 4 ms. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Threads that this machine runs at a time. */
export function coreCount(): number {
  return navigator.hardwareConcurrency;
}

/** Why this thread cannot wait for others; undefined where it can. */
export function threadObstacle(): string | undefined {
  if (!globalThis.crossOriginIsolated) {
    return 'a page that is not cross-origin isolated has no shared memory';
  }
  return typeof WorkerGlobalScope === 'undefined'
    ? "a page's main thread may not wait for others"
    : undefined;
}

/** Starts a worker. */
export function startWorker(): WorkerHandle {
  const worker = new Worker(new URL('../worker.js', import.meta.url), { type: 'module' });
  const ends: ((reason: string) => void)[] = [];
  worker.onerror = ({ message }) => {
    for (const listener of ends) listener(message);
  };
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    ends.push((reason) => reject(new Error(reason)));
  });
  return {
    ready,
    post: (message) => worker.postMessage(message),
    onEnd: (listener) => void ends.push(listener),
    terminate: () => worker.terminate(),
  };
}

/** In a worker: hears messages, and says that it does. */
export function listen<Message>(onMessage: (message: Message) => void): void {
  globalThis.onmessage = ({ data }: MessageEvent<Message>) => onMessage(data);
  globalThis.postMessage('ready');
}
