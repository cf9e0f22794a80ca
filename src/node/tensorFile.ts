/** Reads safetensors files: models, checkpoints, weights. @module */
import { checkStart, START_BYTES } from '../formats/safetensors/safetensors.ts';
import { readInput } from './files.ts';

/**
 * The bytes of a file. If it is no such file, which may be as large as a disk, only its beginning is read.
 * @throws {Error} in one line, if it cannot be read. @throws {FormatError} if it is no safetensors file.
 */
export function readTensorFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return readInput(path, { startBytes: START_BYTES, checkStart });
}
