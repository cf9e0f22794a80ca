/** A web worker behind the handle that the core knows. @module */
import type { WorkerHandle } from './handle.ts';

/** The first message to a worker. */
export interface Greeting {
  /** The port for all further messages. Without one, messages pass through the worker itself. */
  readonly line?: MessagePort;
}

/** The first message that `listen` posts. */
export interface Ready {
  readonly lock?: string | undefined;
}

/** @param script Name of the worker's script, for error messages. */
export function handleOf(worker: Worker, script: string): WorkerHandle {
  const watch = (end: (reason: string) => void) => watchErrors(worker, script, end);
  const handle = handleAt(worker, watch, () => worker.terminate());
  // Chromium holds back messages from a worker to a nested worker until the outer worker's event loop has learned that the
  // nested script has run. A worker that goes on to wait in shared memory never learns it (whatwg/html issue 5485). Once
  // the nested worker has answered the greeting, it has learned it
  worker.postMessage({} satisfies Greeting);
  return handle;
}

/** Calls `end` with the reason when the worker's script fails. */
export function watchErrors(worker: Worker, script: string, end: (reason: string) => void): void {
  worker.onerror = (event: Event & { readonly message?: string }) => {
    event.preventDefault(); // otherwise the error goes on to the worker's owner, as if the owner had failed
    // if a script cannot be loaded, the event has no message
    end(event.message ?? `its script ${script} could not be loaded; see the console`);
  };
}

/**
 * The handle of a worker that will answer a greeting through `line`.
 * @param watch Receives a function to call when the worker fails. The end of the worker is detected here.
 */
export function handleAt(
  line: Worker | MessagePort,
  watch: (end: (reason: string) => void) => void,
  terminate: () => void,
): WorkerHandle {
  const ends: ((reason: string) => void)[] = [];
  const end = (reason: string) => {
    for (const listener of ends) listener(reason);
  };
  watch(end);
  const ready = new Promise<void>((resolve, reject) => {
    line.onmessage = ({ data }: MessageEvent<Ready>) => {
      if (data.lock !== undefined) awaitEnd(data.lock, end);
      resolve();
    };
    ends.push((reason) => reject(new Error(reason)));
  });
  return {
    ready,
    post: (message, transfer = []) => line.postMessage(message, [...transfer]),
    onMessage(listener) {
      line.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
    },
    onEnd: (listener) => void ends.push(listener),
    hold: () => {}, // a page stays open anyway
    terminate,
  };
}

function awaitEnd(lock: string, end: (reason: string) => void): void {
  void navigator.locks.request(lock, () => end('it was terminated or crashed'));
}
