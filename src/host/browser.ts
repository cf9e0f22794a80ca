/** What the core needs from its host, in a page or a web worker. `node.ts` exports the same names. @module */
import type { Greeting, Ready } from './browserHandle.ts';
import type { Post } from './handle.ts';

/** The URL that a text stands for, relative to this page or worker. @throws {TypeError} if the text is not a URL. */
export function toUrl(text: string): URL {
  return new URL(text, globalThis.location.href);
}

/** Fetches what lies at an address. */
export function open(url: URL): Promise<Response | Uint8Array<ArrayBuffer>> {
  return fetch(url);
}

/** Whether this is no page and no web worker: a bundler for Node took the files for pages. */
const isElsewhere = typeof location === 'undefined';
const ELSEWHERE =
  "this bundle has Convlet's code for pages: let the bundler resolve the condition 'node'";

/** What to do if `open` fails. */
export const FETCH_ADVICE: string = isElsewhere
  ? `Under Node, ${ELSEWHERE}, or import convlet/inline.`
  : 'Check the address and the connection; a Content-Security-Policy needs it under connect-src.';

/** Lets events and painting have their turn. A message costs 10 µs; nested timers wait 4 ms. */
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

/** How many threads this machine runs at a time. */
export function coreCount(): number {
  return navigator.hardwareConcurrency;
}

/** Why this thread cannot wait for others; undefined if it can. */
export function threadObstacle(): string | undefined {
  if (isElsewhere) return ELSEWHERE;
  if (!globalThis.crossOriginIsolated) {
    return 'a page that is not cross-origin isolated has no shared memory';
  }
  return typeof WorkerGlobalScope === 'undefined'
    ? "a page's main thread may not wait for others"
    : undefined;
}

/**
 * In a worker: starts listening to messages, and reports that it does. @returns a function that posts an answer.
 *
 * The first message is a greeting. Only the answer to it proves that messages pass: see `browserHandle.ts`. The greeting
 * may bring a port; messages then pass through that port.
 *
 * There is no event for the end of a worker by `terminate()`, `close()` or a crash. But a lock that the worker held is
 * then free: the worker sends the lock's name, and `browserHandle.ts` waits for the lock. (Locks: secure contexts only.)
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
    held.catch(() => ready()); // an opaque origin, as in a sandboxed frame, has no locks
  }
}
