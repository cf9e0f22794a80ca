/** `createBackend` of the entries whose kernels are files of their own. @module */
import { startThread } from '#host/thread';
import { kernelsUrl } from '../host/files.ts';
import { type Backend, startBackend } from './backend.ts';
import type { BackendOptions } from './backendOptions.ts';

/**
 * Loads and compiles the kernels, and starts the threads.
 *
 * @throws {TypeError | RangeError} where `threads` is neither `'auto'` nor a whole number from 1 to 8, where this
 * thread cannot wait for others, or where `wasm` is nothing that a module could come from.
 * @throws {Error} where the WebAssembly module cannot be had or compiled, a worker does not start, or this engine has no
 * SIMD.
 */
export function createBackend(options: BackendOptions = {}): Promise<Backend> {
  return startBackend(options, { wasm: kernelsUrl, startThread });
}
