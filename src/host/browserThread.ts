/** Starts a thread, in a web worker. `nodeThread.ts` exports the same names. @module */
import { handleOf } from './browserHandle.ts';
import type { WorkerHandle } from './handle.ts';

export function startThread(): WorkerHandle {
  // scripts/build.js bundles it: import maps are not for workers. The literal is what bundlers look for
  const worker = new Worker(new URL('../browser/thread.js', import.meta.url), { type: 'module' });
  return handleOf(worker, 'thread.js');
}
