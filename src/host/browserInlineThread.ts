/** Starts a thread of `convlet/inline`, in a web worker. `nodeThread.ts` exports the same names. @module */
import { handleOf } from './browserHandle.ts';
import { threadScript } from './browserThreadScript.js';
import type { WorkerHandle } from './handle.ts';

/** The script needs no second file: its address is that of a Blob. A Content-Security-Policy must allow it. */
export function startThread(): WorkerHandle {
  const address = URL.createObjectURL(new Blob([threadScript], { type: 'text/javascript' }));
  const forget = () => URL.revokeObjectURL(address);
  try {
    const handle = handleOf(new Worker(address), 'of a blob: address (worker-src must allow it)');
    handle.ready.then(forget, forget);
    return handle;
  } catch (error) {
    forget();
    throw error;
  }
}
