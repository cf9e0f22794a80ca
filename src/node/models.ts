/** Models in files. @module */

import { checkText } from '../base/checks.ts';
import { loadModel as loadFromBytes } from '../formats/convlet/loadModel.ts';
import { type EncodeOptions, encodeModel } from '../formats/convlet/modelFile.ts';
import type { Backend } from '../model/backend.ts';
import type { Model } from '../model/model.ts';
import { writeFileAtomic } from './files.ts';
import { readTensorFile } from './tensorFile.ts';

/**
 * The model of a file, or of a checkpoint, ready to use.
 * @throws {Error} if the file cannot be read. @throws {FormatError} if it is no model.
 */
export async function loadModel(backend: Backend, path: string): Promise<Model> {
  checkText('loadModel', 'path', path);
  return loadFromBytes(backend, await readTensorFile(path), path);
}

/**
 * Writes a model as `encodeModel` does; a file of that name is replaced, whole or not at all.
 * @throws {TypeError | RangeError} as `encodeModel` does. @throws {Error} if it cannot be written.
 */
export async function saveModel(
  model: Model,
  path: string,
  options: EncodeOptions = {},
): Promise<void> {
  checkText('saveModel', 'path', path);
  await writeFileAtomic(path, encodeModel(model, options));
}
