/** Gradients of the operations by central differences, every option that changes forward a row of its own. */
import {
  type Backend,
  createBackend,
  type LayerOptions,
  type LayerSpec,
  losses,
  type Tensor,
  type Tensors,
} from 'convlet';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Conv2dTransposeSpec } from '../src/layers/conv2dTranspose.ts';
import type { DepthwiseConv2dSpec } from '../src/layers/depthwiseConv2d.ts';
import { testRandom } from './support/random.ts';

let ops: Backend['ops'];
beforeAll(async () => {
  ({ ops } = await createBackend());
});

const random = testRandom(20_261_123);

function tensor(...shape: number[]): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length }, () => random() * 2 - 1) };
}

/** Distinct values a good step apart, so that no step crosses a tie or the kink at 0. */
function spread(...shape: number[]): Tensor {
  const { data } = tensor(...shape);
  const order = Array.from(data.keys()).sort((a, b) => (data[a] ?? 0) - (data[b] ?? 0));
  for (const [rank, i] of order.entries()) data[i] = (rank - data.length / 2 + 0.25) * 0.05;
  return { shape, data };
}

/** Checks dq against differences of L = Σ dy·y, at every entry of q. */
function check(
  q: Tensor,
  dq: Tensor,
  dy: Tensor,
  forward: () => Tensor,
  h: number,
  tolerance: number,
): void {
  const loss = () => forward().data.reduce((sum, y, i) => sum + y * (dy.data[i] ?? Number.NaN), 0);
  expect(dq.shape).toEqual(q.shape);
  expect(q.data.length).toBeGreaterThan(1);
  for (const [i, value] of q.data.entries()) {
    const [up, down] = [Math.fround(value + h), Math.fround(value - h)];
    q.data[i] = up;
    const above = loss();
    q.data[i] = down;
    const below = loss();
    q.data[i] = value;
    const numeric = (above - below) / (up - down);
    const analytic = dq.data[i] ?? Number.NaN;
    expect(
      Math.abs(analytic - numeric) / Math.max(1, Math.abs(analytic), Math.abs(numeric)),
      `entry ${i}`,
    ).toBeLessThanOrEqual(tolerance);
  }
}

describe('conv2d', () => {
  it.each([
    ['plain', [2, 3, 5, 6], [4, 3, 3, 3], {}],
    ['strides', [2, 2, 7, 6], [3, 2, 3, 2], { strides: [2, 3] as const }],
    ['padding', [1, 2, 5, 4], [3, 2, 3, 3], { padding: [1, 2, 0, 1] as const }],
    [
      'same padding, stride 2',
      [2, 1, 5, 6],
      [2, 1, 3, 3],
      { padding: 'same' as const, strides: 2 },
    ],
    ['dilation', [1, 2, 7, 8], [2, 2, 3, 2], { dilation: [2, 3] as const }],
    ['groups', [2, 4, 5, 5], [6, 2, 3, 3], { groups: 2, padding: 1 }],
    ['depthwise', [1, 3, 5, 5], [3, 1, 3, 3], { groups: 3 }],
    ['1×1', [3, 5, 3, 3], [7, 5, 1, 1], {}],
  ])('has the gradients of central differences: %s', (_name, xShape, wShape, options) => {
    const [x, w, b] = [tensor(...xShape), tensor(...wShape), tensor(wShape[0] ?? 0)];
    const forward = () => ops.conv2d(x, w, b, options);
    const dy = tensor(...forward().shape);
    const { dx, dw, db } = ops.conv2dBackward(dy, x, w, options);
    check(x, dx, dy, forward, 0.1, 1e-4);
    check(w, dw, dy, forward, 0.1, 1e-4);
    check(b, db, dy, forward, 0.1, 1e-4);
  });
});

it('dense has the gradients of central differences', () => {
  const [x, w, b] = [tensor(5, 7), tensor(3, 7), tensor(3)];
  const forward = () => ops.dense(x, w, b);
  const dy = tensor(5, 3);
  const { dx, dw, db } = ops.denseBackward(dy, x, w);
  check(x, dx, dy, forward, 0.1, 1e-4);
  check(w, dw, dy, forward, 0.1, 1e-4);
  check(b, db, dy, forward, 0.1, 1e-4);
});

