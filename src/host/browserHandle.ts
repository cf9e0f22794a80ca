/** A web worker behind the handle that the core knows. @module */
import type { WorkerHandle } from './handle.ts';

/** What `listen` says first. */
interface Ready {
  readonly lock?: string | undefined;
}

/** @param script Its name, for messages. */
export function handleOf(worker: Worker, script: string): WorkerHandle {
  const ends: ((reason: string) => void)[] = [];
  const end = (reason: string) => {
    for (const listener of ends) listener(reason);
  };
  worker.onerror = (event: Event & { readonly message?: string }) => {
    event.preventDefault(); // else it goes on to the worker's owner, as if that had failed
    // a script that cannot be loaded is an event without a message
    end(event.message ?? `its script ${script} could not be loaded; see the console`);
  };
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Ready>) => {
      if (data.lock !== undefined) awaitEnd(data.lock, end);
      resolve();
    };
    ends.push((reason) => reject(new Error(reason)));
  });
  // Chromium keeps what a worker posts to a worker of its own until the first has heard, in its event loop, that the script
  // of the second has run. One that goes on to wait in shared memory never hears it (whatwg/html issue 5485), but it has
  // once the second answers
  worker.postMessage('hello');
  return {
    ready,
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    onMessage(listener) {
      worker.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
    },
    onEnd: (listener) => void ends.push(listener),
    hold: () => {}, // a page stays open without
    terminate: () => worker.terminate(),
  };
}

function awaitEnd(lock: string, end: (reason: string) => void): void {
  void navigator.locks.request(lock, () => end('it was terminated or crashed'));
}
