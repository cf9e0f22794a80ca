/** A worker of `node:worker_threads` behind the handle that the core knows. @module */
import type { Transferable } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type { WorkerHandle } from './handle.ts';

/**
 * Starts a script. Once the worker listens, it keeps the process alive only while it is held.
 * @param script The address of an ECMAScript module, or the text of a CommonJS script.
 */
export function startScript(script: URL | string): WorkerHandle {
  // execArgv is not inherited: the parent may run a script given by --eval
  const worker = new Worker(script, { eval: typeof script === 'string', execArgv: [] });
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
    post: (message, transfer = []) => worker.postMessage(message, transfer as Transferable[]),
    onMessage: (listener) => void worker.on('message', listener),
    onEnd: (listener) => void ends.push(listener),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
