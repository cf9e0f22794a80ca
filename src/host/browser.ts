/** What the core needs of its host, in a page or a web worker. `node.ts` exports the same names. @module */
import type { Greeting, Ready } from './browserHandle.ts';
import type { Post } from './handle.ts';

/** The address that a text means, seen from this page or worker. @throws {TypeError} where it means none. */
export function toUrl(text: string): URL {
  return new URL(text, globalThis.location.href);
}

/** What lies at an address. */
export function open(url: URL): Promise<Response | Uint8Array<ArrayBuffer>> {
  return fetch(url);
}

/** Lets events and painting have their turn. A message costs 10 µs where nested timers wait 4 ms. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Threads that this machine runs at a time. */
export function coreCount(): number {
  return navigator.hardwareConcurrency;
}

/** Why this thread cannot wait for others; undefined where it can. */
export function threadObstacle(): string | undefined {
  if (!globalThis.crossOriginIsolated) {
    return 'a page that is not cross-origin isolated has no shared memory';
  }
  return typeof WorkerGlobalScope === 'undefined'
    ? "a page's main thread may not wait for others"
    : undefined;
}

/**
 * In a worker: hears messages, and says that it does. @returns how to answer.
 *
 * The first message is a greeting, and only its answer proves that messages pass: see `browserHandle.ts`. It may bring a
 * port, which messages take from then on.
 *
 * Nobody is told when a worker is gone, by `terminate()`, `close()` or a crash. But a lock that it held is then free: it
 * tells the lock's name, and `browserHandle.ts` waits for it. (Locks: secure contexts only.)
 */
export function listen<Message>(onMessage: (message: Message) => void): Post {
  let line: MessagePort | typeof globalThis = globalThis;
  globalThis.onmessage = ({ data: greeting }: MessageEvent<Greeting>) => {
    line = greeting.line ?? globalThis;
    line.onmessage = ({ data }: MessageEvent<Message>) => onMessage(data);
    sayReady((ready) => line.postMessage(ready));
  };
  return (message, transfer = []) => line.postMessage(message, [...transfer]);
}

function sayReady(post: (message: Ready) => void): void {
  const ready = (lock?: string) => post({ lock });
  if (navigator.locks === undefined) {
    ready();
  } else {
    const name = `convlet-${crypto.randomUUID()}`;
    const held = navigator.locks.request(name, () => {
      ready(name);
      return new Promise(() => {}); // until the worker is gone
    });
    held.catch(() => ready()); // an origin without a name, as in a sandboxed frame, has no locks
  }
}
