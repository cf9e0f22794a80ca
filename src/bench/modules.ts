/** The WebAssembly modules of a run: the measured kernels, and the program that measures the machine. @module */
import { kernelsUrl } from '../host/files.ts';
import { readWasm } from '../wasm/source.ts';

/** The bytes of dist/kernels.wasm. */
export function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  return readWasm('bench', kernelsUrl(false));
}

/** The bytes of dist/bench/peak.wasm, from bench/assembly/peak.ts. */
export function readPeak(): Promise<Uint8Array<ArrayBuffer>> {
  // a literal, as bundlers look for exactly this
  return readWasm('bench', new URL('./peak.wasm', import.meta.url));
}
