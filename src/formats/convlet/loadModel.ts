/** From the bytes of a file to a model that is ready to use. @module */
import type { Backend } from '../../model/backend.ts';
import { Int8Model } from '../../model/int8/int8Model.ts';
import { createModel, type Model } from '../../model/model.ts';
import { decodeModel } from './modelFile.ts';
import type { ModelFile } from './source.ts';

/**
 * The model of a file, or of a checkpoint, with its weights, its seed and its loss; an `Int8Model` if the file holds whole
 * numbers.
 * @param where Names the bytes in messages.
 * @throws {FormatError} as `decodeModel` does.
 */
export function loadModel(backend: Backend, bytes: Uint8Array, where: string = 'loadModel'): Model {
  return modelOf(backend, decodeModel(bytes, where));
}

/** The same from what a file holds. */
export function modelOf(
  backend: Backend,
  { spec, weights, quantization, ...options }: ModelFile,
): Model {
  if (quantization !== undefined) return new Int8Model(backend, { spec, quantization, ...options });
  const model = createModel(backend, spec, options);
  model.setWeights(weights);
  return model;
}
