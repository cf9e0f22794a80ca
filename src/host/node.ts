/** What the core needs of its host, under Node. `browser.ts` exports the same names. @module */
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** The bytes of the WebAssembly module that lies beside the compiled library. */
export async function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL('../kernels.wasm', import.meta.url);
  try {
    return new Uint8Array(await readFile(url));
  } catch (cause) {
    throw new Error(`kernels: expected ${url.pathname}, could not read it. Reinstall convlet.`, {
      cause,
    });
  }
}

/** Lets timers, signals and I/O have their turn. `setImmediate` costs 6 µs where `setTimeout` costs 1 ms. */
export function yieldTurn(): Promise<void> {
  return setImmediate();
}
