/**
 * Where the compiled kernels lie: beside the compiled library, in Node and in a page.
 *
 * Bundlers look for just these literals, copy the files and put their own addresses. They are resolved when asked for,
 * not on loading: in a worker made from a Blob there is nothing to resolve against.
 * @module
 */

/** Address of the WebAssembly module: the plain one, or the one for threads. */
export function kernelsUrl(isThreaded: boolean): URL {
  return isThreaded
    ? new URL('../kernels.threads.wasm', import.meta.url)
    : new URL('../kernels.wasm', import.meta.url);
}