it('relu has the gradients of central differences', () => {
  const x = spread(3, 7);
  const dy = tensor(3, 7);
  check(x, ops.reluBackward(dy, x), dy, () => ops.relu(x), 1e-2, 1e-3);
});

/** Steps of 1 from −10.25 on: of the kinks at −3, 0, 3 and 6 none is near. */
function wide(...shape: number[]): Tensor {
  const { data } = spread(...shape);
  return { shape, data: data.map((value) => value * 20) };
}

it.each([
  ['relu6', {}],
  ['leakyRelu', {}],
  ['leakyRelu', { negativeSlope: 0.3 }],
  ['hardSwish', {}],
  ['hardSigmoid', {}],
] as const)('%s %j', (name, options) => {
  const spec = { type: name, ...options } as const;
  const x = wide(3, 7);
  const dy = tensor(3, 7);
  const { dx } = ops.layerBackward(spec, dy, [x]);
  check(x, dx[0] ?? dy, dy, () => ops.layer(spec, [x]).y, 1e-2, 1e-3);
});

it.each([
  ['elu', {}],
  ['elu', { alpha: 0.7 }],
  ['selu', {}],
  ['gelu', {}],
  ['silu', {}],
  ['sigmoid', {}],
  ['tanh', {}],
  ['softplus', {}],
] as const)('%s %j', (name, options) => {
  const spec = { type: name, ...options } as const;
  const { shape, data } = spread(5, 9);
  const x: Tensor = { shape, data: data.map((value) => value * 3) };
  const dy = tensor(5, 9);
  const { dx } = ops.layerBackward(spec, dy, [x]);
  check(x, dx[0] ?? dy, dy, () => ops.layer(spec, [x]).y, 5e-3, 1e-3);
});

it.each([
  ['an image', [2, 3, 2, 5]],
  ['features', [4, 7]],
])('prelu of %s', (_name, shape) => {
  const x = spread(...shape);
  const w = tensor(shape[1] ?? 0);
  const dy = tensor(...shape);
  const { dx, dw } = ops.preluBackward(dy, x, w);
  check(x, dx, dy, () => ops.prelu(x, w), 1e-2, 1e-3);
  check(w, dw, dy, () => ops.prelu(x, w), 0.1, 1e-4);
});

it.each([
  ['plain', { poolSize: 2 }],
  ['overlapping', { poolSize: 3, strides: 1 }],
  ['padding', { poolSize: 3, strides: 2, padding: 1 }],
  ['gaps', { poolSize: [1, 2] as const, strides: 3 }],
  ['padding on four sides', { poolSize: 3, padding: [2, 0, 1, 2] as const }],
  ['a last window past the end', { poolSize: 2, ceilMode: true }],
])('maxPool2d has the gradients of central differences: %s', (_name, options) => {
  const x = spread(2, 2, 5, 7);
  const dy = tensor(...ops.maxPool2d(x, options).shape);
  check(x, ops.maxPool2dBackward(dy, x, options), dy, () => ops.maxPool2d(x, options), 1e-2, 1e-3);
});

/** Checks the gradient of a layer by each of its inputs. */
function checkInputs(spec: LayerSpec, xs: readonly Tensor[], h: number, tolerance: number): void {
  const forward = () => ops.layer(spec, xs).y;
  const dy = tensor(...forward().shape);
  const { dx } = ops.layerBackward(spec, dy, xs);
  expect(dx).toHaveLength(xs.length);
  for (const [i, x] of xs.entries()) check(x, dx[i] ?? dy, dy, forward, h, tolerance);
}

it.each([
  ['plain', { poolSize: 2 }],
  ['overlapping', { poolSize: 3, strides: 1 }],
  ['padding', { poolSize: 3, strides: 2, padding: 1 }],
  ['padding that counts', { poolSize: 3, strides: 2, padding: 1, countIncludePad: true }],
  ['padding on four sides', { poolSize: 3, padding: [2, 0, 1, 2] as const }],
  ['a last window past the end', { poolSize: 2, ceilMode: true }],
  [
    'a last window past padding that counts',
    { poolSize: [4, 3] as const, strides: 3, padding: 1, ceilMode: true, countIncludePad: true },
  ],
  ['gaps', { poolSize: [1, 2] as const, strides: 3 }],
])('averagePool2d has the gradients of central differences: %s', (_name, options) => {
  checkInputs({ type: 'averagePool2d', ...options }, [tensor(2, 2, 5, 7)], 0.1, 1e-4);
});

