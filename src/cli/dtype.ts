/** The option `--dtype` of `convlet export`: the model to write in the precision asked for. @module */

import { describe } from '../base/errors.ts';
import { nearest } from '../base/options.ts';
import { checkSameShape } from '../base/shape.ts';
import { modelOf } from '../formats/convlet/loadModel.ts';
import type { Dtype } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { createBackend } from '../model/createBackend.ts';
import { quantizeModel } from '../model/int8/quantizeModel.ts';
import type { Model } from '../model/model.ts';
import { calibrationImages, loadModelData } from './modelData.ts';
import { UsageError } from './options.ts';

/** The precisions of the formats that have several. */
const DTYPES: Readonly<Record<string, readonly Dtype[]>> = {
  safetensors: ['f32', 'f16', 'bf16', 'int8'],
  c: ['f32', 'int8'],
};

/** The name of a precision. */
export function dtypeOption(text: string): Dtype {
  const all = DTYPES.safetensors ?? [];
  const found = all.find((dtype) => dtype === text);
  if (found !== undefined) return found;
  throw new UsageError(
    `--dtype: expected ${all.join(', ')}, got ${describe(text)}. ${nearest(text, all, 'Use one of these.')}`,
  );
}

/** Throws unless a format has the precision that is asked for, and data are given for int8 alone. */
export function checkDtype(
  format: string,
  dtype: Dtype | undefined,
  data: string | undefined,
): void {
  const known = Object.hasOwn(DTYPES, format) ? DTYPES[format] : undefined;
  if (dtype !== undefined && known === undefined) {
    throw new UsageError(
      `--dtype: expected --format ${Object.keys(DTYPES).join(' or ')}, got --format ${format}. Leave it out.`,
    );
  }
  if (dtype !== undefined && !known?.includes(dtype)) {
    throw new UsageError(
      `--dtype: expected ${known?.join(' or ')} with --format ${format}, got ${dtype}. Use one of these.`,
    );
  }
  if (data === undefined || dtype === 'int8') return;
  throw new UsageError('--data: expected --dtype int8 beside it, got none. Leave it out.');
}

/** The model of a file in memory; in int8 if that is asked for, calibrated on the images at `data`. */
export async function modelIn(
  content: ModelFile,
  dtype: Dtype | undefined,
  data: string = 'mnist',
): Promise<Model> {
  const isInt8 = content.quantization !== undefined;
  if (isInt8 && dtype !== undefined && dtype !== 'int8') {
    throw new Error(
      `--dtype: expected int8 for a model in int8, got ${dtype}. Use the model that it was made of.`,
    );
  }
  const backend = await createBackend();
  const model = modelOf(backend, content);
  if (dtype !== 'int8' || isInt8) return model;
  const loaded = await loadModelData(content, { data, quiet: true });
  checkSameShape(`--data: ${data}: images`, content.spec.inputShape, loaded.train.shape);
  return quantizeModel(backend, model, await calibrationImages(loaded));
}
