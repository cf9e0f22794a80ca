/** Layers made of the kernels of convolutions, and group normalisation: shapes, parameters, refusals, and that they learn. */
import {
  createBackend,
  createModel,
  type LayerSpec,
  layers,
  type ModelSpec,
  optimizers,
  type Tensor,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../src/base/types.ts';
import { definitionOf, readLayer } from '../../src/layers/registry.ts';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = useBackend();
const { conv2dTranspose, depthwiseConv2d, groupNorm, separableConv2d } = layers;

const outputOf = (spec: LayerSpec, input: Shape) =>
  definitionOf(spec).outputShape('here', readLayer('here', spec), [input]);

const random = testRandom(7);

function tensor(...shape: number[]): Tensor {
  return {
    shape,
    data: uniform(
      random,
      shape.reduce((product, size) => product * size, 1),
    ),
  };
}

describe('shapes', () => {
  it.each<[LayerSpec, Shape, Shape]>([
    [depthwiseConv2d({ kernelSize: 3 }), [4, 9, 7], [4, 7, 5]],
    [
      depthwiseConv2d({ kernelSize: 3, multiplier: 2, strides: 2, padding: 'same' }),
      [4, 9, 7],
      [8, 5, 4],
    ],
    [
      separableConv2d({ filters: 5, kernelSize: [3, 2], dilation: 2, padding: [0, 1] }),
      [4, 9, 7],
      [5, 5, 7],
    ],
    [conv2dTranspose({ filters: 5, kernelSize: 3 }), [4, 9, 7], [5, 11, 9]],
    [
      conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: 1, outputPadding: 1 }),
      [4, 9, 7],
      [5, 18, 14],
    ],
    [
      conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: [0, 1, 2, 0] }),
      [4, 2, 2],
      [2, 3, 4],
    ],
    [groupNorm({ groups: 2 }), [4, 9, 7], [4, 9, 7]],
    [groupNorm({ groups: 3 }), [6], [6]],
  ])('%j of %j is %j', (spec, input, expected) => {
    expect(outputOf(spec, input)).toEqual(expected);
  });

  it.each<[LayerSpec, Shape, string]>([
    [depthwiseConv2d({ kernelSize: 3 }), [4], 'here: expected images'],
    [
      separableConv2d({ filters: 2, kernelSize: 4 }),
      [4, 3, 5],
      'here: expected a kernel no larger than its image, got 4×4 on 3×5.',
    ],
    [
      conv2dTranspose({ filters: 4, kernelSize: 3, groups: 3 }),
      [6, 3, 3],
      'here: expected groups to divide 6 input channels and 4 filters, got 3.',
    ],
    [
      conv2dTranspose({ filters: 4, kernelSize: 1, padding: 1 }),
      [6, 2, 3],
      'here: expected padding that leaves some of 2×3 outputs, got padding [1, 1, 1, 1]. Use less padding.',
    ],
    [
      conv2dTranspose({ filters: 4, kernelSize: 3, strides: [2, 1], outputPadding: 1 }),
      [6, 2, 3],
      'here: expected outputPadding below strides or dilation, got outputPadding [1, 1] with strides [2, 1] and dilation [1, 1].',
    ],
    [groupNorm({ groups: 3 }), [4, 3, 5], 'here: expected groups to divide 4 channels, got 3.'],
    [
      groupNorm({ groups: 2 }),
      [4, 3],
      'here: expected images [channels, height, width] or features, got 4×3.',
    ],
  ])('%j of %j is refused', (spec, input, message) => {
    expect(() => outputOf(spec, input)).toThrow(message);
  });

  it.each<[string, unknown, string]>([
    ['depthwiseConv2d', { kernelSize: 3, filters: 4 }, 'got "filters".'],
    ['separableConv2d', { kernelSize: 3 }, 'expected the option filters, got none.'],
    [
      'conv2dTranspose',
      { filters: 1, kernelSize: 3, padding: 'same' },
      'expected padding to be a number, [vertical, horizontal] or [top, left, bottom, right], got "same".',
    ],
    ['groupNorm', {}, 'expected the option groups, got none.'],
    ['groupNorm', { groups: 2, eps: 1 }, 'got "eps". Use epsilon.'],
    ['groupNorm', { groups: 2, epsilon: 0 }, 'expected epsilon'],
  ])('%s(%j) is refused', (type, options, message) => {
    const factories = layers as unknown as Record<string, (options: unknown) => unknown>;
    expect(() => factories[type]?.(options)).toThrow(message);
  });
});

