/** What the core needs of its host, under Node. `browser.ts` exports the same names. @module */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parentPort, type Transferable } from 'node:worker_threads';
import type { Post } from './handle.ts';

/** The address that a text means: a URL, or a path. */
export function toUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && url.protocol.length > 2 ? url : pathToFileURL(text); // C:\… is a path
}

/**
 * What lies at an address, also in a file, which comes as its bytes: to read a `Response` detaches a buffer, and from
 * then on V8 checks every access to every typed array of the process (plain loops over them: 1.4 to 2 times as long,
 * Node 20).
 */
export async function open(url: URL): Promise<Response | Uint8Array<ArrayBuffer>> {
  return url.protocol === 'file:' ? new Uint8Array(await readFile(url)) : fetch(url);
}

/** Lets timers, signals and I/O have their turn. `setImmediate` costs 6 µs where `setTimeout` costs 1 ms. */
export function yieldTurn(): Promise<void> {
  return setImmediate();
}

/** Threads that this machine runs at a time. */
export function coreCount(): number {
  return availableParallelism();
}

/** Why this thread cannot wait for others; undefined where it can. */
export function threadObstacle(): string | undefined {
  return undefined;
}

/** In a worker: hears messages, and says that it does. @returns how to answer. */
export function listen<Message>(onMessage: (message: Message) => void): Post {
  parentPort?.on('message', onMessage);
  const post: Post = (message, transfer = []) =>
    parentPort?.postMessage(message, transfer as Transferable[]);
  post('ready');
  return post;
}
