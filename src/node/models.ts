/** Models in files. @module */

import { checkText } from '../base/checks.ts';
import { loadModel as loadFromBytes } from '../formats/convlet/loadModel.ts';
import { encodeModel } from '../formats/convlet/modelFile.ts';
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

/** Writes a model; a file of that name is replaced, whole or not at all. @throws {Error} if it cannot be written. */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}
