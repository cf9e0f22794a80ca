/** Gradients of the operations by central differences, every option that changes forward a row of its own. */
import {
  type Backend,
  createBackend,
  type LayerOptions,
  type LayerSpec,
  layers,
  losses,
  type Tensor,
} from 'convlet';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { layerRows, parametersOf } from './support/layerRows.ts';
import { testRandom } from './support/random.ts';

let ops: Backend['ops'];
beforeAll(async () => {
  ({ ops } = await createBackend());
});

const random = testRandom(20_261_123);

function tensor(...shape: readonly number[]): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape: [...shape], data: Float32Array.from({ length }, () => random() * 2 - 1) };
}

/** Distinct values, `apart` from one to the next and a quarter of that from 0. */
function spread(apart: number, ...shape: readonly number[]): Tensor {
  const { data } = tensor(...shape);
  const order = Array.from(data.keys()).sort((a, b) => (data[a] ?? 0) - (data[b] ?? 0));
  for (const [rank, i] of order.entries()) {
    data[i] = (rank - Math.floor(data.length / 2) + 0.25) * apart;
  }
  return { shape: [...shape], data };
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

/** How a layer is differentiated: its inputs, the step, and what error is allowed. */
interface Rule {
  readonly draw: (...shape: readonly number[]) => Tensor;
  readonly h: number;
  readonly tolerance: number;
}

const linear: Rule = { draw: tensor, h: 0.1, tolerance: 1e-4 };
const smooth: Rule = { draw: (...shape) => spread(0.15, ...shape), h: 5e-3, tolerance: 1e-3 };
/** No step crosses a tie, or one of the kinks at −3, 0, 3 and 6. */
const kinked: Rule = { draw: (...shape) => spread(1, ...shape), h: 1e-2, tolerance: 1e-3 };

const SMOOTH: readonly LayerSpec['type'][] = [
  'batchNorm',
  'elu',
  'gelu',
  'groupNorm',
  'selu',
  'sigmoid',
  'silu',
  'softmax',
  'softplus',
  'tanh',
];
const KINKED: readonly LayerSpec['type'][] = [
  'globalMaxPool2d',
  'hardSigmoid',
  'hardSwish',
  'leakyRelu',
  'maxPool2d',
  'prelu',
  'relu',
  'relu6',
];

it.each(layerRows.map((row) => [row.title, row] as const))(
  'has the gradients of central differences: %s',
  (_title, row) => {
    const { spec, inputs, mode } = row;
    const { draw, h, tolerance } = SMOOTH.includes(spec.type)
      ? smooth
      : KINKED.includes(spec.type)
        ? kinked
        : linear;
    const xs = inputs.map((shape) => draw(...shape));
    const parameters = parametersOf(row, (shape) => tensor(...shape));
    const options: LayerOptions = { mode, seed: 5, epoch: 2, step: 3 };
    const forward = () => ops.layer(spec, xs, parameters, options).y;
    const dy = tensor(...forward().shape);
    const { dx, gradients } = ops.layerBackward(spec, dy, xs, parameters, options);
    expect(dx).toHaveLength(xs.length);
    for (const [i, x] of xs.entries()) check(x, dx[i] ?? dy, dy, forward, h, tolerance);
    const isFrozen = 'trainable' in spec && spec.trainable === false;
    const learning = Object.keys(parameters).filter(
      (name) => !isFrozen && !name.includes('running'),
    );
    expect(Object.keys(gradients).sort()).toEqual(learning.sort());
    for (const name of learning) {
      const [q, dq] = [parameters[name], gradients[name]] as [Tensor, Tensor]; // as just compared
      check(q, dq, dy, forward, h, tolerance);
    }
  },
);

/** How parameters begin, for which see test/layers/initializers.test.ts, and where a layer stands. */
const ELSEWHERE = ['kernelInitializer', 'biasInitializer', 'name', 'inputs'];

it.each(Object.entries(layers))('has a row for every option of %s', (type, { definition }) => {
  const specs = layerRows.map(({ spec }) => spec).filter((spec) => spec.type === type);
  expect(specs.length).toBeGreaterThan(0);
  for (const option of Object.keys(definition.options)) {
    if (ELSEWHERE.includes(option)) continue;
    const values = specs.map((spec) =>
      JSON.stringify((spec as object as Record<string, unknown>)[option]),
    );
    expect(new Set(values).size, option).toBeGreaterThan(1);
  }
});

it('dropout keeps some numbers and drops others, whole channels if asked to', () => {
  const ones: Tensor = { shape: [3, 8, 2, 3], data: new Float32Array(144).fill(1) };
  const kept = (perChannel: boolean) => {
    const spec = layers.dropout({ rate: 0.5, perChannel });
    const { y } = ops.layer(spec, [ones], {}, { mode: 'train', seed: 5 });
    expect(new Set(y.data)).toEqual(new Set([0, 2]));
    return Array.from({ length: 24 }, (_, c) => new Set(y.data.subarray(6 * c, 6 * c + 6)).size);
  };
  expect(Math.max(...kept(false))).toBe(2);
  expect(Math.max(...kept(true))).toBe(1);
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
    [meanAbsoluteError(), spread(0.05, 5, 3), { shape: [5, 3], data: new Float32Array(15) }],
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
