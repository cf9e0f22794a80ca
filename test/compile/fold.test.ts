/** Folding a batch normalisation leaves the function of the image as it is, and the names of all else. */
import { createModel, type LayerSpec, layers, type ModelSpec } from 'convlet';
import { describe, expect, it } from 'vitest';
import { foldBatchNorm } from '../../src/compile/fold.ts';
import { expectClose } from '../support/closeness.ts';
import { backend, imagesFor } from '../support/networks.ts';
import { testRandom, uniform } from '../support/random.ts';

const { add, batchNorm, conv2d, dense, depthwiseConv2d, flatten, identity, maxPool2d, relu } =
  layers;

const image = (...list: LayerSpec[]): ModelSpec => ({ inputShape: [3, 9, 8], layers: list });
const conv = (options: object = {}) => conv2d({ filters: 4, kernelSize: 3, ...options });

/** A network, and the types of its layers once it is folded. @param sign Of the gains. */
const rows: readonly {
  readonly title: string;
  readonly spec: ModelSpec;
  readonly folded: readonly LayerSpec['type'][];
  readonly gains?: 'positive';
}[] = [
  {
    title: 'into a convolution without bias',
    spec: image(conv({ useBias: false }), batchNorm(), relu()),
    folded: ['conv2d', 'identity', 'relu'],
  },
  {
    title: 'into a convolution with bias, of groups',
    spec: { inputShape: [4, 9, 8], layers: [conv({ groups: 2 }), batchNorm({ epsilon: 0.1 })] },
    folded: ['conv2d', 'identity'],
  },
  {
    title: 'into a depthwise convolution',
    spec: image(depthwiseConv2d({ kernelSize: 3, multiplier: 2, useBias: false }), batchNorm()),
    folded: ['depthwiseConv2d', 'identity'],
  },
  {
    title: 'into the second part of a separable convolution',
    spec: image(layers.separableConv2d({ filters: 5, kernelSize: 3 }), batchNorm()),
    folded: ['separableConv2d', 'identity'],
  },
  {
    title: 'into a dense layer',
    spec: image(flatten(), dense({ units: 6, useBias: false }), batchNorm(), relu()),
    folded: ['flatten', 'dense', 'identity', 'relu'],
  },
  {
    title: 'two into one convolution, through a dropout',
    spec: image(conv(), batchNorm({ name: 'first' }), layers.dropout(), batchNorm()),
    folded: ['conv2d', 'identity', 'dropout', 'identity'],
  },
  {
    title: 'through a maximum pooling if gains are positive',
    spec: image(conv(), maxPool2d({ poolSize: 2 }), batchNorm(), relu()),
    folded: ['conv2d', 'maxPool2d', 'identity', 'relu'],
    gains: 'positive',
  },
  {
    title: 'not through a maximum pooling if some gains are negative',
    spec: image(conv(), maxPool2d({ poolSize: 2 }), batchNorm(), relu()),
    folded: ['conv2d', 'maxPool2d', 'depthwiseConv2d', 'relu'],
  },
  {
    title: 'not into a convolution that something else reads',
    spec: image(conv({ name: 'a' }), batchNorm({ name: 'b' }), add({ inputs: ['a', 'b'] })),
    folded: ['conv2d', 'depthwiseConv2d', 'add'],
  },
  {
    title: 'of the image itself',
    spec: image(batchNorm({ name: 'first', inputs: ['input'] }), conv()),
    folded: ['depthwiseConv2d', 'conv2d'],
  },
  {
    title: 'of features after another layer, which stays',
    spec: image(flatten(), relu(), batchNorm(), identity(), dense({ units: 2 })),
    folded: ['flatten', 'relu', 'batchNorm', 'identity', 'dense'],
  },
];

describe('foldBatchNorm', () => {
  it.each(rows)('goes $title', ({ spec, folded, gains }) => {
    const model = createModel(backend, spec, { seed: 2 });
    const random = testRandom(5);
    const weights = Array.from(model.weights(), ([key, { shape, data }]) => {
      const drawn = uniform(random, data.length);
      const isPositive =
        key.endsWith('running_var') || (gains && key.endsWith('.weight') && shape.length === 1);
      return [
        key,
        { shape, data: isPositive ? drawn.map((v) => Math.abs(v) + 0.1) : drawn },
      ] as const;
    });
    model.setWeights(new Map(weights));
    const result = foldBatchNorm({ spec: model.spec, weights: model.weights() });
    expect(result.spec.layers.map(({ type }) => type)).toEqual(folded);
    expect(result.spec.layers.map(({ name }) => name)).toEqual(spec.layers.map(({ name }) => name));
    const other = createModel(backend, result.spec);
    other.setWeights(result.weights);
    const images = imagesFor(spec, 3);
    expectClose(other.predict(images).data, model.predict(images).data, 1e-5);
  });
});
