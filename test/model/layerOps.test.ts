/** `backend.ops` has every layer by its name, forward and backward: the same numbers as `ops.layer` and `ops.layerBackward`. */
import { type Backend, layers, type Tensor, type Tensors } from 'convlet';
import { describe, expect, it } from 'vitest';
import { type LayerRow, layerRows, parametersOf } from '../support/layerRows.ts';
import { useBackend } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = useBackend();

type Loose = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const loose = (ops: Backend['ops']) => ops as unknown as Loose;

const random = testRandom(61);
const tensor = (...shape: readonly number[]): Tensor => ({
  shape: [...shape],
  data: uniform(
    random,
    shape.reduce((product, size) => product * size, 1),
  ),
});

/** The letter of each parameter, in the order of the arguments. */
const LETTERS: Readonly<Record<string, string>> = {
  'depthwise.weight': 'v',
  'pointwise.weight': 'w',
  weight: 'w',
  bias: 'b',
  running_mean: 'mean',
  running_var: 'variance',
};
/** What the weights tell. */
const TOLD = ['type', 'filters', 'kernelSize', 'units', 'useBias', 'multiplier'];

/** The arguments of a row: tensors, and options if there are any. */
function argumentsOf({ spec, mode }: LayerRow, x: unknown, parameters: Tensors) {
  const entries = Object.entries(spec).filter(([name]) => !TOLD.includes(name));
  const hasModes = spec.type === 'batchNorm' || spec.type === 'dropout';
  const own = Object.fromEntries([
    ...entries,
    ...(hasModes ? Object.entries({ mode, seed: 4, epoch: 3, step: 2 }) : []),
  ]);
  const options = Object.keys(own).length > 0 ? [own] : [];
  const named = Object.entries(parameters);
  const missing = 'useBias' in spec && spec.useBias === false ? [null] : [];
  const forward = [x, ...named.map(([, value]) => value), ...missing, ...options];
  const withoutBias = named.filter(([name]) => name !== 'bias').map(([, value]) => value);
  return { forward, backward: [x, ...withoutBias, ...options] };
}

const learning = layerRows.filter(({ spec }) => !('trainable' in spec));

it.each(learning.map((row) => [row.title, row] as const))('is ops.layer: %s', (_title, row) => {
  const { ops } = backend();
  const { spec, inputs, mode } = row;
  const { type } = spec;
  const xs = inputs.map((shape) => tensor(...shape));
  const parameters = parametersOf(row, (shape) => tensor(...shape));
  const takesMany = ['add', 'concat', 'multiply'].includes(type);
  const { forward, backward } = argumentsOf(row, takesMany ? xs : xs[0], parameters);
  const options = { mode, seed: 4, epoch: 3, step: 2 };
  const { y } = ops.layer(spec, xs, parameters, options);
  expect(loose(ops)[type]?.(...forward)).toEqual(y);

  const dy = tensor(...y.shape);
  const { dx, gradients } = ops.layerBackward(spec, dy, xs, parameters, options);
  const got = loose(ops)[`${type}Backward`]?.(dy, ...backward);
  if (takesMany) expect(got).toEqual(dx);
  else if (Object.keys(parameters).length === 0) expect(got).toEqual(dx[0]);
  else {
    const { db, ...others } = got as Record<string, Tensor>;
    const { bias, ...rest } = gradients;
    const named = Object.entries(rest).map(([name, value]) => [`d${LETTERS[name]}`, value]);
    expect(others).toEqual({ dx: dx[0], ...Object.fromEntries(named) });
    if (bias !== undefined) expect(db).toEqual(bias); // it is given in any case
  }
});

it('has a pair for every layer, and nothing else but what is no layer', () => {
  const { ops } = backend();
  const types = Object.keys(layers);
  const pairs = types.flatMap((type) => [type, `${type}Backward`]);
  const others = ['layer', 'layerBackward', 'loss', 'matmul', 'softmaxCrossEntropy'];
  expect(Object.keys(ops).sort()).toEqual([...pairs, ...others].sort());
});

