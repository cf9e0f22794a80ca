/** Starts the worker behind `convlet/worker`, in a page. `nodeTrainer.ts` exports the same names. @module */
import { handleOf } from './browserHandle.ts';
import type { WorkerHandle } from './handle.ts';

export function startTrainer(): WorkerHandle {
  // scripts/build.js bundles it: import maps are not for workers. The literal is what bundlers look for
  const worker = new Worker(new URL('../browser/trainer.js', import.meta.url), { type: 'module' });
  return handleOf(worker, 'trainer.js');
}
