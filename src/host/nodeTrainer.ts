/** Starts the worker behind `convlet/worker`, under Node. `browserTrainer.ts` exports the same names. @module */
import { addressOf } from './files.ts';
import type { WorkerHandle } from './handle.ts';
import { startScript } from './nodeHandle.ts';

/** What to do if the worker does not start. */
export const TRAINER_ADVICE =
  'In a bundle for Node, mark convlet as external: the script of the worker is a file of its own.';

export function startTrainer(): WorkerHandle {
  const script = () => new URL('../worker/script.js', import.meta.url);
  return startScript(addressOf('worker/script.js', script));
}
