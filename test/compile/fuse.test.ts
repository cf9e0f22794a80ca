/** Layers that run as one step give the results of the single layers, only faster. */
import { createModel, type LayerSpec, layers, namedModels, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const FUSED = 'conv2d + relu + maxPool2d';
const head = [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()];
const headSteps = ['flatten', 'dense', 'softmax'];

function steps(body: readonly LayerSpec[], options: object = {}): readonly string[] {
  const spec = { inputShape: [1, 12, 12], layers: [...body, ...head] };
  return createModel(backend(), spec, options).steps;
}

describe('fusing', () => {
  it('covers the named networks', () => {
    const [reference, lenet5] = [namedModels.reference, namedModels.lenet5].map((model) => {
      if (model === undefined) throw new Error('internal: a named model is gone');
      return createModel(backend(), model([1, 28, 28], 10)).steps;
    });
    expect(reference).toEqual([FUSED, ...headSteps]);
    expect(lenet5?.slice(0, 3)).toEqual([FUSED, FUSED, 'flatten']);
  });

  const conv = layers.conv2d({ filters: 5, kernelSize: 3, padding: 1, strides: [1, 2] });
  const [relu, pool] = [layers.relu(), layers.maxPool2d({ poolSize: 2 })];

  it('fuses any convolution without dilation and groups before windows of 2×2', () => {
    expect(steps([conv, relu, pool])).toEqual([FUSED, ...headSteps]);
    expect(steps([conv, relu, layers.maxPool2d({ poolSize: [2, 2], padding: 'valid' })])).toEqual([
      FUSED,
      ...headSteps,
    ]);
  });

  it('takes windows that end with the image under ceilMode too', () => {
    const even = layers.maxPool2d({ poolSize: 2, ceilMode: true });
    expect(steps([conv, relu, even])).toEqual([FUSED, ...headSteps]);
  });

  it('can be turned off', () => {
    expect(steps([conv, relu, pool], { fuse: false })).toEqual([
      'conv2d',
      'relu',
      'maxPool2d',
      ...headSteps,
    ]);
  });

  it.each([
    ['dilation', [layers.conv2d({ filters: 2, kernelSize: 3, dilation: 2 }), relu, pool]],
    [
      'groups',
      [
        layers.conv2d({ filters: 2, kernelSize: 3 }),
        layers.conv2d({ filters: 2, kernelSize: 3, groups: 2 }),
        relu,
        pool,
      ],
    ],
    ['a pool of 3', [conv, relu, layers.maxPool2d({ poolSize: 3 })]],
    ['overlapping windows', [conv, relu, layers.maxPool2d({ poolSize: 2, strides: 1 })]],
    ['padded windows', [conv, relu, layers.maxPool2d({ poolSize: 2, padding: 1 })]],
    [
      'a last, cut window',
      [
        layers.conv2d({ filters: 2, kernelSize: 2 }),
        relu,
        layers.maxPool2d({ poolSize: 2, padding: [0, 0, 1, 1] }),
      ],
    ],
    [
      'a last window past the end',
      [
        layers.conv2d({ filters: 2, kernelSize: 2 }),
        relu,
        layers.maxPool2d({ poolSize: 2, ceilMode: true }),
      ],
    ],
    ['another order', [conv, pool, relu]],
  ])('leaves %s to the plain kernels', (_name, body) => {
    expect(steps(body as LayerSpec[])).toEqual([...body.map(({ type }) => type), ...headSteps]);
  });

  it.each([
    ['one', [layers.conv2d({ filters: 12, kernelSize: 3 }), relu, pool]],
    ['odd sizes', [layers.conv2d({ filters: 7, kernelSize: [2, 3], useBias: false }), relu, pool]],
    [
      'two, one behind the other',
      [
        layers.conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
        relu,
        pool,
        layers.conv2d({ filters: 9, kernelSize: 3, padding: 'same' }),
        relu,
        pool,
      ],
    ],
  ])('gives the results of the plain kernels: %s', async (_name, body) => {
    const spec = { inputShape: [1, 12, 12], layers: [...body, ...head] };
    const train = async (fuse: boolean) => {
      const model = createModel(backend(), spec, { fuse });
      const history = await model.fit(strokes(64), {
        epochs: 3,
        batchSize: 32,
        optimizer: optimizers.sgd({ learningRate: 0.1 }),
      });
      return { model, losses: history.epochs.map(({ loss }) => loss) };
    };
    const [fused, plain] = [await train(true), await train(false)];
    expect(fused.model.steps).toContain(FUSED);
    expect(plain.model.steps).not.toContain(FUSED);
    expectClose(fused.losses, plain.losses, 1e-5);
    const expected = plain.model.weights();
    for (const [key, { data }] of fused.model.weights()) {
      expectClose(data, expected.get(key)?.data ?? [], 1e-5);
    }
    const images = strokes(5, 9).images;
    expectClose(fused.model.predict(images).data, plain.model.predict(images).data, 1e-5);
  });
});
