/**
 * Where the compiled kernels lie: beside the compiled library, in Node and in a page.
 *
 * Bundlers look for exactly these literals, copy the files and insert their own addresses. The addresses are resolved on
 * demand, not on loading: a worker made from a Blob has no base to resolve against.
 * @module
 */

/** Address of the WebAssembly module: the plain module, or the module for threads. */
export function kernelsUrl(isThreaded: boolean): URL {
  return isThreaded
    ? new URL('../kernels.threads.wasm', import.meta.url)
    : new URL('../kernels.wasm', import.meta.url);
}
