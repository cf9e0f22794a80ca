/** Convlet as a user gets it: whole epochs of `model.fit`. Arguments: FOLDER THREADS [wide]. */
import { createBackend, createModel, optimizers } from '../../../dist/index.js';
import { serve } from '../protocol.js';
import { slice } from '../work.js';

await serve(async (work) => {
  const wide = process.argv[4] === 'wide';
  const backend = await createBackend({ threads: Number(process.argv[3]), wide });
  if (wide && !backend.wide)
    throw new Error('wide vectors: the engine has none that compute the same bytes');
  const model = createModel(backend, work.spec);
  const { batchSize, learningRate } = work;
  const options = { batchSize, optimizer: optimizers.sgd({ learningRate }) };
  const first = (steps) => {
    const count = Math.min(steps * batchSize, work.labels.length);
    return { ...slice(work, 0, count), shape: work.spec.inputShape, classes: 10 };
  };
  return {
    version: `Node ${process.versions.node}`,
    async verify(steps) {
      model.setWeights(work.weights);
      const losses = [];
      const onStepEnd = ({ loss }) => losses.push(loss);
      await model.fit(first(steps), { ...options, shuffle: false, onStepEnd });
      return losses;
    },
    /** One call of `fit`. An epoch lasts from event to event; the first begins with the call. */
    async train(steps, times) {
      const ms = [];
      let last = performance.now();
      const onEpochEnd = () => {
        const now = performance.now();
        ms.push(now - last);
        last = now;
      };
      const { epochs } = await model.fit(first(steps), { ...options, epochs: times, onEpochEnd });
      const { loss, accuracy } = epochs.at(-1);
      return { ms, loss, accuracy };
    },
  };
});