it('globalMaxPool2d has the gradients of central differences', () => {
  checkInputs({ type: 'globalMaxPool2d' }, [spread(2, 3, 4, 5)], 1e-2, 1e-3);
});

it.each<LayerSpec>([
  { type: 'upsample2d' },
  { type: 'upsample2d', size: [1, 3] },
  { type: 'zeroPad2d', padding: 1 },
  { type: 'zeroPad2d', padding: [0, 2] },
  { type: 'zeroPad2d', padding: [1, 0, 2, 3] },
  { type: 'crop2d', cropping: 1 },
  { type: 'crop2d', cropping: [0, 2] },
  { type: 'crop2d', cropping: [1, 0, 2, 3] },
  { type: 'reshape', shape: [6, -1] },
  { type: 'identity' },
])('%j has the gradients of central differences', (spec) => {
  checkInputs(spec, [tensor(2, 3, 4, 5)], 0.1, 1e-4);
});

it.each<[name: string, ...shapes: number[][]]>([
  ['images', [2, 3, 4, 3], [2, 1, 4, 3], [2, 5, 4, 3]],
  ['features', [3, 4], [3, 1]],
])('concat of %s has the gradients of central differences', (_name, ...shapes) => {
  checkInputs(
    { type: 'concat' },
    shapes.map((shape) => tensor(...shape)),
    0.1,
    1e-4,
  );
});

it.each<[name: string, ...shapes: number[][]]>([
  ['two images', [2, 3, 2, 5], [2, 3, 2, 5]],
  ['features', [3, 4], [3, 4], [3, 4]],
  ['an image and its gate', [2, 3, 2, 5], [2, 3]],
  ['a gate and its image', [2, 3], [2, 3, 3, 2]],
  ['three images', [1, 2, 2, 3], [1, 2, 2, 3], [1, 2, 2, 3]],
  ['gates and images in turn', [2, 2], [2, 2, 3, 3], [2, 2], [2, 2, 3, 3]],
])('multiply of %s has the gradients of central differences', (_name, ...shapes) => {
  checkInputs(
    { type: 'multiply' },
    shapes.map((shape) => tensor(...shape)),
    0.1,
    1e-4,
  );
});

it('softmax has the gradients of central differences', () => {
  const x = tensor(4, 7);
  const dy = tensor(4, 7);
  check(x, ops.softmaxBackward(dy, x), dy, () => ops.softmax(x), 5e-3, 1e-3);
});

it('softmax with cross-entropy has the gradients of central differences', () => {
  const x = tensor(5, 7);
  const labels = [0, 6, 3, 3, 1];
  const dy: Tensor = { shape: [1], data: Float32Array.of(1) };
  const forward = (): Tensor => ({
    shape: [1],
    data: Float32Array.of(ops.softmaxCrossEntropy(x, labels).loss),
  });
  check(x, ops.softmaxCrossEntropy(x, labels).dx, dy, forward, 5e-3, 1e-3);
});

