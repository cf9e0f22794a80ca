/** Every loss in training: it falls, on any number of threads to the same bytes, and goes on from a checkpoint. */
import {
  type Backend,
  type Checkpoint,
  createModel,
  type Dataset,
  type FitOptions,
  layers,
  losses,
  type Model,
  optimizers,
  type ValueDataset,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { useBackends } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';

const backends = useBackends([1, 2, 3]);

const data = strokes(70);
const weights = uniform(testRandom(9), 70).map((weight) => weight + 1);
const classWeights = [1, 2, 0.5, 1, 3, 0, 1, 1, 0.1, 1];

/** Values to learn: sums of pixels, as many as there are outputs. */
function valued(outputs: number): ValueDataset {
  const { images, shape } = data;
  const targets = Float32Array.from({ length: 70 * outputs }, (_, i) => {
    const start = Math.floor(i / outputs) * 144 + (i % outputs) * 36;
    return [...images.subarray(start, start + 36)].reduce((sum, pixel) => sum + pixel, 0) / 4000;
  });
  return { images, shape, targets };
}

/** Which of these sums are large. */
function answered(outputs: number): ValueDataset {
  const { targets, ...rest } = valued(outputs);
  return { ...rest, targets: targets.map((value) => (value > 0.4 ? 1 : 0)) };
}

const optimizer = optimizers.adam({ learningRate: 0.01 });

const binary: Dataset = { ...data, labels: data.labels.map((label) => label % 2), classes: 2 };

const rows: readonly [string, NonNullable<FitOptions['loss']>, Dataset | ValueDataset, number][] = [
  ['labels', 'categoricalCrossentropy', data, 10],
  ['smoothed labels', losses.categoricalCrossentropy({ labelSmoothing: 0.1 }), data, 10],
  ['weights of classes', losses.categoricalCrossentropy({ classWeights }), data, 10],
  ['balanced classes', losses.categoricalCrossentropy({ classWeights: 'balanced' }), data, 10],
  [
    'weights of classes and images, smoothed labels',
    losses.categoricalCrossentropy({ classWeights, labelSmoothing: 0.2 }),
    { ...data, weights },
    10,
  ],
  ['labels of yes and no', 'binaryCrossentropy', binary, 1],
  ['answers', losses.binaryCrossentropy({ positiveWeights: [1, 2, 0.5, 1] }), answered(4), 4],
  ['answers about weighted images', 'binaryCrossentropy', { ...answered(4), weights }, 4],
  ['values, squared', 'meanSquaredError', valued(4), 4],
  ['values, absolute', 'meanAbsoluteError', valued(4), 4],
  ['values, huber', losses.huber({ delta: 0.2 }), { ...valued(4), weights }, 4],
];

const modelOf = (backend: Backend, units: number): Model =>
  createModel(backend, {
    inputShape: [1, 12, 12],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3 }),
      layers.relu(),
      layers.flatten(),
      layers.dense({ units }),
    ],
  });

describe.each(rows)('%s', (_name, loss, dataset, units) => {
  it('falls, to the same bytes on 1, 2 and 3 threads', async () => {
    const hashes: string[] = [];
    for (const backend of backends) {
      const model = modelOf(backend, units);
      const { epochs } = await model.fit(dataset, { loss, optimizer, epochs: 12, batchSize: 32 });
      expect(epochs.at(-1)?.loss).toBeLessThan(0.8 * (epochs[0]?.loss ?? 0));
      hashes.push(await model.weightsSha256());
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it('is what validation and evaluation measure, in chunks of any size', async () => {
    const [backend] = backends as [Backend];
    const model = modelOf(backend, units);
    const { epochs } = await model.fit(dataset, { loss, batchSize: 32, validationData: dataset });
    const measure = (batchSize: number) => model.evaluate(dataset as Dataset, { batchSize }).loss;
    expect(measure(32)).toBe(epochs[0]?.validationLoss);
    expect(measure(7)).toBe(epochs[0]?.validationLoss);
    // one batch of all images has the loss of the whole, before its update
    const before = measure(70);
    const { epochs: whole } = await model.fit(dataset, { loss, batchSize: 70 });
    expect(whole[0]?.loss).toBeCloseTo(before, 6);
  });

  it('is kept by a checkpoint, from which it goes on to the same bytes', async () => {
    const [backend] = backends as [Backend];
    const model = modelOf(backend, units);
    const kept: Checkpoint[] = [];
    const options: FitOptions = { loss, epochs: 2, batchSize: 32, checkpointEvery: 2 };
    await model.fit(dataset, { ...options, onCheckpoint: (each) => void kept.push(each) });
    expect(kept).toHaveLength(4);
    for (const checkpoint of kept) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint), 'f');
      expect(resume).toEqual(checkpoint);
      const rest = modelOf(backend, units);
      await rest.fit(dataset, { ...options, resume });
      expect(await rest.weightsSha256()).toBe(await model.weightsSha256());
    }
  });
});
