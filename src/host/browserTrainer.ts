/** Starts the worker behind `convlet/worker`, in a page, and its threads. `nodeTrainer.ts` exports the same names. @module */
import { type Greeting, handleOf, watchErrors } from './browserHandle.ts';
import { newThread, THREAD_SCRIPT } from './browserThread.ts';
import type { ThreadRequest } from './browserTrainerThread.ts';
import type { WorkerHandle } from './handle.ts';

/** What to do if the worker does not start. */
export const TRAINER_ADVICE =
  "Serve the files of convlet/dist from the page's own origin, with the page's isolation headers, and allow them under worker-src.";

export function startTrainer(): WorkerHandle {
  // scripts/build.js bundles the script, as import maps do not apply to workers. Bundlers look for this literal
  const worker = new Worker(new URL('../browser/trainer.js', import.meta.url), { type: 'module' });
  const endThreads = serveThreads(worker);
  const handle = handleOf(worker, 'trainer.js');
  handle.onEnd(endThreads);
  return {
    ...handle,
    terminate() {
      handle.terminate();
      endThreads();
    },
  };
}

/** Starts the threads that a trainer asks for. @returns a function that ends them. */
function serveThreads(trainer: Worker): () => void {
  const threads = new Set<Worker>();
  trainer.addEventListener('message', (event: MessageEvent<ThreadRequest | { type?: unknown }>) => {
    if (!isThreadRequest(event.data)) return;
    event.stopImmediatePropagation(); // the other listeners of the trainer must not see this message
    const { line, control } = event.data;
    try {
      const thread = newThread();
      threads.add(thread);
      watchErrors(thread, THREAD_SCRIPT, (reason) => control.postMessage(reason));
      control.onmessage = () => {
        thread.terminate();
        threads.delete(thread);
      };
      thread.postMessage({ line } satisfies Greeting, [line]);
    } catch (error) {
      control.postMessage(String(error)); // for example, the script has another origin
    }
  });
  return () => {
    for (const thread of threads) thread.terminate();
    threads.clear();
  };
}

function isThreadRequest(message: ThreadRequest | { type?: unknown }): message is ThreadRequest {
  return message.type === 'startThread';
}
