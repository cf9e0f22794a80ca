/** The WebAssembly modules of a run: the kernels that are measured, and the program that measures the machine. @module */
import { kernelsUrl } from '../host/files.ts';
import { readWasm } from '../wasm/source.ts';

/** The bytes of dist/kernels.wasm. */
export function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  return readWasm('bench', kernelsUrl(false));
}

/** Of dist/bench/peak.wasm, from bench/assembly/peak.ts. */
export function readPeak(): Promise<Uint8Array<ArrayBuffer>> {
  // a literal: bundlers look for just this
  return readWasm('bench', new URL('./peak.wasm', import.meta.url));
}
