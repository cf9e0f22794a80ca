/** The module that is measured. @module */
import { readFile } from 'node:fs/promises';
import { kernelsUrl } from '../host/files.ts';

/** The bytes of dist/kernels.wasm. */
export async function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(kernelsUrl(false)));
}
