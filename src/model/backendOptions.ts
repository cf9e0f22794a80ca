/** What `createBackend` can be told. @module */
import { checkInteger, wrongKind } from '../base/checks.ts';
import { anything, type OptionChecks } from '../base/options.ts';
import { MOST_THREADS } from '../compile/plan.ts';
import type { WasmSource, WasmSources } from '../wasm/source.ts';

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
}

export const backendChecks: OptionChecks<BackendOptions> = {
  threads(where, name, value) {
    if (value === 'auto') return;
    if (typeof value !== 'number') throw wrongKind(where, name, "a number or 'auto'", value);
    checkInteger(where, name, value, 1, MOST_THREADS);
  },
  wasm: anything, // namedSources checks it
};
