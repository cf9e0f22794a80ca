/** Networks with each activation learn, to the same bytes on any number of threads. */
import {
  createBackend,
  createModel,
  type LayerSpec,
  layers,
  optimizers,
  type Tensor,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();

const activations: readonly (readonly [name: string, create: () => LayerSpec])[] = [
  ['relu6', layers.relu6],
  ['leakyRelu', layers.leakyRelu],
  ['elu', layers.elu],
  ['elu, alpha 0.5', () => layers.elu({ alpha: 0.5 })],
  ['selu', layers.selu],
  ['gelu', layers.gelu],
  ['silu', layers.silu],
  ['hardSwish', layers.hardSwish],
  ['hardSigmoid', layers.hardSigmoid],
  ['sigmoid', layers.sigmoid],
  ['tanh', layers.tanh],
  ['softplus', layers.softplus],
  ['prelu', layers.prelu],
];

const classifier = (activation: () => LayerSpec) => ({
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 5, kernelSize: 3, strides: 2 }),
    activation(),
    layers.flatten(),
    layers.dense({ units: 17 }),
    activation(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
});

describe.each(activations)('%s', (_name, activation) => {
  it('learns, to the same bytes on 1, 2 and 3 threads', async () => {
    const digests = new Set<string>();
    for (const threads of [1, 2, 3]) {
      const shared = await createBackend({ threads });
      const model = createModel(shared, classifier(activation));
      const optimizer = optimizers.adam({ learningRate: 0.01 });
      const { epochs } = await model.fit(strokes(203), { epochs: 24, batchSize: 32, optimizer });
      expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) * 0.8);
      digests.add(await model.weightsSha256());
      shared.dispose();
    }
    expect(digests.size).toBe(1);
  });
});

describe('prelu', () => {
  const tensor = (shape: number[], data: number[]): Tensor => ({
    shape,
    data: Float32Array.from(data),
  });

  it('has a slope a channel, from 0.25', () => {
    const model = createModel(backend(), {
      inputShape: [3, 2, 2],
      layers: [layers.prelu({ name: 'bend' }), layers.flatten(), layers.prelu()],
    });
    const weights = [...model.weights()];
    expect(weights.map(([key, { shape }]) => [key, shape])).toEqual([
      ['bend.weight', [3]],
      ['2.weight', [12]],
    ]);
    for (const [, { data }] of weights) expect([...data]).toEqual([...data].map(() => 0.25));
  });

  it('is frozen by trainable: false', async () => {
    const spec = classifier(() => layers.prelu({ trainable: false }));
    const model = createModel(backend(), spec);
    await model.fit(strokes(64), { epochs: 1, batchSize: 32 });
    expect([...(model.weights().get('1.weight')?.data ?? [])]).toEqual(new Array(5).fill(0.25));
  });

  it('is spared by weight decay without biases', async () => {
    const model = createModel(backend(), classifier(layers.prelu));
    const optimizer = optimizers.sgd({
      learningRate: 1e-20,
      weightDecay: 1e19,
      decayBiases: false,
    });
    await model.fit(strokes(32), { epochs: 1, batchSize: 32, optimizer });
    expect([...(model.weights().get('1.weight')?.data ?? [])]).toEqual(new Array(5).fill(0.25));
  });

  it('is a function of tensors, too', () => {
    const { ops } = backend();
    const x = tensor([2, 2], [-1, -2, 3, -4]);
    const w = tensor([2], [0.5, -1]);
    expect(ops.prelu(x, w)).toEqual(tensor([2, 2], [-0.5, 2, 3, 4]));
    const { dx, dw } = ops.preluBackward(tensor([2, 2], [1, 1, 1, 2]), x, w);
    expect(dx).toEqual(tensor([2, 2], [0.5, -1, 1, -2]));
    expect(dw).toEqual(tensor([2], [-1, -10]));
    expect(() => ops.prelu(x, tensor([3], [1, 2, 3]))).toThrow('weight');
  });
});

describe('activations by name in backend.ops', () => {
  const x: Tensor = { shape: [2, 1, 3], data: Float32Array.of(-7, -1, -0.25, 0.25, 1, 7) };
  const dy: Tensor = { shape: [2, 1, 3], data: Float32Array.of(1, 2, -1, 1, 2, -1) };

  it('are those of the layers, in any shape', () => {
    const { ops } = backend();
    expect(ops.elu(x, { alpha: 0.5 })).toEqual(ops.layer(layers.elu({ alpha: 0.5 }), [x]).y);
    expect(ops.geluBackward(dy, x)).toEqual(ops.layerBackward(layers.gelu(), dy, [x]).dx[0]);
    const scalar: Tensor = { shape: [], data: Float32Array.of(0) };
    expect(ops.sigmoid(scalar)).toEqual({ shape: [], data: Float32Array.of(0.5) });
    expect(ops.tanhBackward(scalar, scalar)).toEqual(scalar);
  });

  it('come in pairs', () => {
    const { ops } = backend();
    const names = Object.keys(ops).filter((name) => `${name}Backward` in ops);
    expect(names).toEqual(
      expect.arrayContaining(activations.map(([name]) => name.replace(/,.*/, ''))),
    );
  });

  it('refuse options that they do not have', () => {
    const { ops } = backend();
    const loose = ops as unknown as Record<string, (...args: unknown[]) => unknown>;
    expect(() => loose.gelu?.(x, { approximate: 'tanh' })).toThrow(
      'gelu: expected no options, got "approximate". Leave it out.',
    );
    expect(() => loose.eluBackward?.(dy, x, { alfa: 1 })).toThrow(
      'eluBackward: expected options of alpha, got "alfa". Use alpha.',
    );
    expect(() => loose.leakyRelu?.(x, { alpha: 0.3 })).toThrow('Use negativeSlope.');
    expect(() => loose.leakyRelu?.(x, { name: 'a' })).toThrow('expected options of negativeSlope');
    expect(() => ops.elu(x, { alpha: -1 })).toThrow('alpha to be a finite number of at least 0');
    expect(() => ops.siluBackward({ shape: [6], data: dy.data }, x)).toThrow('siluBackward: dy');
  });
});