it.each([
  [1, 1, 1],
  [4, 8, 5],
  [5, 9, 3],
  [3, 17, 2],
  [13, 7, 11],
  [8, 16, 240],
  [1, 10, 2028],
])('matmul %i×%i over %i, in all four transposes', (m, n, k) => {
  const [a, b] = [tensor(m, k), tensor(k, n)];
  const flip = ({ shape: [rows = 0, columns = 0], data }: Tensor): Tensor => ({
    shape: [columns, rows],
    data: Float32Array.from(
      data,
      (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? Number.NaN,
    ),
  });
  const exact = Float64Array.from({ length: m * n }, (_, i) => {
    let sum = 0;
    for (let p = 0; p < k; p++)
      sum += (a.data[Math.floor(i / n) * k + p] ?? 0) * (b.data[p * n + (i % n)] ?? 0);
    return sum;
  });
  const plain = ops.matmul(a, b);
  const dots = ops.matmul(a, flip(b), { transposeB: true }); // sums in another order
  for (const [i, value] of exact.entries()) {
    expect(Math.abs((plain.data[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6 * k + 1e-6);
    expect(Math.abs((dots.data[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6 * k + 1e-6);
  }
  expect(ops.matmul(flip(a), b, { transposeA: true })).toEqual(plain);
  expect(ops.matmul(flip(a), flip(b), { transposeA: true, transposeB: true })).toEqual(plain);
});

/** A layer of one input, with what it takes to run it. */
interface LayerCase {
  readonly spec: LayerSpec;
  readonly x: Tensor;
  readonly parameters?: Tensors;
  readonly options?: LayerOptions;
}

/** Checks the gradients by the input and by every parameter that learns; there are as many as `learning`. */
function checkLayer(
  { spec, x, parameters = {}, options = {} }: LayerCase,
  learning: number,
  h: number,
  tolerance: number,
): void {
  const forward = () => ops.layer(spec, [x], parameters, options).y;
  const dy = tensor(...forward().shape);
  const { dx, gradients } = ops.layerBackward(spec, dy, [x], parameters, options);
  expect(dx).toHaveLength(1);
  expect(Object.keys(gradients)).toHaveLength(learning);
  check(x, dx[0] as Tensor, dy, forward, h, tolerance);
  for (const [name, dq] of Object.entries(gradients)) {
    check(parameters[name] as Tensor, dq, dy, forward, h, tolerance);
  }
}

it.each([
  ['the default slope', {}, [3, 7]],
  ['slope 0.3, images', { negativeSlope: 0.3 }, [2, 3, 2, 3]],
  ['slope 0', { negativeSlope: 0 }, [3, 7]],
])('leakyRelu has the gradients of central differences: %s', (_name, options, shape) => {
  checkLayer({ spec: { type: 'leakyRelu', ...options }, x: spread(...shape) }, 0, 1e-2, 1e-3);
});

it('add has the gradients of central differences by each of three inputs', () => {
  const inputs = [tensor(2, 3, 2, 2), tensor(2, 3, 2, 2), tensor(2, 3, 2, 2)];
  const forward = () => ops.layer({ type: 'add' }, inputs).y;
  const dy = tensor(2, 3, 2, 2);
  const { dx } = ops.layerBackward({ type: 'add' }, dy, inputs);
  expect(dx).toHaveLength(3);
  for (const [i, x] of inputs.entries()) check(x, dx[i] as Tensor, dy, forward, 0.1, 1e-4);
});

it('add has the gradients of central differences if the same input is given twice', () => {
  const x = tensor(3, 5);
  const forward = () => ops.layer({ type: 'add' }, [x, x]).y;
  const dy = tensor(3, 5);
  const { dx } = ops.layerBackward({ type: 'add' }, dy, [x, x]);
  expect(dx).toHaveLength(2);
  const [first, second] = dx as [Tensor, Tensor];
  const sum = first.data.map((value, i) => value + (second.data[i] ?? Number.NaN));
  check(x, { shape: x.shape, data: sum }, dy, forward, 0.1, 1e-4);
});

interface Window {
  readonly useBias?: boolean;
  readonly strides?: readonly [number, number];
  readonly padding?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
}

/** Options of all convolutions, a row each. */
const windows: [name: string, options: Window][] = [
  ['plain', {}],
  ['without bias', { useBias: false }],
  ['strides', { strides: [2, 3] }],
  ['padding', { padding: [1, 0, 2, 1] }],
  ['dilation', { dilation: [2, 1], padding: [1, 1, 1, 1] }],
];
const kernelSize = [3, 2] as const;

/** The parameters by name, the bias left out if there is none. */
const parametersOf = (
  { useBias = true }: { readonly useBias?: boolean },
  weights: Tensors,
  filters: number,
): Tensors => (useBias ? { ...weights, bias: tensor(filters) } : weights);

const multiplied: [name: string, options: Partial<DepthwiseConv2dSpec>][] = [
  ...windows,
  ['same padding, stride 2', { padding: 'same', strides: 2 }],
  ['two filters a channel', { multiplier: 2 }],
];

it.each(multiplied)('depthwiseConv2d has the gradients of central differences: %s', (...row) => {
  const [, options] = row;
  const spec = { kernelSize, ...options, type: 'depthwiseConv2d' } as const;
  const filters = 3 * (spec.multiplier ?? 1);
  const parameters = parametersOf(options, { weight: tensor(filters, 1, 3, 2) }, filters);
  const learning = Object.keys(parameters).length;
  checkLayer({ spec, x: tensor(2, 3, 5, 6), parameters }, learning, 0.1, 1e-4);
});

it.each(multiplied)('separableConv2d has the gradients of central differences: %s', (...row) => {
  const [, options] = row;
  const spec = { kernelSize, ...options, type: 'separableConv2d', filters: 4 } as const;
  const middle = 3 * (spec.multiplier ?? 1);
  const weights = {
    'depthwise.weight': tensor(middle, 1, 3, 2),
    'pointwise.weight': tensor(4, middle, 1, 1),
  };
  const parameters = parametersOf(options, weights, 4);
  const learning = Object.keys(parameters).length;
  checkLayer({ spec, x: tensor(2, 3, 5, 6), parameters }, learning, 0.1, 1e-4);
});

it.each<[name: string, options: Partial<Conv2dTransposeSpec>]>([
  ...windows,
  ['output padding', { strides: [3, 2], outputPadding: [2, 1] }],
  ['output padding below the dilation', { dilation: 2, outputPadding: 1 }],
  ['groups', { groups: 2, strides: 2 }],
  ['a channel a group', { groups: 4, filters: 8 }],
])('conv2dTranspose has the gradients of central differences: %s', (_name, options) => {
  const spec = { filters: 6, kernelSize, ...options, type: 'conv2dTranspose' } as const;
  const { filters, groups = 1 } = spec;
  const parameters = parametersOf(options, { weight: tensor(4, filters / groups, 3, 2) }, filters);
  const learning = Object.keys(parameters).length;
  checkLayer({ spec, x: tensor(2, 4, 3, 4), parameters }, learning, 0.1, 1e-4);
});

it.each([
  ['two groups', { groups: 2 }, [2, 4, 2, 3]],
  ['one group', { groups: 1 }, [2, 3, 2, 3]],
  ['a channel a group', { groups: 3 }, [2, 3, 3, 3]],
  ['features', { groups: 2 }, [3, 6]],
  ['a large epsilon', { groups: 2, epsilon: 0.5 }, [2, 4, 1, 5]],
])('groupNorm has the gradients of central differences: %s', (_name, options, shape) => {
  const channels = shape[1] ?? 0;
  const parameters = { weight: tensor(channels), bias: tensor(channels) };
  const spec: LayerSpec = { type: 'groupNorm', ...options };
  checkLayer({ spec, x: tensor(...shape), parameters }, 2, 5e-3, 1e-3);
});

describe('batchNorm', () => {
  const parameters = (channels: number): Tensors => ({
    weight: tensor(channels),
    bias: tensor(channels),
    running_mean: tensor(channels),
    running_var: { shape: [channels], data: tensor(channels).data.map((value) => value + 1.5) },
  });
  const train = { mode: 'train' } as const;

  it.each([
    ['images', {}, [3, 2, 3, 4]],
    ['rows', {}, [6, 4]],
    ['a large epsilon', { epsilon: 0.5 }, [2, 3, 1, 5]],
  ])('has the gradients of central differences over the batch: %s', (_name, options, shape) => {
    const [x, spec] = [tensor(...shape), { type: 'batchNorm', ...options } as const];
    checkLayer({ spec, x, parameters: parameters(shape[1] ?? 0), options: train }, 2, 5e-3, 1e-3);
  });

  it.each([
    ['in evaluation', {}, {}, [3, 2, 3, 4], 2],
    ['in evaluation, rows, a large epsilon', { epsilon: 0.5 }, {}, [5, 3], 2],
    ['frozen in training', { trainable: false }, train, [3, 2, 3, 4], 0],
  ])('has those of the running statistics %s', (_name, own, options, shape, learning) => {
    const [x, spec] = [tensor(...shape), { type: 'batchNorm', ...own } as const];
    const layer = { spec, x, parameters: parameters(shape[1] ?? 0), options };
    checkLayer(layer, learning, 0.1, 1e-4);
  });
});

it.each([
  ['rows', 0.5, [3, 21]],
  ['images', 0.2, [2, 3, 3, 4]],
])('dropout has the gradients of central differences: %s, rate %f', (_name, rate, shape) => {
  const options = { mode: 'train', seed: 5, epoch: 2, step: 3 } as const;
  const layer = { spec: { type: 'dropout', rate }, x: tensor(...shape), options } as const;
  const { y } = ops.layer(layer.spec, [layer.x], {}, options);
  expect(y.data.includes(0) && y.data.some((value) => value !== 0)).toBe(true);
  checkLayer(layer, 0, 0.1, 1e-4);
});

it('globalAveragePool2d has the gradients of central differences', () => {
  checkLayer({ spec: { type: 'globalAveragePool2d' }, x: tensor(2, 3, 3, 5) }, 0, 0.1, 1e-4);
});

/** Answers from 0 to 1. */
const answers = (...shape: number[]): Tensor => {
  const { data } = tensor(...shape);
  return { shape, data: data.map((value) => (value + 1) / 2) };
};
const { binaryCrossentropy, categoricalCrossentropy, huber, meanAbsoluteError } = losses;
const classWeights = [0.5, 1, 2, 0.1, 3, 1, 0.7];
const labelled = [0, 6, 3, 3, 1];

it.each<[string, Parameters<Backend['ops']['loss']>]>([
  ['mean squared error', ['meanSquaredError', tensor(5, 3), tensor(5, 3)]],
  ['mean squared error of images', ['meanSquaredError', tensor(2, 2, 3, 2), tensor(2, 2, 3, 2)]],
  [
    'mean absolute error',
    [meanAbsoluteError(), spread(5, 3), { shape: [5, 3], data: new Float32Array(15) }],
  ],
  ['huber', [huber(), tensor(5, 3), tensor(5, 3)]],
  ['huber, small delta', [huber({ delta: 0.3 }), tensor(2, 2, 3, 2), tensor(2, 2, 3, 2)]],
  ['smoothed labels', [categoricalCrossentropy({ labelSmoothing: 0.2 }), tensor(5, 7), labelled]],
  ['weights of classes', [categoricalCrossentropy({ classWeights }), tensor(5, 7), labelled]],
  [
    'weights and smoothed labels',
    [categoricalCrossentropy({ classWeights, labelSmoothing: 0.2 }), tensor(5, 7), labelled],
  ],
  ['answers', [binaryCrossentropy(), tensor(5, 3), answers(5, 3)]],
  [
    'answers with weights',
    [binaryCrossentropy({ positiveWeights: [2, 0.3, 0] }), tensor(5, 3), answers(5, 3)],
  ],
  [
    'labels of yes and no',
    [binaryCrossentropy({ positiveWeights: 3 }), tensor(4, 1), [0, 1, 1, 0]],
  ],
])('a loss has the gradient of central differences: %s', (_name, [loss, x, targets]) => {
  const dy: Tensor = { shape: [1], data: Float32Array.of(1) };
  const run = () => ops.loss(loss, x, targets);
  const forward = (): Tensor => ({ shape: [1], data: Float32Array.of(run().loss) });
  check(x, run().dx, dy, forward, 5e-3, 1e-3);
});

it('conv2d and its gradients are those of the layer of that type', () => {
  const size = (min: number, max: number) => fc.integer({ min, max });
  const sizes = {
    batch: size(1, 3),
    groups: size(1, 2),
    inputs: size(1, 2),
    outputs: size(1, 3),
    kernel: fc.tuple(size(1, 3), size(1, 3)),
    image: fc.tuple(size(5, 8), size(5, 8)),
    strides: size(1, 2),
    padding: size(0, 1),
    dilation: size(1, 2),
    useBias: fc.boolean(),
  };
  fc.assert(
    fc.property(fc.record(sizes), (given) => {
      const { batch, groups, kernel, strides, padding, dilation, useBias } = given;
      const filters = groups * given.outputs;
      const x = tensor(batch, groups * given.inputs, ...given.image);
      const [weight, bias] = [tensor(filters, given.inputs, ...kernel), tensor(filters)];
      const options = { strides, padding, dilation, groups };
      const spec = { type: 'conv2d', filters, kernelSize: kernel, useBias, ...options } as const;
      const parameters = useBias ? { weight, bias } : { weight };
      const y = ops.conv2d(x, weight, useBias ? bias : null, options);
      expect(ops.layer(spec, [x], parameters).y).toEqual(y);
      const dy = tensor(...y.shape);
      const { dx, dw, db } = ops.conv2dBackward(dy, x, weight, options);
      const layer = ops.layerBackward(spec, dy, [x], parameters);
      expect(layer.dx).toEqual([dx]);
      expect(layer.gradients).toEqual(useBias ? { weight: dw, bias: db } : { weight: dw });
    }),
    { seed: 20_261_128, numRuns: 60 },
  );
});
