/** Weights of images and of classes: what a batch's loss is then, and what is refused. */
import {
  type Checkpoint,
  createModel,
  type Dataset,
  type FitOptions,
  layers,
  losses,
  optimizers,
} from 'convlet';
import { softmaxCrossEntropy } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const { categoricalCrossentropy } = losses;
const data = strokes(40);
const still = optimizers.sgd({ learningRate: 1e-30 });

/** The weights after some steps. */
async function trained(dataset: Dataset, given: FitOptions = {}) {
  const model = createModel(backend(), spec, { seed: 3 });
  const { epochs } = await model.fit(dataset, { batchSize: 16, epochs: 2, ...given });
  return { model, epochs, hash: await model.weightsSha256() };
}

describe('weights of images', () => {
  it('that are all 1 change nothing', async () => {
    const weights = new Float32Array(40).fill(1);
    expect((await trained({ ...data, weights })).hash).toBe((await trained(data)).hash);
  });

  it('of 0 and 2 train as images that are left out and that come twice', async () => {
    const weights = Float32Array.from({ length: 40 }, (_, i) =>
      i % 3 === 0 ? 2 : i % 3 === 1 ? 1 : 0,
    );
    const rows = [...weights].flatMap((weight, i) => new Array<number>(weight).fill(i));
    const images = Uint8Array.from(
      rows.flatMap((i) => [...data.images.subarray(i * 144, (i + 1) * 144)]),
    );
    const labels = Uint8Array.from(rows, (i) => data.labels[i] ?? 0);
    const one = await trained({ ...data, weights }, { batchSize: 64, epochs: 10 });
    const other = await trained({ ...data, images, labels }, { batchSize: 64, epochs: 10 });
    expect(one.epochs.at(-1)?.loss).toBeCloseTo(other.epochs.at(-1)?.loss ?? 0, 4);
    for (const [name, { data }] of one.model.weights()) {
      const same = other.model.weights().get(name)?.data ?? [];
      for (const [i, value] of data.entries()) expect(value).toBeCloseTo(same[i] ?? Number.NaN, 4);
    }
  });

  it('make the loss of a batch a weighted mean, and the loss of an epoch the mean of these over its images', async () => {
    const weights = Float32Array.from({ length: 40 }, (_, i) => (i * 7) % 5);
    const classWeights = [1, 2, 0.5, 1, 3, 0, 1, 1, 0.1, 1];
    const logits = createModel(
      backend(),
      { ...spec, layers: spec.layers.slice(0, -1) },
      { seed: 3 },
    );
    const { data: x } = logits.predict(data.images);
    const exact = softmaxCrossEntropy(x, data.labels, 40, 10, 1).losses;
    const meanOf = (
      start: number,
      end: number,
      v: (i: number) => number,
      w: (i: number) => number,
    ) => {
      const images = Array.from({ length: end - start }, (_, i) => start + i);
      const sum = images.reduce((total, i) => total + v(i) * w(i) * (exact[i] ?? 0), 0);
      return sum / images.reduce((total, i) => total + v(i) * w(i), 0);
    };
    const v = (i: number) => weights[i] ?? 0;
    const w = (i: number) => classWeights[data.labels[i] ?? 0] ?? 0;
    const loss = categoricalCrossentropy({ classWeights });
    const losses: number[] = [];
    const options: FitOptions = {
      epochs: 1,
      shuffle: false,
      optimizer: still,
      loss,
      onStepEnd: (event) => void losses.push(event.loss),
    };
    const { epochs, model } = await trained({ ...data, weights }, options);
    const expected = [meanOf(0, 16, v, w), meanOf(16, 32, v, w), meanOf(32, 40, v, w)];
    expect(losses.length).toBe(3);
    for (const [i, value] of losses.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
    const [first = 0, second = 0, third = 0] = expected;
    expect(epochs[0]?.loss).toBeCloseTo((16 * first + 16 * second + 8 * third) / 40, 5);
    expect(model.evaluate({ ...data, weights }).loss).toBeCloseTo(meanOf(0, 40, v, w), 5);
    expect(model.evaluate(data).loss).toBeCloseTo(
      meanOf(0, 40, () => 1, w),
      5,
    );
    expect(model.evaluate(data, { loss: 'categoricalCrossentropy' }).loss).toBeCloseTo(
      meanOf(
        0,
        40,
        () => 1,
        () => 1,
      ),
      5,
    );
  });

  it('that are 0 in a whole batch leave the weights alone', async () => {
    const weights = Float32Array.from({ length: 40 }, (_, i) => (i < 32 ? 1 : 0));
    const options = { epochs: 1, shuffle: false } as const;
    const whole = await trained({ ...data, weights }, options);
    const part = {
      ...data,
      images: data.images.subarray(0, 32 * 144),
      labels: data.labels.subarray(0, 32),
    };
    expect(whole.hash).toBe((await trained(part, options)).hash);
    expect(whole.epochs[0]?.loss).toBeGreaterThan(0);
  });

  it('are part of what a checkpoint knows the data by', async () => {
    const weights = new Float32Array(40).fill(2);
    const kept: Checkpoint[] = [];
    await trained({ ...data, weights }, { onCheckpoint: (each) => void kept.push(each) });
    const [resume] = kept;
    await expect(trained(data, { resume })).rejects.toThrow(
      'expected the training data of the checkpoint',
    );
    await expect(trained({ ...data, weights }, { resume })).resolves.toBeDefined();
  });

  it.each<[string, unknown, string]>([
    [
      'a list',
      new Array(40).fill(1),
      'fit: training data: expected weights to be a Float32Array, one an image, got a list of 40.',
    ],
    [
      'too few',
      new Float32Array(39).fill(1),
      'expected a weight for each of 40 images, got 39 weights.',
    ],
    [
      'one below 0',
      new Float32Array(40).fill(1).fill(-1, 7, 8),
      'expected weights of at least 0, got -1 at image 7.',
    ],
    [
      'NaN',
      new Float32Array(40).fill(Number.NaN),
      'expected finite weights, got NaN at place 0, in image 0.',
    ],
    ['zeros alone', new Float32Array(40), 'expected a weight above 0, got zeros alone.'],
  ])('are refused: %s', async (_name, weights, message) => {
    await expect(trained({ ...data, weights: weights as Float32Array })).rejects.toThrow(message);
  });
});

describe('weights of classes', () => {
  const counted = {
    ...data,
    labels: data.labels.map((label) => (label < 5 ? 0 : label === 9 ? 2 : 1)),
  };
  const balanced = categoricalCrossentropy({ classWeights: 'balanced' });

  it('balanced are counted in the training data, kept as numbers, and the same when a run goes on', async () => {
    const kept: Checkpoint[] = [];
    const options: FitOptions = { loss: balanced };
    const whole = await trained(counted, {
      ...options,
      onCheckpoint: (each) => void kept.push(each),
    });
    const expected = [40 / (10 * 20), 40 / (10 * 16), 40 / (10 * 4), 1, 1, 1, 1, 1, 1, 1];
    expect(kept[0]?.loss).toEqual({ type: 'categoricalCrossentropy', classWeights: expected });
    expect(whole.model.loss).toEqual(kept[0]?.loss);
    for (const loss of [balanced, whole.model.loss]) {
      const [resume] = kept;
      if (loss === undefined) throw new Error('internal: no loss');
      expect((await trained(counted, { resume, loss })).hash).toBe(whole.hash);
    }
    const plain = trained(counted, { resume: kept[0], loss: 'categoricalCrossentropy' });
    await expect(plain).rejects.toThrow('fit: expected loss "{');
    const numbers = categoricalCrossentropy({ classWeights: expected });
    expect((await trained(counted, { loss: numbers })).hash).toBe(whole.hash);
  });

  it('balanced are counted in the labels at hand by evaluate and ops.loss', async () => {
    const { model } = await trained(counted);
    const classWeights = [0.2, 0.25, 1, 1, 1, 1, 1, 1, 1, 1];
    const numbers = categoricalCrossentropy({ classWeights });
    expect(model.evaluate(counted, { loss: balanced })).toEqual(
      model.evaluate(counted, { loss: numbers }),
    );
    const x = { shape: [4, 2], data: Float32Array.of(1, 2, 3, 5, 0, 1, 2, 2) };
    expect(backend().ops.loss(balanced, x, [0, 1, 1, 1])).toEqual(
      backend().ops.loss(categoricalCrossentropy({ classWeights: [2, 4 / 6] }), x, [0, 1, 1, 1]),
    );
  });

  it.each<[string, unknown, string]>([
    [
      'another word',
      'even',
      'losses.categoricalCrossentropy: expected classWeights to be a list of numbers, got "even".',
    ],
    [
      'a number below 0',
      [1, -1],
      'expected a number in classWeights to be a finite number of at least 0, got -1.',
    ],
    [
      'a number that is 0 in single precision',
      [1, 1e-300],
      'expected a number in classWeights to be 0 or from 1e-30 to 1e+30, got 1e-300.',
    ],
    [
      'a number whose sums are infinite',
      [3e38, 0],
      'expected a number in classWeights to be 0 or from 1e-30 to 1e+30, got 3e+38.',
    ],
    ['zeros alone', [0, 0], 'expected classWeights with a number above 0, got none.'],
  ])('are refused: %s', (_name, classWeights, message) => {
    expect(() => categoricalCrossentropy({ classWeights: classWeights as never })).toThrow(message);
  });

  it('are refused if they are not one a class', async () => {
    const loss = categoricalCrossentropy({ classWeights: [1, 2] });
    await expect(trained(data, { loss })).rejects.toThrow(
      'fit: training data: expected 10 classWeights, one an output of the network, got 2.',
    );
  });

  it('and a smoothing outside 0 to 1 is refused', () => {
    expect(() => categoricalCrossentropy({ labelSmoothing: 1.5 })).toThrow('from 0 to 1, got 1.5.');
  });
});

it('a loss takes layers of its own kind of output', async () => {
  const image = { inputShape: [1, 12, 12], layers: [layers.conv2d({ filters: 1, kernelSize: 3 })] };
  const model = createModel(backend(), image);
  await expect(model.fit(data)).rejects.toThrow('Add layers.flatten() and layers.dense');
});
