/** What `createBackend` can be told. @module */
import { checkInteger, wrongKind } from '../base/checks.ts';
import { anything, flag, type OptionChecks } from '../base/options.ts';
import { MOST_THREADS } from '../threads/tasks.ts';
import type { WasmSource, WasmSources } from '../wasm/source.ts';

/** Where kernels come from and how many threads run them. */
export interface BackendOptions {
  /**
   * Threads that train one batch together, from 1 to 8. `'auto'`: as many as the machine runs at a time, and one for a model
   * too small to gain. The trained weights are the same, bit for bit, whatever the number. @default 1
   */
  readonly threads?: number | 'auto';
  /**
   * Where the compiled kernels come from, unless they lie beside the library: kernels.wasm, or both modules by name,
   * of which `threads`, kernels.threads.wasm, is for several threads.
   */
  readonly wasm?: WasmSource | WasmSources;
  /**
   * Has the engine use vectors of 256 bits, under Node 24 or newer on x64. The trained weights are the same, bit for bit: every
   * family of kernels is tried first, and if a byte differs the backend goes on without, with a warning. @default false
   */
  readonly wide?: boolean;
}

export const backendChecks: OptionChecks<BackendOptions> = {
  threads(where, name, value) {
    if (value === 'auto') return;
    if (typeof value !== 'number') throw wrongKind(where, name, "a number or 'auto'", value);
    checkInteger(where, name, value, 1, MOST_THREADS);
  },
  wasm: anything, // namedSources checks it
  wide: flag,
};
