/** Networks learn with every layer and option. */
import { createModel, layers, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from './support/digits.ts';
import { spec, useBackend } from './support/network.ts';

const backend = useBackend();

describe('learning', () => {
  it('overfits one batch to a loss near 0', async () => {
    const model = createModel(backend(), spec);
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
    const model = createModel(backend(), {
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
    const model = createModel(backend(), spec);
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
