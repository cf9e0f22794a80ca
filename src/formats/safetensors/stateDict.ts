/** PyTorch's state dicts as safetensors files. @module */
import { checkSpec, type ModelSpec } from '../../compile/spec.ts';
import { fromTensors } from '../network/fromTensors.ts';
import type { ImportedModel } from '../network/imported.ts';
import { checkFile, decodeSafetensors, GIVEN } from './safetensors.ts';

/**
 * The model of a state dict: `save_file(module.state_dict(), path)`. A file has no network, so `spec` says it; its layers need
 * the names of the module's, or none if the module is a `Sequential` of the same layers.
 * @param where Names the bytes in messages.
 * @throws {FormatError} if it is no safetensors file of f32, or its tensors are not those of the network.
 */
export function decodeStateDict(
  bytes: Uint8Array,
  spec: ModelSpec,
  where: string = GIVEN,
): ImportedModel {
  checkFile('decodeStateDict', bytes, where);
  const checked = checkSpec(spec);
  return fromTensors(where, checked, decodeSafetensors(bytes, where).tensors);
}
