/** The public model predicts, and gives and takes weights. */
import { createModel, layers, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();

describe('evaluate and predict', () => {
  it('agree for any batch size', async () => {
    const model = createModel(backend(), spec);
    const test = strokes(300, 5);
    await model.fit(strokes(300), {
      epochs: 3,
      batchSize: 300,
      optimizer: optimizers.sgd({ learningRate: 0.2 }),
    });
    const { shape, data } = model.predict(test.images);
    expect(shape).toEqual([300, 10]);
    const matrix = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
    let loss = 0;
    for (let n = 0; n < 300; n++) {
      const row = [...data.subarray(n * 10, n * 10 + 10)];
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      const label = test.labels[n] ?? 0;
      loss -= Math.log(row[label] ?? 0) / 300;
      const counts = matrix[label] ?? [];
      const best = row.indexOf(Math.max(...row));
      counts[best] = (counts[best] ?? 0) + 1;
    }
    const evaluation = model.evaluate(test);
    expect(evaluation.loss).toBeCloseTo(loss, 4);
    expect(evaluation.confusionMatrix).toEqual(matrix);
    expect(evaluation.accuracy).toBe(matrix.reduce((sum, row, i) => sum + (row[i] ?? 0), 0) / 300);
    for (const n of [0, 127, 128, 299]) {
      const alone = model.predict(test.images.subarray(n * 144, n * 144 + 144));
      expect(alone.data).toEqual(data.subarray(n * 10, n * 10 + 10));
    }
  });

  it('accept bytes, floats and tensors', () => {
    const model = createModel(backend(), spec);
    const { images } = strokes(3);
    const floats = Float32Array.from(images, (byte) => Math.fround(byte / 255));
    const expected = model.predict(images);
    expect(model.predict(floats)).toEqual(expected);
    expect(model.predict({ shape: [3, 1, 12, 12], data: floats })).toEqual(expected);
  });

  it('give raw outputs without softmax, and pixels if there is only flatten', () => {
    const raw = createModel(backend(), { ...spec, layers: spec.layers.slice(0, -1) });
    const probabilities = createModel(backend(), spec).predict(strokes(1).images).data;
    const exponentials = [...raw.predict(strokes(1).images).data].map(Math.exp);
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    for (const [i, p] of probabilities.entries()) {
      expect(p).toBeCloseTo((exponentials[i] ?? 0) / total, 5);
    }
    const flat = createModel(backend(), { inputShape: [1, 2, 2], layers: [layers.flatten()] });
    expect(flat.predict(new Float32Array([1, 2, 3, 4]))).toEqual({
      shape: [1, 4],
      data: new Float32Array([1, 2, 3, 4]),
    });
  });
});

it('a softmax before the last layer is a layer as any other', async () => {
  const twice = { ...spec, layers: [...spec.layers, layers.softmax()] };
  const model = createModel(backend(), twice);
  const { data } = createModel(backend(), spec).predict(strokes(5).images);
  const { ops } = backend();
  const expected = ops.softmax({ shape: [5, 10], data });
  expect(model.predict(strokes(5).images)).toEqual(expected);
  const { epochs } = await model.fit(strokes(100), {
    epochs: 20,
    optimizer: optimizers.adam({ learningRate: 0.01 }),
  });
  expect(epochs.at(-1)?.loss).toBeLessThan(epochs[0]?.loss ?? 0);
});

describe('weights', () => {
  it('start He-normal, with biases of 0', () => {
    const model = createModel(backend(), {
      inputShape: [1, 28, 28],
      layers: [layers.flatten(), layers.dense({ units: 64 })],
    });
    const weight = model.weights().get('1.weight');
    const values = [...(weight?.data ?? [])];
    const mean = values.reduce((sum, w) => sum + w, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / values.length,
    );
    expect(weight?.shape).toEqual([64, 784]);
    expect(Math.abs(mean)).toBeLessThan(1e-3);
    expect(deviation).toBeCloseTo(Math.sqrt(2 / 784), 3);
    expect(model.weights().get('1.bias')?.data).toEqual(new Float32Array(64));
  });

  it('are copied when they are read and when they are set', async () => {
    const [a, b] = [
      createModel(backend(), spec, { seed: 1 }),
      createModel(backend(), spec, { seed: 2 }),
    ];
    const weights = a.weights();
    expect([...weights.keys()]).toEqual(['0.weight', '0.bias', '4.weight', '4.bias']);
    b.setWeights(weights);
    expect(await b.weightsSha256()).toBe(await a.weightsSha256());
    weights.get('0.weight')?.data.fill(0);
    expect(await b.weightsSha256()).toBe(await a.weightsSha256());
  });

  it('are all refused if one does not fit', async () => {
    const model = createModel(backend(), spec);
    const before = await model.weightsSha256();
    const change =
      (edit: (weights: Map<string, { shape: readonly number[]; data: Float32Array }>) => void) =>
      () => {
        const weights = createModel(backend(), spec, { seed: 9 }).weights();
        edit(weights);
        model.setWeights(weights);
      };
    expect(change((w) => w.delete('4.bias'))).toThrow(
      'setWeights: expected a tensor 4.bias, got none.',
    );
    expect(change((w) => w.set('5.bias', { shape: [1], data: new Float32Array(1) }))).toThrow(
      'setWeights: expected the network\'s 4 tensors (0.weight, 0.bias, 4.weight, 4.bias), got "5.bias" too.',
    );
    expect(change((w) => w.set('4.bias', { shape: [9], data: new Float32Array(9) }))).toThrow(
      'setWeights: 4.bias: expected shape 10, got 9.',
    );
    expect(change((w) => w.set('4.bias', { shape: [10], data: new Float32Array(9) }))).toThrow(
      'setWeights: 4.bias: expected 10 numbers for shape 10, got 9.',
    );
    expect(change((w) => w.get('4.bias')?.data.fill(Number.NaN))).toThrow(
      'setWeights: 4.bias: expected finite numbers',
    );
    expect(await model.weightsSha256()).toBe(before);
  });
});
