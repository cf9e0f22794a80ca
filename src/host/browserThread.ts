/** Starts a thread, in a web worker. `nodeThread.ts` exports the same names. @module */
import { handleOf } from './browserHandle.ts';
import type { WorkerHandle } from './handle.ts';

/** Name of the script, for error messages. */
export const THREAD_SCRIPT = 'thread.js';

export function startThread(): WorkerHandle {
  return handleOf(newThread(), THREAD_SCRIPT);
}

/** Starts the worker, which then waits for a greeting. */
export function newThread(): Worker {
  // scripts/build.js bundles the script, as import maps do not apply to workers. Bundlers look for this literal
  return new Worker(new URL('../browser/thread.js', import.meta.url), { type: 'module' });
}
