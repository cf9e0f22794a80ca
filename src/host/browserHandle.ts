/** A web worker behind the handle that the core knows. @module */
import type { WorkerHandle } from './handle.ts';

/** What a worker hears first. */
export interface Greeting {
  /** Where messages pass; by the worker itself where there is none. */
  readonly line?: MessagePort;
}

/** What `listen` says first. */
export interface Ready {
  readonly lock?: string | undefined;
}

/** @param script Its name, for messages. */
export function handleOf(worker: Worker, script: string): WorkerHandle {
  const watch = (end: (reason: string) => void) => watchErrors(worker, script, end);
  const handle = handleAt(worker, watch, () => worker.terminate());
  // Chromium keeps what a worker posts to a worker of its own until the first has heard, in its event loop, that the script
  // of the second has run. One that goes on to wait in shared memory never hears it (whatwg/html issue 5485), but it has
  // once the second answers
  worker.postMessage({} satisfies Greeting);
  return handle;
}

/** Calls `end` with the reason when the worker's script fails. */
export function watchErrors(worker: Worker, script: string, end: (reason: string) => void): void {
  worker.onerror = (event: Event & { readonly message?: string }) => {
    event.preventDefault(); // else it goes on to the worker's owner, as if that had failed
    // a script that cannot be loaded is an event without a message
    end(event.message ?? `its script ${script} could not be loaded; see the console`);
  };
}

/**
 * The handle of a worker that will answer a greeting at `line`.
 * @param watch Is given what to call when the worker fails; that it is gone is found out here.
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
    hold: () => {}, // a page stays open without
    terminate,
  };
}

function awaitEnd(lock: string, end: (reason: string) => void): void {
  void navigator.locks.request(lock, () => end('it was terminated or crashed'));
}
