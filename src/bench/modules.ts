/** The WebAssembly modules of a run: the measured kernels, and the program that measures the machine. @module */
import { compileWide, widen } from '#host/wide';
import type { WasmModule } from '../base/engine.ts';
import { kernelsUrl } from '../host/files.ts';
import { compileWasm } from '../wasm/module.ts';
import { bytesOf } from '../wasm/source.ts';

/** The bytes of dist/kernels.wasm. */
export function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  return bytesOf('bench', kernelsUrl(false));
}

/** The measured kernels, compiled. @throws {RangeError} if wide vectors are asked for and not there. */
export async function compileKernels(
  isAsked: boolean,
): Promise<{ readonly module: WasmModule; readonly isWide: boolean }> {
  const url = kernelsUrl(false);
  if (isAsked) return widen('bench', url, false);
  return { module: await compileWasm('bench', url), isWide: false };
}

/** dist/bench/peak.wasm, from bench/assembly/peak.ts, compiled as the kernels are that it is compared with. */
export async function compilePeak(isWide: boolean): Promise<WasmModule> {
  // a literal, as bundlers look for exactly this
  const bytes = await bytesOf('bench', new URL('./peak.wasm', import.meta.url));
  return isWide ? compileWide(bytes) : WebAssembly.compile(bytes);
}
