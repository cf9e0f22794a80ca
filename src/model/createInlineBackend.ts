/** `createBackend` of `convlet/inline`. @module */
import { startThread } from '#host/inlineThread';
import { kernels, threads } from '../wasm/inlineKernels.js';
import { type Backend, startBackend } from './backend.ts';
import type { BackendOptions } from './backendOptions.ts';

/** `createBackend` of `convlet`, save that nothing is fetched: the kernels and the script of a thread are inside the JavaScript. */
export function createBackend(options: BackendOptions = {}): Promise<Backend> {
  const wasm = (isThreaded: boolean) => decode(isThreaded ? threads : kernels);
  return startBackend(options, { wasm, startThread });
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
