/** What the reader takes along: the network in every format, and a checkpoint. @module */
import type { Checkpoint, Dataset } from 'convlet';
import { encodeCheckpoint, encodeModel, type ModelFile } from 'convlet/formats';
import type { Download } from './download.ts';

type Files = Promise<readonly Download[]>;

/** Loaded when a file is asked for. */
const encoders = () => import('./encoders.ts');

/** The formats of a network. */
export const exporters = {
  safetensors: async (model: ModelFile): Files => [
    { name: 'model.safetensors', bytes: encodeModel(model) },
  ],
  f16: async (model: ModelFile): Files => [
    { name: 'model-f16.safetensors', bytes: encodeModel(model, { dtype: 'f16' }) },
  ],
  bf16: async (model: ModelFile): Files => [
    { name: 'model-bf16.safetensors', bytes: encodeModel(model, { dtype: 'bf16' }) },
  ],
  onnx: async (model: ModelFile): Files => [
    { name: 'model.onnx', bytes: await (await encoders()).encodeOnnx(model) },
  ],
  npz: async (model: ModelFile): Files => [
    { name: 'model.npz', bytes: await (await encoders()).encodeNpz(model) },
  ],
  tfjs: async (model: ModelFile): Files =>
    Object.entries((await encoders()).encodeTfjs(model)).map(([name, bytes]) => ({ name, bytes })),
  c: async (model: ModelFile): Files => [
    { name: 'model.c', bytes: await (await encoders()).encodeFloatC(model) },
  ],
};

/** Its formats in whole numbers, whose scales follow from training images. */
export const int8Exporters = {
  safetensors: async (model: ModelFile, train: Dataset): Files => [
    { name: 'model-int8.safetensors', bytes: await (await encoders()).encodeInt8(model, train) },
  ],
  c: async (model: ModelFile, train: Dataset): Files => [
    { name: 'model-int8.c', bytes: await (await encoders()).encodeInt8C(model, train) },
  ],
};

export function checkpointFile(checkpoint: Checkpoint): Download {
  return { name: 'checkpoint.convlet', bytes: encodeCheckpoint(checkpoint) };
}
