/** The public model: what it learns, what it keeps, what it refuses. */
import {
  type Backend,
  createBackend,
  createModel,
  type Dataset,
  type EpochEvent,
  layers,
  type ModelSpec,
  optimizers,
  type StepEvent,
} from 'convlet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strokes } from './support/digits.ts';

const spec: ModelSpec = {
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

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend();
});
afterAll(() => backend.dispose());

describe('learning', () => {
  it('overfits one batch to a loss near 0', async () => {
    const model = createModel(backend, spec);
    const one = strokes(32);
    const { epochs } = await model.fit(one, {
      epochs: 300,
      batchSize: 32,
      optimizer: optimizers.sgd({ learningRate: 0.3 }),
    });
    expect(epochs.at(-1)?.loss).toBeLessThan(0.01);
    expect(epochs.at(-1)?.accuracy).toBe(1);
    expect(model.evaluate(one).accuracy).toBe(1);
  });

  it.each([
    [
      'overlapping pools, strides, groups',
      [
        layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same' }),
        layers.relu(),
        layers.maxPool2d({ poolSize: 3, strides: 2, padding: 1 }),
        layers.conv2d({ filters: 8, kernelSize: 3, groups: 2, strides: 2 }),
        layers.relu(),
      ],
    ],
    [
      'no biases, dilation',
      [layers.conv2d({ filters: 4, kernelSize: 3, dilation: 2, useBias: false }), layers.relu()],
    ],
    [
      'two dense layers, no convolution',
      [layers.flatten(), layers.dense({ units: 20, useBias: false }), layers.relu()],
    ],
    ['a softmax in the middle', [layers.flatten(), layers.dense({ units: 20 }), layers.softmax()]],
  ])('overfits with %s', async (_name, body) => {
    const isFlat = body.some(({ type }) => type === 'flatten');
    const model = createModel(backend, {
      inputShape: [1, 12, 12],
      layers: [
        ...body,
        ...(isFlat ? [] : [layers.flatten()]),
        layers.dense({ units: 10 }),
        layers.softmax(),
      ],
    });
    const one = strokes(20);
    const { epochs } = await model.fit(one, {
      epochs: 400,
      batchSize: 20,
      optimizer: optimizers.sgd({ learningRate: 1 }),
    });
    expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) / 3);
    expect(epochs.at(-1)?.accuracy).toBeGreaterThan(0.9);
  });

  it('generalises to images it has not seen', async () => {
    const model = createModel(backend, spec);
    const validationData = strokes(200, 2);
    const { epochs } = await model.fit(strokes(1000), {
      epochs: 15,
      batchSize: 50,
      optimizer: optimizers.sgd({ learningRate: 0.3 }),
      validationData,
    });
    expect(epochs.at(-1)?.validationAccuracy).toBeGreaterThan(0.9);
    expect(model.evaluate(validationData).accuracy).toBe(epochs.at(-1)?.validationAccuracy);
  });
});

describe('same seed, same bytes', () => {
  const run = async (seed: number, options: object = {}) => {
    const model = createModel(backend, spec, { seed });
    await model.fit(strokes(100), { epochs: 2, batchSize: 32, ...options });
    return model.weightsSha256();
  };

  it('of the trained weights', async () => {
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
    expect(await run(1)).not.toBe(await run(1, { shuffle: false }));
    expect(await run(1)).not.toBe(await run(1, { batchSize: 31 }));
  });

  it('whether anyone listens, validates or looks on', async () => {
    const busy = await run(1, {
      onStepEnd: () => undefined,
      onEpochEnd: () => undefined,
      validationData: strokes(37, 3),
    });
    expect(busy).toBe(await run(1));
  });

  it('in two fits as in one', async () => {
    const model = createModel(backend, spec);
    await model.fit(strokes(100), { batchSize: 32 });
    await model.fit(strokes(100), { batchSize: 32 });
    expect(await model.weightsSha256()).toBe(await run(1));
  });

  it('of bytes and of the floats that they stand for', async () => {
    const bytes = strokes(100);
    const floats: Dataset = {
      ...bytes,
      images: Float32Array.from(bytes.images, (byte) => Math.fround(byte / 255)),
    };
    const model = createModel(backend, spec);
    await model.fit(floats, { epochs: 2, batchSize: 32 });
    expect(await model.weightsSha256()).toBe(await run(1));
  });
});

