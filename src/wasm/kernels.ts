/**
 * The WebAssembly kernels as TypeScript sees them, and the one place where they are instantiated.
 *
 * Every address is a byte offset into the linear memory; every count is a number of elements. Arguments have the same
 * order everywhere: outputs, inputs, saved values, scratch, sizes, scalars. The head of each kernel's file in `assembly/`
 * describes what the kernel computes; so does docs/abi.md.
 * @module
 */

import { instantiateSync } from '@assemblyscript/loader';
import type { WasmMemory, WasmModule } from '../base/engine.ts';
import type { Kernels } from './signatures.ts';

export type { Kernels } from './signatures.ts';

/** Names of the kernels. */
export type KernelName = keyof Kernels;

/** The ABI that this library calls. The version of a module is checked against this number. */
export const ABI_VERSION = 1;

/**
 * Instantiates the compiled kernels over `memory`.
 * @throws {Error} if the module was built for another version of this library.
 */
export function instantiateKernels(module: WasmModule, memory: WasmMemory): Kernels {
  // the loader writes into the import object, so it gets a fresh one; the loader's `exports` wrap every kernel in a
  // rest-argument function, so the exports of the instance are used
  const { instance } = instantiate(module, memory);
  const kernels = instance.exports as Kernels;
  const version = kernels.abiVersion?.();
  if (version !== ABI_VERSION) {
    throw new Error(
      `kernels: expected a module of ABI version ${ABI_VERSION}, got ${version ?? 'one without'}. Use the .wasm and the JavaScript of one release.`,
    );
  }
  return kernels;
}

function instantiate(module: WasmModule, memory: WasmMemory) {
  try {
    return instantiateSync<Kernels>(module, { env: { memory } });
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    const [expected, found] =
      memory.buffer instanceof ArrayBuffer
        ? ['kernels.wasm', 'kernels.threads.wasm']
        : ['kernels.threads.wasm', 'kernels.wasm'];
    throw new Error(
      `kernels: expected ${expected}, got ${found} or another module. Use the right one.`,
      {
        cause,
      },
    );
  }
}
