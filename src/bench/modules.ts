/** The WebAssembly modules of a run: the kernels that are measured, and the program that measures the machine. @module */
import { open } from '#host';
import { kernelsUrl } from '../host/files.ts';
import { readResponse } from '../wasm.ts';

/** The bytes of dist/kernels.wasm. */
export async function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  return readResponse(await open(kernelsUrl(false)));
}

/** Of dist/bench/peak.wasm, from bench/assembly/peak.ts. */
export async function readPeak(): Promise<Uint8Array<ArrayBuffer>> {
  // a literal: bundlers look for just this
  return readResponse(await open(new URL('./peak.wasm', import.meta.url)));
}
