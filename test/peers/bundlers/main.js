/** What a user of a bundler writes: trains on the page's own thread, in a worker, and with the kernels inside. */
import { createBackend, createModel, layers, optimizers } from 'convlet';
import { createBackend as createInlineBackend } from 'convlet/inline';
import { loadFile, saveFile } from 'convlet/storage';
import { createWorkerBackend } from 'convlet/worker';

const spec = {
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 6, kernelSize: 3 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
};
const images = Uint8Array.from({ length: 200 * 144 }, (_, i) => (i * i) % 251);
const labels = Uint8Array.from({ length: 200 }, (_, i) => i % 10);
const data = { images, labels, shape: [1, 12, 12], classes: 10 };
const options = { epochs: 3, batchSize: 32, optimizer: optimizers.adam() };

async function train(model) {
  await model.fit(data, options);
  return model.weightsSha256();
}

async function run() {
  const page = await train(createModel(await createBackend(), spec));
  const inline = await train(createModel(await createInlineBackend(), spec));
  const backend = await createWorkerBackend({ threads: 'auto' });
  const worker = await train(await backend.createModel(spec));
  await saveFile('x', images);
  const stored = (await loadFile('x'))?.length === images.length;
  return { hashes: [page, inline, worker], threads: backend.threads, stored };
}

globalThis.outcome = run();