describe('values', () => {
  it('depthwiseConv2d has the bits of conv2d with a group a channel', () => {
    const { ops } = backend();
    const x = tensor(2, 3, 7, 6);
    const parameters = { weight: tensor(6, 1, 3, 2), bias: tensor(6) };
    const window = { kernelSize: [3, 2], strides: [1, 2], padding: 1, dilation: 2 } as const;
    const one = depthwiseConv2d({ ...window, multiplier: 2 });
    const other = layers.conv2d({ ...window, filters: 6, groups: 3 });
    const { y } = ops.layer(one, [x], parameters);
    expect(ops.layer(other, [x], parameters).y).toEqual(y);
    expect(ops.layerBackward(one, y, [x], parameters)).toEqual(
      ops.layerBackward(other, y, [x], parameters),
    );
  });

  it('separableConv2d has the bits of a depthwise and a 1×1 convolution', () => {
    const { ops } = backend();
    const x = tensor(2, 3, 7, 6);
    const [v, w, bias] = [tensor(6, 1, 3, 3), tensor(4, 6, 1, 1), tensor(4)];
    const window = { kernelSize: 3, multiplier: 2, strides: 2, padding: 1 } as const;
    const one = separableConv2d({ ...window, filters: 4 });
    const first = depthwiseConv2d({ ...window, useBias: false });
    const second = layers.conv2d({ filters: 4, kernelSize: 1 });
    const parameters = { 'depthwise.weight': v, 'pointwise.weight': w, bias };
    const { y: z } = ops.layer(first, [x], { weight: v });
    const { y } = ops.layer(second, [z], { weight: w, bias });
    expect(ops.layer(one, [x], parameters).y).toEqual(y);
    const after = ops.layerBackward(second, y, [z], { weight: w, bias });
    const before = ops.layerBackward(first, after.dx[0] ?? y, [x], { weight: v });
    const { dx, gradients } = ops.layerBackward(one, y, [x], parameters);
    expect(dx).toEqual(before.dx);
    expect(gradients['depthwise.weight']).toEqual(before.gradients.weight);
    expect(gradients['pointwise.weight']).toEqual(after.gradients.weight);
    expect(gradients.bias).toEqual(after.gradients.bias);
  });

  it('conv2dTranspose is the adjoint of conv2d', () => {
    const { ops } = backend();
    const window = { kernelSize: [3, 2], strides: [2, 3], padding: [1, 0, 0, 1] } as const;
    const weight = tensor(4, 2, 3, 2);
    const small = tensor(2, 4, 3, 4);
    const spec = conv2dTranspose({ ...window, filters: 4, groups: 2, useBias: false });
    const { y: large } = ops.layer(spec, [small], { weight });
    const back = layers.conv2d({ ...window, filters: 4, groups: 2, useBias: false });
    const probe = { shape: large.shape, data: uniform(random, large.data.length) };
    const dot = (a: Tensor, b: Tensor) =>
      a.data.reduce((sum, value, i) => sum + value * (b.data[i] ?? Number.NaN), 0);
    const { y } = ops.layer(back, [probe], { weight });
    expect(y.shape).toEqual(small.shape);
    expect(Math.abs(dot(large, probe) - dot(small, y))).toBeLessThanOrEqual(1e-4);
  });

  it('groupNorm is the same in training and evaluation, whatever the batch', () => {
    const { ops } = backend();
    const x = tensor(3, 4, 3, 5);
    const parameters = { weight: tensor(4), bias: tensor(4) };
    const { y } = ops.layer(groupNorm({ groups: 2 }), [x], parameters, { mode: 'train' });
    expect(ops.layer(groupNorm({ groups: 2 }), [x], parameters).y).toEqual(y);
    const alone = { shape: [1, 4, 3, 5], data: x.data.slice(60, 120) };
    expect(ops.layer(groupNorm({ groups: 2 }), [alone], parameters).y.data).toEqual(
      y.data.slice(60, 120),
    );
  });
});

const OWN = ['conv2dTranspose', 'depthwiseConv2d', 'groupNorm', 'separableConv2d'];

/** A convolution, the layers, and a dense layer. */
const around = (...some: readonly LayerSpec[]): ModelSpec => ({
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
    ...some,
    layers.flatten(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
});

describe.each<[string, ModelSpec, readonly string[]]>([
  [
    'depthwiseConv2d',
    around(depthwiseConv2d({ kernelSize: 3, padding: 'same', multiplier: 2 }), layers.relu()),
    ['1.weight', '1.bias'],
  ],
  [
    'separableConv2d',
    around(separableConv2d({ filters: 6, kernelSize: 3, padding: 1, name: 's' }), layers.relu()),
    ['s.depthwise.weight', 's.pointwise.weight', 's.bias'],
  ],
  [
    'conv2dTranspose',
    around(conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 1 }), layers.relu()),
    ['1.weight', '1.bias'],
  ],
  ['groupNorm', around(groupNorm({ groups: 2 }), layers.relu()), ['1.weight', '1.bias']],
  [
    'groupNorm of features',
    around(layers.flatten(), layers.dense({ units: 12 }), groupNorm({ groups: 1 })),
    ['3.weight', '3.bias'],
  ],
])('%s', (_name, spec, names) => {
  it('learns, to the same bytes on 1, 2 and 3 threads', async () => {
    const digests = new Set<string>();
    for (const threads of [1, 2, 3]) {
      const shared = await createBackend({ threads });
      const model = createModel(shared, spec);
      const before = model.weights();
      expect([...before.keys()]).toEqual(expect.arrayContaining([...names]));
      const optimizer = optimizers.adam({ learningRate: 0.01 });
      const { epochs } = await model.fit(strokes(203), { epochs: 12, batchSize: 32, optimizer });
      expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) * 0.7);
      const after = model.weights();
      for (const name of names) expect(after.get(name), name).not.toEqual(before.get(name));
      digests.add(await model.weightsSha256());
      shared.dispose();
    }
    expect(digests.size).toBe(1);
  });

  it('keeps its parameters if it is frozen', async () => {
    const frozen = spec.layers.map((layer) =>
      OWN.includes(layer.type) ? { ...layer, trainable: false } : layer,
    );
    const model = createModel(backend(), { ...spec, layers: frozen });
    const before = model.weights();
    await model.fit(strokes(64), { epochs: 1, batchSize: 32 });
    const after = model.weights();
    for (const name of names) expect(after.get(name), name).toEqual(before.get(name));
    expect(after.get('0.weight')).not.toEqual(before.get('0.weight'));
  });
});
