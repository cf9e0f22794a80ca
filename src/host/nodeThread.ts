/** Starts a thread, under Node. `browserThread.ts` exports the same names. @module */
import type { WorkerHandle } from './handle.ts';
import { startScript } from './nodeHandle.ts';

export function startThread(): WorkerHandle {
  return startScript(new URL('../thread.js', import.meta.url));
}
