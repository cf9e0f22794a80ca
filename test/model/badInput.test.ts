/** The public model refuses bad input with a clear message. */
import { createBackend, createModel, type Dataset, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();

/** Every option of every optimizer, with values that it cannot have: refused when the optimizer is made. */
const optimizerRows: [() => object, string][] = [
  [
    () => optimizers.momentum({ momentum: 1 }),
    'momentum: expected momentum to be a number from 0 to below 1 (in single precision), got 1.',
  ],
  [() => optimizers.momentum({ momentum: 1 - 1e-9 }), 'below 1 (in single precision)'],
  [
    () => optimizers.momentum({ momentum: -0.1 }),
    'momentum: expected momentum to be a finite number of at least 0, got -0.1.',
  ],
  [() => optimizers.nesterov({ momentum: 1 }), 'nesterov: expected momentum'],
  [() => optimizers.nesterov({ learningRate: 0 }), 'nesterov: expected learningRate'],
  [() => optimizers.adam({ beta1: 1 }), 'adam: expected beta1'],
  [() => optimizers.adam({ beta2: 1 }), 'adam: expected beta2'],
  [() => optimizers.adam({ beta2: Number.NaN }), 'adam: expected beta2'],
  [() => optimizers.adam({ epsilon: 0 }), 'adam: expected epsilon to be a finite number'],
  [() => optimizers.adam({ epsilon: -1 }), 'adam: expected epsilon'],
  [() => optimizers.adam({ learningRate: 1e-46 }), 'adam: expected learningRate'],
  [() => optimizers.adamw({ beta1: -0.1 }), 'adamw: expected beta1'],
  [
    () => optimizers.adamw({ weightDecay: -0.01 }),
    'adamw: expected weightDecay to be a finite number of at least 0, got -0.01.',
  ],
  [() => optimizers.adamw({ weightDecay: Number.NaN }), 'adamw: expected weightDecay'],
  [() => optimizers.rmsprop({ rho: 1 }), 'rmsprop: expected rho'],
  [() => optimizers.rmsprop({ epsilon: 0 }), 'rmsprop: expected epsilon'],
  [
    () => optimizers.sgd({ learningRate: 0 }),
    'sgd: expected learningRate to be a finite number above 0 (in single precision), got 0.',
  ],
  [() => optimizers.sgd({ learningRate: -1 }), 'got -1'],
  [() => optimizers.sgd({ learningRate: Number.NaN }), 'got NaN'],
];

describe('bad input', () => {
  const fit = (options: object, data: unknown = strokes(10)) =>
    createModel(backend(), spec).fit(data as Dataset, options);

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
      { optimizer: { type: 'lion' } },
      'fit: expected an optimizer of type adadelta, adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd, got "lion".',
    ],
    [{ optimizer: { type: 'toString' } }, 'fit: expected an optimizer'],
    [{ optimizer: null }, 'fit: expected an optimizer'],
    [{ optimizer: { ...optimizers.adamw(), weightDecay: '0' } }, 'to be a number, got "0".'],
    [{ optimizer: { ...optimizers.sgd(), learningRate: -1 } }, 'fit sgd: expected learningRate'],
    [
      { loss: 'mse' },
      'fit: expected a loss of type binaryCrossentropy, categoricalCrossentropy, huber, meanAbsoluteError, meanSquaredError, got "mse".',
    ],
  ])('fit refuses %j', async (options, message) => {
    await expect(fit(options)).rejects.toThrow(message);
  });

  it.each(optimizerRows)('an optimizer refuses %s', (make, message) => {
    expect(make).toThrow(message);
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
  ])('fit refuses training data with %s', async (_name, data, message) => {
    await expect(fit({}, data)).rejects.toThrow(message);
  });

  it('createModel and createBackend refuse bad options', async () => {
    expect(() => createModel(backend(), spec, { seed: -1 })).toThrow(
      'createModel: expected seed to be a whole number from 0 to 4294967295, got -1.',
    );
    for (const threads of [0, -1, 1.5, 9, 1000, Number.NaN]) {
      await expect(createBackend({ threads })).rejects.toThrow('a whole number from 1 to 8');
    }
    await expect(createBackend({ threads: '2' as 'auto' })).rejects.toThrow(TypeError);
    const maps = createModel(backend(), { ...spec, layers: spec.layers.slice(0, 1) });
    await expect(maps.fit(strokes(10))).rejects.toThrow('ends in one number a class');
    expect(() => createModel(backend(), spec).predict(new Uint8Array(145))).toThrow('predict: ');
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

describe('arrays that their owner changes while fit runs', () => {
  it('do not reach training, which has a copy', async () => {
    const train = async (change: (data: Dataset) => void) => {
      const [model, data] = [createModel(backend(), spec), strokes(50)];
      await model.fit(data, { epochs: 3, batchSize: 16, onEpochEnd: () => change(data) });
      return model.weightsSha256();
    };
    const undisturbed = await train(() => {});
    const disturbed = await train(({ images, labels }) => {
      images.fill(0);
      labels.fill(200);
    });
    expect(disturbed).toBe(undisturbed);
  });

  it.each<[string, (data: Dataset) => void, string]>([
    ['a label too high', ({ labels }) => labels.fill(200), 'labels below 10, got 200 at image 0.'],
    ['NaN', ({ images }) => images.fill(Number.NaN, 144), 'got NaN at place 144, in image 1.'],
    [
      'arrays that went to a worker',
      ({ images }) => structuredClone(images.buffer, { transfer: [images.buffer as ArrayBuffer] }),
      'expected at least one image, got none.',
    ],
  ])('are checked again before each validation: %s', async (_name, change, message) => {
    const model = createModel(backend(), spec);
    const validationData = { ...strokes(20), images: Float32Array.from(strokes(20).images) };
    const onEpochEnd = () => change(validationData);
    const fit = model.fit(strokes(50), { epochs: 3, validationData, onEpochEnd });
    await expect(fit).rejects.toThrow('fit: validationData: expected ');
    await expect(fit).rejects.toThrow(message);
    await model.fit(strokes(50));
  });
});
