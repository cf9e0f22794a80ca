/**
 * Where the files of the library lie: beside the compiled library, in Node and in a page.
 *
 * Bundlers look for exactly these literals, copy the files and insert their own addresses. The addresses are resolved on
 * demand, not on loading: a worker made from a Blob has no base to resolve against.
 * @module
 */

/** Address of the WebAssembly module: the plain module, or the module for threads. @throws {Error} as `addressOf` */
export function kernelsUrl(isThreaded: boolean): URL {
  return isThreaded
    ? addressOf(
        'kernels.threads.wasm',
        () => new URL('../kernels.threads.wasm', import.meta.url),
        ADVICE,
      )
    : addressOf('kernels.wasm', () => new URL('../kernels.wasm', import.meta.url), ADVICE);
}

const ADVICE =
  '. In a bundle for Node, mark convlet as external or import convlet/inline; or pass { wasm }.';

/** The address of a file. @throws {Error} if a bundler has taken away the base that the address is relative to. */
export function addressOf(name: string, resolve: () => URL, advice = ''): URL {
  try {
    return resolve();
  } catch (cause) {
    throw new Error(
      `convlet: expected ${name} beside this bundle, but the bundle does not know its own address (import.meta.url)${advice}`,
      { cause },
    );
  }
}
