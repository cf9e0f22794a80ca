/** `averageWeights`: the average by its formula, what is measured with it, and what the model keeps. */
import {
  type Checkpoint,
  createModel,
  type FitOptions,
  layers,
  type ModelSpec,
  optimizers,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const data = strokes(50); // four updates an epoch
const options: FitOptions = {
  epochs: 3,
  batchSize: 16,
  optimizer: optimizers.momentum({ learningRate: 0.05 }),
};

const withNorm: ModelSpec = {
  ...spec,
  layers: [
    spec.layers[0] as ModelSpec['layers'][number],
    layers.batchNorm(),
    ...spec.layers.slice(1),
  ],
};

describe('the average', () => {
  it.each([
    ['by default', {}, (t: number) => Math.min(0.999, (1 + t) / (10 + t))],
    ['without warmup', { decay: 0.7, warmup: false }, () => 0.7],
    ['with warmup', { decay: 0.3 }, (t: number) => Math.min(0.3, (1 + t) / (10 + t))],
    ['that keeps nothing', { decay: 0, warmup: false }, () => 0],
  ])('follows its formula over the weights of every update: %s', async (_name, average, keep) => {
    const start = createModel(backend(), withNorm, { seed: 4 }).weights();
    const plain = createModel(backend(), withNorm, { seed: 4 });
    const expected = new Map([...start].map(([name, { data }]) => [name, Float64Array.from(data)]));
    let t = 0;
    await plain.fit(data, {
      ...options,
      checkpointEvery: 1,
      onCheckpoint({ weights }) {
        const d = keep(++t);
        for (const [name, values] of expected) {
          const now = weights.get(name)?.data ?? [];
          const isRunning = name.includes('running'); // the current ones, not averaged
          for (const [i, value] of values.entries()) {
            values[i] = isRunning ? (now[i] ?? 0) : d * value + (1 - d) * (now[i] ?? 0);
          }
        }
      },
    });
    const model = createModel(backend(), withNorm, { seed: 4 });
    await model.fit(data, { ...options, averageWeights: average });
    expect(t).toBe(12);
    for (const [name, { data }] of model.weights())
      expectClose(data, expected.get(name) ?? [], 1e-6);
  });

  it('does not change what is trained', async () => {
    const weightsOf = async (given: FitOptions) => {
      const kept: Checkpoint[] = [];
      const model = createModel(backend(), withNorm, { seed: 4 });
      const onCheckpoint = (checkpoint: Checkpoint) => void kept.push(checkpoint);
      const { epochs } = await model.fit(data, { ...options, ...given, onCheckpoint });
      return {
        weights: kept.map(({ weights }) => weights),
        losses: epochs.map(({ loss }) => loss),
      };
    };
    expect(await weightsOf({ averageWeights: {} })).toEqual(await weightsOf({}));
  });

  it('counts updates, not batches, if batches share one', async () => {
    const run = async (given: FitOptions) => {
      const model = createModel(backend(), spec, { seed: 4 });
      await model.fit(data, { ...options, averageWeights: { decay: 0.9 }, ...given });
      return model.weights();
    };
    const shared = await run({ batchSize: 5, accumulate: 2, shuffle: false });
    const whole = await run({ batchSize: 10, shuffle: false });
    for (const [name, { data }] of shared) expectClose(data, whole.get(name)?.data ?? [], 1e-5);
  });
});

describe('while a fit averages', () => {
  const test = strokes(30, 2);

  it('validation, evaluation and prediction use the average, weights() what is trained', async () => {
    const named: ModelSpec = {
      ...withNorm,
      layers: withNorm.layers.map((layer, i) => (i === 5 ? { ...layer, name: 'scores' } : layer)),
    };
    const model = createModel(backend(), named, { seed: 4 });
    const predictions = async () => {
      const { data, outputs } = model.predict(test.images, { outputs: ['scores'] });
      return { loss: model.evaluate(test).loss, data, scores: outputs.scores?.data };
    };
    const measured: unknown[] = [];
    const kept: Checkpoint[] = [];
    await model.fit(data, {
      ...options,
      averageWeights: {},
      validationData: test,
      onCheckpoint: (checkpoint) => void kept.push(checkpoint),
      async onEpochEnd({ validationLoss }) {
        const results = await predictions();
        expect(results.loss).toBe(validationLoss);
        measured.push(results, model.weights());
      },
    });
    const expected: unknown[] = [];
    for (const { weights, average = new Map() } of kept) {
      model.setWeights(new Map([...weights, ...average]));
      expected.push(await predictions(), weights);
    }
    expect(measured).toHaveLength(6);
    expect(measured).toEqual(expected);
  });

  it('it becomes the weights at the end, also after maxSteps, and a later fit goes on from it', async () => {
    const run = async (given: FitOptions) => {
      const model = createModel(backend(), spec, { seed: 4 });
      let last: Checkpoint | undefined;
      await model.fit(data, {
        ...options,
        averageWeights: {},
        ...given,
        onCheckpoint: (checkpoint) => {
          last = checkpoint;
        },
      });
      return { model, last };
    };
    for (const given of [{}, { maxSteps: 6 }]) {
      const { model, last } = await run(given);
      const weights = model.weights();
      expect(weights).toEqual(last?.average);
      expect(weights).not.toEqual(last?.weights);
      const { epochs } = await model.fit(data, {
        optimizer: optimizers.sgd({ learningRate: 1e-30 }),
      });
      expect(epochs[0]?.loss).toBeCloseTo(model.evaluate(data).loss, 6);
    }
  });

  it.each<[unknown, string]>([
    [{ decay: 2 }, 'decay'],
    [{ decay: Number.NaN }, 'decay'],
    [{ warmup: 1 }, 'warmup'],
    [{ rate: 1 }, '"rate"'],
    [0.9, 'averageWeights'],
  ])('refuses %j', async (averageWeights, name) => {
    const model = createModel(backend(), spec);
    await expect(model.fit(data, { averageWeights: averageWeights as object })).rejects.toThrow(
      name,
    );
  });
});