describe('batchNorm', () => {
  it('takes null for the running numbers of a fresh layer', () => {
    const { ops } = backend();
    const [x, w, b, dy] = [tensor(3, 2), tensor(2), tensor(2), tensor(3, 2)];
    const mean = { shape: [2], data: Float32Array.of(0, 0) };
    const variance = { shape: [2], data: Float32Array.of(1, 1) };
    expect(ops.batchNorm(x, w, b, null, null)).toEqual(ops.batchNorm(x, w, b, mean, variance));
    expect(ops.batchNormBackward(dy, x, w, null, null)).toEqual(
      ops.batchNormBackward(dy, x, w, mean, variance),
    );
    const train = { mode: 'train' } as const;
    expect(ops.batchNorm(x, w, b, null, null, train)).not.toEqual(
      ops.batchNorm(x, w, b, null, null),
    );
  });
});

describe('a function of a layer refuses', () => {
  const [x, w, b] = [tensor(1, 3, 4, 4), tensor(6, 1, 2, 2), tensor(6)];
  const channels = tensor(3);
  it.each<[string, string, readonly unknown[], string]>([
    [
      'what the weights tell',
      'depthwiseConv2d',
      [x, w, b, { kernelSize: 2 }],
      'depthwiseConv2d: expected options of multiplier, strides, padding, dilation, got "kernelSize".',
    ],
    [
      'what a function cannot be',
      'groupNorm',
      [x, channels, channels, { groups: 1, trainable: false }],
      'groupNorm: expected options of groups, epsilon, got "trainable".',
    ],
    [
      'a mode of what has none',
      'groupNorm',
      [x, channels, channels, { groups: 1, mode: 'train' }],
      'groupNorm: expected options of groups, epsilon, got "mode".',
    ],
    [
      'another mode',
      'dropout',
      [x, { mode: 'test' }],
      "dropout: expected mode to be 'train' or 'evaluate', got \"test\".",
    ],
    ['no options if one is needed', 'groupNorm', [x, channels, channels], 'the option groups'],
    [
      'a bias of null that must be',
      'groupNorm',
      [x, channels, null, { groups: 1 }],
      'groupNorm: expected a tensor bias 3, got none. Give it.',
    ],
    ['no w', 'separableConv2d', [x, w, undefined, b], 'separableConv2d: w: expected a tensor'],
    ['no v', 'separableConv2d', [x, undefined, w, b], 'separableConv2d: v: expected a tensor'],
    [
      'no x',
      'groupNorm',
      [5, channels, channels, { groups: 1 }],
      'groupNorm: x: expected a tensor',
    ],
    [
      'a weight of other axes',
      'conv2dTranspose',
      [x, channels, null],
      'conv2dTranspose: w: expected a list of 4 sizes',
    ],
    [
      'filters that the channels do not divide',
      'depthwiseConv2d',
      [x, tensor(7, 1, 2, 2), null],
      'depthwiseConv2d: weight: expected shape 6×1×2×2, got 7×1×2×2. Use that shape.',
    ],
    [
      'fewer filters than channels',
      'depthwiseConv2d',
      [x, tensor(2, 1, 2, 2), null],
      'depthwiseConv2d: weight: expected shape 3×1×2×2, got 2×1×2×2. Use that shape.',
    ],
    [
      'a multiplier that the weight does not have',
      'depthwiseConv2d',
      [x, w, b, { multiplier: 1 }],
      'depthwiseConv2d: weight: expected shape 3×1×2×2, got 6×1×2×2. Use that shape.',
    ],
    [
      'a bias of two axes',
      'conv2d',
      [x, tensor(2, 3, 2, 2), tensor(2, 1)],
      'conv2d: bias: expected shape 2, got 2×1.',
    ],
    [
      'running numbers that are none',
      'batchNorm',
      [x, channels, channels, 0, null],
      'batchNorm: running_mean: expected a tensor',
    ],
    [
      'a dy of another shape',
      'groupNormBackward',
      [tensor(1, 3, 4, 3), x, channels, { groups: 1 }],
      'groupNormBackward: dy: expected shape 1×3×4×4, got 1×3×4×3.',
    ],
    ['no dy', 'dropoutBackward', [undefined, x], 'dropoutBackward: dy: expected a tensor'],
  ])('%s', (_what, name, args, message) => {
    expect(() => loose(backend().ops)[name]?.(...args)).toThrow(message);
  });
});
