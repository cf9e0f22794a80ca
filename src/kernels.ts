/** The kernels without the library: `convlet/kernels`. @module */
export { ABI_VERSION, type Kernels } from './wasm/kernels.ts';
export {
  type KernelArena,
  type LoadedKernels,
  type LoadOptions,
  loadKernels,
} from './wasm/loadKernels.ts';
export type { WasmSource } from './wasm/source.ts';
