/** What the reader takes along: weights, ONNX, a checkpoint, the program. @module */
import type { Checkpoint } from 'convlet';
import { encodeCheckpoint, encodeModel, encodeOnnx, type ModelFile } from 'convlet/formats';

/** A file to be. */
export interface Download {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

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

/** Hands a file to the browser's downloads. */
export function download({ name, bytes }: Download): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
