/** Starts a thread, in a web worker. `nodeThread.ts` exports the same names. @module */
import { handleOf } from './browserHandle.ts';
import type { WorkerHandle } from './handle.ts';

/** Its name, for messages. */
export const THREAD_SCRIPT = 'thread.js';

export function startThread(): WorkerHandle {
  return handleOf(newThread(), THREAD_SCRIPT);
}

/** The worker, which waits for a greeting. */
export function newThread(): Worker {
  // scripts/build.js bundles it: import maps are not for workers. The literal is what bundlers look for
  return new Worker(new URL('../browser/thread.js', import.meta.url), { type: 'module' });
}
