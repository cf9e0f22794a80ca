/** What the reader takes along: weights, ONNX, a checkpoint, the program. @module */
import type { Checkpoint } from 'convlet';
import { encodeCheckpoint, encodeModel, encodeOnnx, type ModelFile } from 'convlet/formats';
import type { Download } from './download.ts';
import type { Settings } from './settings.ts';

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

/** The program that learns the same in Node: with the digits of this page, to the same bits. */
export function snippetOf(
  model: Pick<ModelFile, 'spec'>,
  settings: Settings,
  trainSamples: number | undefined,
): string {
  const { learningRate, batchSize, optimizer, seed, epochs } = settings;
  const spec = JSON.stringify(model.spec, undefined, 2)
    .replaceAll(/"(\w+)":/g, '$1:')
    .replaceAll('"', "'")
    .replaceAll(/\[\s+(\d[\d,\s]*)\s+\]/g, (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`)
    .replaceAll(
      /\{\n\s+(type: [^{}]*?)\n\s+\}/g,
      (_, inner: string) => `{ ${inner.replaceAll(/\n\s+/g, ' ')} }`,
    );
  const data =
    trainSamples === undefined
      ? "await loadMnist({ data: 'DIR' }); // the folder of the IDX files"
      : `await loadMnist({ trainSamples: ${trainSamples} });`;
  return `import { createBackend, createModel, optimizers } from 'convlet';
import { loadMnist } from 'convlet/node';

const backend = await createBackend({ threads: 'auto' });
const { train, test } = ${data}
const model = createModel(
  backend,
  ${spec.replaceAll('\n', '\n  ')},
  { seed: ${seed} },
);
await model.fit(train, {
  epochs: ${epochs},
  batchSize: ${batchSize},
  optimizer: optimizers.${optimizer}({ learningRate: ${learningRate} }),
  validationData: test,
  onEpochEnd: ({ epoch, loss, validationAccuracy }) => console.log(epoch, loss, validationAccuracy),
});
console.log(await model.weightsSha256()); // the same wherever it runs
`;
}
