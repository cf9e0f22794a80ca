/**
 * Convlet with its kernels inside the JavaScript, as base64: for a page in one file, or where a second file cannot be
 * served. The same exports as `convlet`, a third more bytes. Threads still start from a file, thread.js.
 * @module
 */
import { startThread } from '#host/thread';
import { type Backend, type BackendOptions, startBackend } from './backend.ts';
import { kernels, threads } from './inlineKernels.js';

export * from './index.ts';

/** `createBackend` of `convlet`, save that nothing is fetched. It hides the one among the exports above. */
export function createBackend(options: BackendOptions = {}): Promise<Backend> {
  const wasm = (isThreaded: boolean) => decode(isThreaded ? threads : kernels);
  return startBackend(options, { wasm, startThread });
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