describe('events', () => {
  it('tell every step and every epoch, the last partial batch averaged over its own size', async () => {
    const model = createModel(backend, spec);
    const steps: StepEvent[] = [];
    const epochs: EpochEvent[] = [];
    const history = await model.fit(strokes(70), {
      epochs: 2,
      batchSize: 32,
      onStepEnd: (event) => steps.push(event),
      onEpochEnd: (event) => void epochs.push(event),
    });
    expect(history).toEqual({ epochs, stopped: false });
    expect(steps.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    for (const { epoch, loss, accuracy, seconds, imagesPerSecond, validationLoss } of epochs) {
      const [a, b, c] = steps.filter((event) => event.epoch === epoch);
      const mean = (key: 'loss' | 'accuracy') =>
        ((a?.[key] ?? 0) * 32 + (b?.[key] ?? 0) * 32 + (c?.[key] ?? 0) * 6) / 70;
      expect(loss).toBeCloseTo(mean('loss'), 10);
      expect(accuracy).toBeCloseTo(mean('accuracy'), 10);
      expect(imagesPerSecond).toBeCloseTo(70 / seconds, 6);
      expect(validationLoss).toBeUndefined();
    }
  });

  it('train the last, smaller batch with the mean of its own images', async () => {
    const images = strokes(37);
    const part = (start: number, end: number): Dataset => ({
      ...images,
      images: images.images.subarray(start * 144, end * 144),
      labels: images.labels.subarray(start, end),
    });
    const [whole, parts] = [createModel(backend, spec), createModel(backend, spec)];
    await whole.fit(images, { batchSize: 32, shuffle: false });
    await parts.fit(part(0, 32), { batchSize: 32, shuffle: false });
    await parts.fit(part(32, 37), { batchSize: 32, shuffle: false });
    expect(await whole.weightsSha256()).toBe(await parts.weightsSha256());
  });

  it('wait for a listener that takes its time', async () => {
    const model = createModel(backend, spec);
    const seen: string[] = [];
    await model.fit(strokes(20), {
      epochs: 2,
      onStepEnd: ({ epoch }) => void seen.push(`step ${epoch}`),
      async onEpochEnd({ epoch }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(`epoch ${epoch}`);
      },
    });
    expect(seen).toEqual(['step 1', 'epoch 1', 'step 2', 'epoch 2']);
  });
});

describe('stopping', () => {
  it('ends after the current step and leaves a usable model', async () => {
    const model = createModel(backend, spec);
    const controller = new AbortController();
    let steps = 0;
    const history = await model.fit(strokes(100), {
      epochs: 5,
      batchSize: 10,
      signal: controller.signal,
      onStepEnd: () => ++steps === 13 && controller.abort(),
    });
    expect(steps).toBe(13);
    expect(history.stopped).toBe(true);
    expect(history.epochs).toHaveLength(1);
    expect(model.evaluate(strokes(20)).loss).toBeGreaterThan(0);
    expect((await model.fit(strokes(20))).stopped).toBe(false);
  });

  it('lets a timer stop it: the loop yields', async () => {
    const model = createModel(backend, spec);
    const history = await model.fit(strokes(2000), {
      epochs: 100_000,
      signal: AbortSignal.timeout(100),
    });
    expect(history.stopped).toBe(true);
  });

  it('takes a signal that was aborted before', async () => {
    const model = createModel(backend, spec);
    const before = await model.weightsSha256();
    expect(await model.fit(strokes(20), { signal: AbortSignal.abort() })).toEqual({
      epochs: [],
      stopped: true,
    });
    expect(await model.weightsSha256()).toBe(before);
  });

  it('a diverging loss names step, rate and remedy, and keeps the weights of before', async () => {
    const model = createModel(backend, spec);
    const fit = model.fit(strokes(100), {
      epochs: 50,
      batchSize: 10,
      optimizer: optimizers.sgd({ learningRate: 1e30 }),
    });
    await expect(fit).rejects.toThrow(
      /^fit: expected a finite loss, got (NaN|Infinity) at step \d+ of epoch 1 with learning rate 1e\+30\. Lower the learning rate\.$/,
    );
    await expect(fit).rejects.toMatchObject({ name: 'DivergenceError' });
  });

  it('a listener that throws ends fit with its error; the model stays usable', async () => {
    const model = createModel(backend, spec);
    await expect(
      model.fit(strokes(20), {
        onStepEnd: () => {
          throw new Error('enough');
        },
      }),
    ).rejects.toThrow('enough');
    await model.fit(strokes(20));
  });

  it('refuses a second fit while one runs, and a disposed model', async () => {
    const model = createModel(backend, spec);
    const first = model.fit(strokes(2000), { epochs: 1000 });
    await expect(model.fit(strokes(20))).rejects.toThrow(
      'fit: expected a model at rest, got one in training.',
    );
    model.dispose();
    model.dispose();
    await expect(first).rejects.toThrow(
      'fit: expected a live model, got one that was disposed of.',
    );
    expect(() => model.evaluate(strokes(10))).toThrow('evaluate: expected a live model');
    expect(() => model.weights()).toThrow('weights: expected a live model');
  });
});

describe('evaluate and predict', () => {
  it('agree, whatever the cut into batches', async () => {
    const model = createModel(backend, spec);
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

  it('takes bytes, floats and tensors', () => {
    const model = createModel(backend, spec);
    const { images } = strokes(3);
    const floats = Float32Array.from(images, (byte) => Math.fround(byte / 255));
    const expected = model.predict(images);
    expect(model.predict(floats)).toEqual(expected);
    expect(model.predict({ shape: [3, 1, 12, 12], data: floats })).toEqual(expected);
  });

  it('gives raw outputs where there is no softmax, and pixels where there is only flatten', () => {
    const raw = createModel(backend, { ...spec, layers: spec.layers.slice(0, -1) });
    const probabilities = createModel(backend, spec).predict(strokes(1).images).data;
    const exponentials = [...raw.predict(strokes(1).images).data].map(Math.exp);
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    for (const [i, p] of probabilities.entries()) {
      expect(p).toBeCloseTo((exponentials[i] ?? 0) / total, 5);
    }
    const flat = createModel(backend, { inputShape: [1, 2, 2], layers: [layers.flatten()] });
    expect(flat.predict(new Float32Array([1, 2, 3, 4]))).toEqual({
      shape: [1, 4],
      data: new Float32Array([1, 2, 3, 4]),
    });
  });
});

describe('weights', () => {
  it('start He-normal, biases at 0', () => {
    const model = createModel(backend, {
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

  it('are copies out and copies in', async () => {
    const [a, b] = [
      createModel(backend, spec, { seed: 1 }),
      createModel(backend, spec, { seed: 2 }),
    ];
    const weights = a.weights();
    expect([...weights.keys()]).toEqual(['0.weight', '0.bias', '4.weight', '4.bias']);
    b.setWeights(weights);
    expect(await b.weightsSha256()).toBe(await a.weightsSha256());
    weights.get('0.weight')?.data.fill(0);
    expect(await b.weightsSha256()).toBe(await a.weightsSha256());
  });

  it('are refused whole where one does not fit', async () => {
    const model = createModel(backend, spec);
    const before = await model.weightsSha256();
    const change =
      (edit: (weights: Map<string, { shape: readonly number[]; data: Float32Array }>) => void) =>
      () => {
        const weights = createModel(backend, spec, { seed: 9 }).weights();
        edit(weights);
        model.setWeights(weights);
      };
    expect(change((w) => w.delete('4.bias'))).toThrow(
      'setWeights: expected parameter 4.bias, got none.',
    );
    expect(change((w) => w.set('5.bias', { shape: [1], data: new Float32Array(1) }))).toThrow(
      'setWeights: expected parameters 0.weight, 0.bias, 4.weight, 4.bias, got "5.bias".',
    );
    expect(change((w) => w.set('4.bias', { shape: [9], data: new Float32Array(9) }))).toThrow(
      'setWeights: 4.bias: expected shape 10, got 9.',
    );
    expect(change((w) => w.set('4.bias', { shape: [10], data: new Float32Array(9) }))).toThrow(
      'setWeights: 4.bias: expected 10 f32 for shape 10, got Float32Array.',
    );
    expect(change((w) => w.get('4.bias')?.data.fill(Number.NaN))).toThrow(
      'setWeights: 4.bias: expected finite numbers',
    );
    expect(await model.weightsSha256()).toBe(before);
  });
});

describe('a step allocates nothing', () => {
  it('neither wasm memory nor, to speak of, the heap over 1,000 steps', async () => {
    const model = createModel(backend, spec);
    const data = strokes(100);
    await model.fit(data, { epochs: 20, batchSize: 10 }); // everything is bound and compiled
    const memory = model.memoryBytes;
    const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
    collect();
    const heap = process.memoryUsage().heapUsed;
    await model.fit(data, { epochs: 100, batchSize: 10 });
    collect();
    expect(model.memoryBytes).toBe(memory);
    expect((process.memoryUsage().heapUsed - heap) / 1000).toBeLessThan(1000); // bytes a step; 100 history entries included
  });
});

describe('bad input', () => {
  const fit = (options: object, data: unknown = strokes(10)) =>
    createModel(backend, spec).fit(data as Dataset, options);

  it.each([
    [{ batchSize: 0 }, 'fit: expected batchSize to be a whole number from 1 to 2147483647, got 0.'],
    [{ batchSize: -1 }, 'got -1'],
    [{ batchSize: 1.5 }, 'got 1.5'],
    [{ batchSize: 2 ** 31 }, 'got 2147483648'],
    [{ batchSize: '32' }, 'fit: expected batchSize to be a number, got "32".'],
    [
      { epochs: Number.NaN },
      'fit: expected epochs to be a whole number from 1 to 2147483647, got NaN.',
    ],
    [
      { optimizer: optimizers.sgd({ learningRate: 0 }) },
      'sgd: expected learningRate to be a finite number above 0 (in single precision), got 0.',
    ],
    [{ optimizer: optimizers.sgd({ learningRate: -1 }) }, 'got -1'],
    [{ optimizer: optimizers.sgd({ learningRate: Number.NaN }) }, 'got NaN'],
    [{ optimizer: { type: 'lion' } }, 'fit: expected an optimizer (sgd), got {"type":"lion"}.'],
    [{ loss: 'mse' }, 'fit: expected loss \'categoricalCrossentropy\', got "mse".'],
  ])('%j', async (options, message) => {
    await expect(fit(options)).rejects.toThrow(message);
  });

  it.each([
    [
      'another image shape',
      { ...strokes(10), shape: [1, 12, 13], images: new Uint8Array(10 * 12 * 13) },
      'fit: training data: images: expected shape 1×12×12, got 1×12×13.',
    ],
    ['fewer pixels', { ...strokes(10), images: new Uint8Array(10) }, 'fit: training data'],
    [
      'a label too high',
      { ...strokes(10), labels: new Uint8Array(10).fill(10) },
      'fit: training data',
    ],
    [
      'another number of classes',
      { ...strokes(10), classes: 11 },
      "fit: training data: expected 10 classes, as the network's last layer has, got 11.",
    ],
    [
      'no images',
      { ...strokes(10), images: new Uint8Array(0), labels: new Uint8Array(0) },
      'fit: training data',
    ],
    [
      'NaN pixels',
      { ...strokes(10), images: new Float32Array(1440).fill(Number.NaN) },
      'fit: training data',
    ],
    ['nothing', null, 'fit: training data'],
  ])('%s', async (_name, data, message) => {
    await expect(fit({}, data)).rejects.toThrow(message);
  });

  it('of the model', async () => {
    expect(() => createModel(backend, spec, { seed: -1 })).toThrow(
      'createModel: expected seed to be a whole number from 0 to 4294967295, got -1.',
    );
    await expect(createBackend({ threads: 2 })).rejects.toThrow(RangeError);
    const raw = createModel(backend, { ...spec, layers: spec.layers.slice(0, -1) });
    await expect(raw.fit(strokes(10))).rejects.toThrow('expected softmax as the last layer');
    expect(() => createModel(backend, spec).predict(new Uint8Array(145))).toThrow('predict: ');
    const gone = await createBackend();
    gone.dispose();
    gone.dispose();
    expect(() => createModel(gone, spec)).toThrow(
      'createModel: expected a live backend, got one that was disposed of.',
    );
    expect(() => gone.ops.relu({ shape: [1], data: new Float32Array(1) })).toThrow(
      'ops: expected a live backend',
    );
  });
});
