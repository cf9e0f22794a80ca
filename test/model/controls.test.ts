/** Controls of a step: batches that share an update, parts of a batch, clipping, and metrics by name. */
import {
  createBackend,
  createModel,
  type Dataset,
  type FitOptions,
  layers,
  type Model,
  type ModelSpec,
  optimizers,
  type StepEvent,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const data = strokes(50);

async function trained(given: FitOptions, network: ModelSpec = spec) {
  const model = createModel(backend(), network, { seed: 4 });
  const { epochs } = await model.fit(data, { epochs: 2, ...given });
  return { model, epochs, losses: epochs.map(({ loss }) => loss) };
}

function expectSameWeights(got: Model, expected: Model): void {
  const weights = expected.weights();
  expect(weights.size).toBeGreaterThan(0);
  for (const [name, { data }] of got.weights()) {
    expectClose(data, weights.get(name)?.data ?? [], 1e-5);
  }
}

describe('accumulate', () => {
  // 50 images: batches of 7 by threes are 21, 21 and 8, so the last group has fewer batches, the last of them one image
  const small = { batchSize: 7, accumulate: 3 };
  const large = { batchSize: 21 };

  it.each([
    ['sgd', optimizers.sgd({ learningRate: 0.1 })],
    ['adam', optimizers.adam()],
    ['weight decay', optimizers.momentum({ weightDecay: 0.1 })],
    ['clipping of the whole gradient', optimizers.sgd({ learningRate: 0.1, clipNorm: 0.3 })],
    ['cutting of the whole gradient', optimizers.sgd({ learningRate: 0.1, clipValue: 0.01 })],
  ])('updates as the batches together do: %s', async (_name, optimizer) => {
    const [apart, together] = [
      await trained({ ...small, optimizer }),
      await trained({ ...large, optimizer }),
    ];
    expectSameWeights(apart.model, together.model);
    for (const [i, loss] of apart.losses.entries()) {
      expect(loss).toBeCloseTo(together.losses[i] ?? Number.NaN, 5);
    }
  });

  it('of 1 changes no bytes, and of more than an epoch has is one update an epoch', async () => {
    const hash = async (given: FitOptions) => (await trained(given)).model.weightsSha256();
    expect(await hash({ batchSize: 16, accumulate: 1 })).toBe(await hash({ batchSize: 16 }));
    const most = await trained({ batchSize: 16, accumulate: 100 });
    expectSameWeights(most.model, (await trained({ batchSize: 50 })).model);
  });

  it('normalises each batch by itself', async () => {
    const withNorm: ModelSpec = {
      ...spec,
      layers: [layers.batchNorm({ name: 'norm' }), ...spec.layers],
    };
    const run = async (given: FitOptions) => {
      const { model } = await trained({ epochs: 1, shuffle: false, ...given }, withNorm);
      return model.weights().get('norm.running_mean')?.data[0];
    };
    expect(await run(small)).toBe(await run({ batchSize: 7, optimizer: optimizers.adam() }));
    expect(await run(small)).not.toBeCloseTo((await run(large)) ?? 0, 4);
  });

  it('is told step by step, a batch each', async () => {
    const steps: number[] = [];
    await trained({ ...small, epochs: 1, onStepEnd: ({ step }) => steps.push(step) });
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('shards', () => {
  it.each([1, 2, 3, 8, 13, 64])(
    'of %i give the same bytes on any number of threads, and nearly those of eight',
    async (shards) => {
      const hashes: string[] = [];
      for (const threads of [1, 2, 3]) {
        const own = await createBackend({ threads });
        const model = createModel(own, spec, { seed: 4 });
        await model.fit(data, { batchSize: 16, epochs: 2, shards });
        hashes.push(await model.weightsSha256());
        own.dispose();
      }
      expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
      const { model } = await trained({ batchSize: 16, shards });
      expect(await model.weightsSha256()).toBe(hashes[0]);
      expectSameWeights(model, (await trained({ batchSize: 16 })).model);
    },
  );

  it('may change from fit to fit, and with an evaluation between', async () => {
    const run = async (shards: readonly number[], isMeasured: boolean) => {
      const model = createModel(backend(), spec, { seed: 4 });
      for (const count of shards) {
        await model.fit(data, { batchSize: 16, shards: count, optimizer: optimizers.adam() });
        if (isMeasured) model.evaluate(data);
      }
      return model.weightsSha256();
    };
    expect(await run([1, 8, 3], true)).toBe(await run([1, 8, 3], false));
    expect(await run([1, 8, 3], true)).not.toBe(await run([8, 8, 8], false));
  });
});

describe('clipping', () => {
  /** Lengths and largest numbers of the steps that rate 1 takes: the gradients. */
  async function gradientOf(options: { clipNorm?: number; clipValue?: number }) {
    const model = createModel(backend(), spec, { seed: 4 });
    const before = model.weights();
    const optimizer = optimizers.sgd({ learningRate: 1, ...options });
    await model.fit(data, { batchSize: 50, shuffle: false, optimizer });
    return [...model.weights()].flatMap(([name, { data }]) =>
      Array.from(data, (value, i) => (before.get(name)?.data[i] ?? Number.NaN) - value),
    );
  }
  const norm = (numbers: readonly number[]) => Math.hypot(...numbers);

  it('scales a gradient that is too long, and leaves one that is not', async () => {
    const whole = await gradientOf({});
    const most = norm(whole) / 3;
    const clipped = await gradientOf({ clipNorm: most });
    expect(norm(clipped)).toBeCloseTo(most, 5);
    expectClose(
      clipped,
      whole.map((value) => value / 3),
      1e-6,
    );
    expect(await gradientOf({ clipNorm: norm(whole) * 1.01 })).toEqual(whole);
  });

  it('cuts single numbers, either way', async () => {
    const whole = await gradientOf({});
    const clipValue = norm(whole) / 20;
    const cut = await gradientOf({ clipValue });
    const exact = whole.map((value) => Math.min(Math.max(value, -clipValue), clipValue));
    expect(exact).not.toEqual(whole);
    expectClose(cut, exact, 1e-6);
  });
});

describe('metrics by name', () => {
  const metrics = ['macroF1', 'top5', 'accuracy', 'meanAbsoluteError'] as const;

  it('are figures of steps and epochs under their names; those that do not apply are absent', async () => {
    const steps: StepEvent[] = [];
    const model = createModel(backend(), spec);
    const { epochs } = await model.fit(data, {
      metrics,
      batchSize: 16,
      validationSplit: 0.3,
      onStepEnd: (event) => void steps.push(event),
    });
    const own = ['accuracy', 'loss', 'macroF1', 'top5'];
    expect(Object.keys(steps[0] ?? {}).sort()).toEqual([...own, 'epoch', 'step'].sort());
    const ofValidation = own.map((name) => `validation${name[0]?.toUpperCase()}${name.slice(1)}`);
    expect(Object.keys(epochs[0] ?? {}).sort()).toEqual(
      [...own, ...ofValidation, 'epoch', 'imagesPerSecond', 'seconds'].sort(),
    );
  });

  it('are those of evaluate on the same weights and images', async () => {
    const model = createModel(backend(), spec);
    const optimizer = optimizers.sgd({ learningRate: 1e-30 });
    const { epochs } = await model.fit(data, { metrics, optimizer, validationData: data });
    const { macroF1, top5, accuracy } = model.evaluate(data);
    expect(epochs[0]).toMatchObject({ macroF1, top5, accuracy });
    expect(epochs[0]).toMatchObject({
      validationMacroF1: macroF1,
      validationTop5: top5,
      validationAccuracy: accuracy,
    });
  });

  it('do not change training, and may be none', async () => {
    const hash = async (given: FitOptions) => (await trained(given)).model.weightsSha256();
    expect(await hash({ metrics })).toBe(await hash({}));
    const { epochs } = await trained({ metrics: [] });
    expect(Object.keys(epochs[0] ?? {}).sort()).toEqual([
      'epoch',
      'imagesPerSecond',
      'loss',
      'seconds',
    ]);
  });

  it('are refused by another name', async () => {
    const attempt = trained({
      metrics: ['accurracy'] as unknown as NonNullable<FitOptions['metrics']>,
    });
    await expect(attempt).rejects.toThrow(TypeError);
    await expect(attempt).rejects.toThrow(
      'expected metrics as a list of accuracy, meanAbsoluteError, meanSquaredError, macroF1, top5, got "accurracy".',
    );
  });
});

describe('normalize', () => {
  const [channels, mean, deviation] = [3, [0.2, 0.5, 0.3], [0.5, 0.25, 2]];
  const bytes = Uint8Array.from({ length: 20 * 3 * 16 }, (_, i) => (i * i * 7 + i) % 256);
  const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 4);
  const dataset = (images: Uint8Array | Float32Array): Dataset => ({
    images,
    labels,
    shape: [channels, 4, 4],
    classes: 4,
  });
  const network = (normalize?: { mean: number[]; deviation: number[] }): ModelSpec => ({
    inputShape: [channels, 4, 4],
    ...(normalize && { normalize }),
    layers: [
      layers.conv2d({ filters: 5, kernelSize: 3, padding: 1 }),
      layers.relu({ name: 'features' }),
      layers.flatten(),
      layers.dense({ units: 4 }),
      layers.softmax(),
    ],
  });

  it.each([
    ['a number a channel', { mean, deviation }],
    ['one for all', { mean: [0.4], deviation: [0.3] }],
  ])('takes images as a network without takes normalised ones: %s', async (_name, normalize) => {
    const of = (list: number[], i: number) => list[Math.floor(i / 16) % list.length] ?? Number.NaN;
    const floats = Float32Array.from(bytes, (byte) => byte / 255);
    const normal = floats.map((v, i) => (v - of(normalize.mean, i)) / of(normalize.deviation, i));
    const plain = createModel(backend(), network());
    const options: FitOptions = { epochs: 3, batchSize: 6 };
    const before = plain.predict(normal, { outputs: ['features'] });
    const { epochs } = await plain.fit(dataset(normal), options);
    for (const images of [bytes, floats]) {
      const model = createModel(backend(), network(normalize));
      const { data, outputs } = model.predict(images, { outputs: ['features'] });
      expectClose(data, before.data, 1e-6);
      expectClose(outputs.features?.data ?? [], before.outputs.features?.data ?? [], 1e-5);
      const own = await model.fit(dataset(images), options);
      for (const [i, { loss }] of own.epochs.entries()) {
        expect(loss).toBeCloseTo(epochs[i]?.loss ?? Number.NaN, 5);
      }
      expectSameWeights(model, plain);
      expect(model.evaluate(dataset(images)).loss).toBeCloseTo(
        plain.evaluate(dataset(normal)).loss,
        5,
      );
    }
  });
});
