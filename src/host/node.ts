/** What the core needs from its host, under Node. `browser.ts` exports the same names. @module */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parentPort, type Transferable } from 'node:worker_threads';
import type { Post } from './handle.ts';

/** The URL that a text stands for: the text is a URL or a path. */
export function toUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && url.protocol.length > 2 ? url : pathToFileURL(text); // C:\… is a path
}

/**
 * Fetches what lies at an address. A file comes as its bytes, not as a `Response`: reading a `Response` detaches a buffer,
 * and from then on V8 checks every access to every typed array of the process.
 * Measured: plain loops over typed arrays then take 1.4 to 2 times as long (Node 20).
 */
export async function open(url: URL): Promise<Response | Uint8Array<ArrayBuffer>> {
  if (!URL.canParse(String(url))) {
    throw new Error('a bundler made of it an address for pages'); // webpack for a server, by an object like a URL
  }
  return url.protocol === 'file:' ? new Uint8Array(await read(url)) : fetch(url);
}

async function read(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(url);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw isMissing ? new Error('there is no such file', { cause }) : cause;
  }
}

/** What to do if `open` fails. */
export const FETCH_ADVICE =
  'Check the path. In a bundle for Node, mark convlet as external, copy the file there, or import convlet/inline.';

/** Lets timers, signals and I/O have their turn. `setImmediate` costs 6 µs, `setTimeout` 1 ms. */
export function yieldTurn(): Promise<void> {
  return setImmediate();
}

/** How many threads this machine runs at a time. */
export function coreCount(): number {
  return availableParallelism();
}

/** Why this thread cannot wait for others; undefined if it can. */
export function threadObstacle(): string | undefined {
  return undefined;
}

/** In a worker: starts listening to messages, and reports that it does. @returns a function that posts an answer. */
export function listen<Message>(onMessage: (message: Message) => void): Post {
  parentPort?.on('message', onMessage);
  const post: Post = (message, transfer = []) =>
    parentPort?.postMessage(message, transfer as Transferable[]);
  post('ready');
  return post;
}
