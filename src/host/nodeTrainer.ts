/** Starts the worker behind `convlet/worker`, under Node. `browserTrainer.ts` exports the same names. @module */
import type { WorkerHandle } from './handle.ts';
import { startScript } from './nodeHandle.ts';

export function startTrainer(): WorkerHandle {
  return startScript(new URL('../worker/script.js', import.meta.url));
}
