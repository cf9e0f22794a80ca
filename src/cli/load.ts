/** Models from files, for the commands that take a model. @module */

import type { Tensor } from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { modelOf } from '../formats/convlet/loadModel.ts';
import { decodeModel } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { decodeSafetensors, readMetadata } from '../formats/safetensors/safetensors.ts';
import { createBackend } from '../model/createBackend.ts';
import type { Model } from '../model/model.ts';
import { readTensors } from './fileKind.ts';

/** Reads a model's file. @throws {Error} in one line, if it is no model. */
export async function readModelFile(file: string): Promise<ModelFile> {
  return decodeModel(await readTensors(file), file);
}

/** The model of a file, ready to use. */
export async function loadModel(file: ModelFile): Promise<Model> {
  return modelOf(await createBackend(), file);
}

/** The first weights of a run, and their network if the file names it. */
export interface InitialWeights {
  readonly file: string;
  readonly spec: ModelSpec | undefined;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Reads a model, or any safetensors file with a model's tensors: another program may have written it. */
export async function readInitialWeights(file: string): Promise<InitialWeights> {
  const bytes = await readTensors(file);
  if (Object.hasOwn(readMetadata(bytes, file), 'convlet.spec')) {
    const { spec, weights } = decodeModel(bytes, file);
    return { file, spec, weights };
  }
  return { file, spec: undefined, weights: decodeSafetensors(bytes, file).tensors };
}

/** Gives a model its first weights. @throws {Error} that names the file and the tensor that does not fit. */
export function applyInitialWeights(model: Model, { file, weights }: InitialWeights): void {
  try {
    model.setWeights(weights);
  } catch (cause) {
    const { message } = cause as Error;
    const reason = message.replace('setWeights: ', '').replace(/(?<=\.) [A-Z].*$/, ''); // the advice differs here
    throw new Error(`--init: ${file}: ${reason} Use weights of this network, or --model.`, {
      cause,
    });
  }
}
