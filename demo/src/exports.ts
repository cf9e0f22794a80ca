/** What the reader takes along: weights, ONNX, a checkpoint, the program. @module */
import type { Checkpoint } from 'convlet';
import { encodeCheckpoint, encodeModel, encodeOnnx, type ModelFile } from 'convlet/formats';
import type { Download } from './download.ts';

export const exporters = {
  weights: async (model: ModelFile): Promise<Download> => ({
    name: 'model.safetensors',
    bytes: encodeModel(model),
  }),
  onnx: async (model: ModelFile): Promise<Download> => ({
    name: 'model.onnx',
    bytes: new Uint8Array(await encodeOnnx(model)),
  }),
};

export function checkpointFile(checkpoint: Checkpoint): Download {
  return { name: 'checkpoint.convlet', bytes: encodeCheckpoint(checkpoint) };
}
