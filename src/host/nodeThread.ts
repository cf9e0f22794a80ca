/**
 * Starts a thread, under Node. `browserThread.ts` exports the same names.
 *
 * The script is a text, not a file: bundlers for Node neither copy nor bundle the scripts of workers.
 * @module
 */
import type { WorkerHandle } from './handle.ts';
import { startScript } from './nodeHandle.ts';
import { threadScript } from './nodeThreadScript.js';

export function startThread(): WorkerHandle {
  return startScript(threadScript);
}
