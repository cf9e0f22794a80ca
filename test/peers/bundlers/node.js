/** What a user of a bundler for Node writes: trains on one thread and on two. */
import { createBackend, createModel, layers, optimizers } from 'convlet';

const images = Uint8Array.from({ length: 200 * 144 }, (_, i) => (i * i) % 251);
const labels = Uint8Array.from({ length: 200 }, (_, i) => i % 10);

async function train(threads) {
  const backend = await createBackend({ threads });
  const model = createModel(backend, {
    inputShape: [1, 12, 12],
    layers: [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()],
  });
  const data = { images, labels, shape: [1, 12, 12], classes: 10 };
  await model.fit(data, { epochs: 2, batchSize: 32, optimizer: optimizers.adam() });
  backend.dispose();
  return model.weightsSha256();
}

/** The hash of the weights, or the error, by number of threads. */
async function run() {
  const outcomes = [];
  for (const threads of [1, 2]) outcomes.push(await train(threads).catch(String));
  return outcomes;
}

globalThis.outcome = run();
globalThis.outcome.then((outcomes) => console.log(JSON.stringify(outcomes)));
