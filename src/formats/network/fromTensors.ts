/** Tensors that another program named after a network of ours: PyTorch's state dicts, NumPy's archives. @module */
import type { Tensor } from '../../base/types.ts';
import { inferNetwork } from '../../compile/network.ts';
import { checkSpec, type ModelSpec } from '../../compile/spec.ts';
import { checkWeights } from '../../model/weights.ts';
import { inFile } from '../convlet/content.ts';
import { isCounter } from '../safetensors/header.ts';
import type { ImportedModel } from './imported.ts';

/**
 * The model of a network and its tensors. torch's counts `num_batches_tracked` are left out.
 * @throws {TypeError | RangeError | ShapeError} if `spec` is no network. @throws {FormatError} that names the file, if the tensors
 * are not those of the network.
 */
export function fromTensors(
  where: string,
  spec: ModelSpec,
  tensors: Iterable<readonly [name: string, tensor: Tensor]>,
): ImportedModel {
  const checked = checkSpec(spec);
  const network = inferNetwork(checked);
  const weights = new Map([...tensors].filter(([name]) => !isCounter(name)));
  inFile(where, () => checkWeights('weights', network, weights));
  return { spec: checked, weights };
}
