/** Layers that pool, resize, cut, join and multiply: their shapes, what they refuse, and that networks with them learn. */
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
import type { Shapes } from '../../src/layers/layer.ts';
import { definitionOf, readLayer } from '../../src/layers/registry.ts';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();

function outputOf(spec: LayerSpec, ...inputs: Shapes) {
  return definitionOf(spec).outputShape('here', readLayer('here', spec), inputs);
}

describe('shapes', () => {
  it.each<[LayerSpec, Shapes, readonly number[]]>([
    [layers.maxPool2d({ poolSize: 2 }), [[2, 9, 7]], [2, 4, 3]],
    [layers.maxPool2d({ poolSize: 2, ceilMode: true }), [[2, 9, 7]], [2, 5, 4]],
    [layers.maxPool2d({ poolSize: 2, ceilMode: true }), [[2, 8, 6]], [2, 4, 3]],
    // the fifth window would begin in the padding
    [
      layers.maxPool2d({ poolSize: 2, ceilMode: true, padding: [0, 0, 1, 1] }),
      [[2, 8, 7]],
      [2, 4, 4],
    ],
    [layers.maxPool2d({ poolSize: 3, padding: [2, 0, 2, 1] }), [[2, 9, 7]], [2, 4, 2]],
    [layers.maxPool2d({ poolSize: 4, strides: 3, ceilMode: true }), [[1, 3, 2]], [1, 1, 1]],
    [
      layers.averagePool2d({ poolSize: [4, 3], strides: [3, 2], padding: [2, 1] }),
      [[2, 9, 7]],
      [2, 4, 4],
    ],
    [layers.averagePool2d({ poolSize: 2, padding: 'same' }), [[2, 9, 7]], [2, 5, 4]],
    [layers.globalMaxPool2d(), [[5, 3, 4]], [5]],
    [layers.upsample2d(), [[2, 3, 4]], [2, 6, 8]],
    [layers.upsample2d({ size: [1, 3] }), [[2, 3, 4]], [2, 3, 12]],
    [layers.zeroPad2d({ padding: 1 }), [[2, 3, 4]], [2, 5, 6]],
    [layers.zeroPad2d({ padding: [1, 2] }), [[2, 3, 4]], [2, 5, 8]],
    [layers.zeroPad2d({ padding: [1, 2, 3, 4] }), [[2, 3, 4]], [2, 7, 10]],
    [layers.crop2d({ cropping: [1, 0, 1, 3] }), [[2, 3, 4]], [2, 1, 1]],
    [layers.reshape({ shape: [4, 6] }), [[2, 3, 4]], [4, 6]],
    [layers.reshape({ shape: [-1] }), [[2, 3, 4]], [24]],
    [layers.reshape({ shape: [3, -1, 2] }), [[24]], [3, 4, 2]],
    [layers.identity(), [[7]], [7]],
    [
      layers.concat({ inputs: ['a', 'b', 'c'] }),
      [
        [2, 3, 4],
        [1, 3, 4],
        [5, 3, 4],
      ],
      [8, 3, 4],
    ],
    [layers.concat({ inputs: ['a', 'b'] }), [[2], [5]], [7]],
    [layers.multiply({ inputs: ['a', 'b'] }), [[2, 3, 4], [2]], [2, 3, 4]],
    [layers.multiply({ inputs: ['a', 'b'] }), [[2], [2, 3, 4]], [2, 3, 4]],
    [layers.multiply({ inputs: ['a', 'b'] }), [[6], [6]], [6]],
  ])('%j of %j is %j', (spec, inputs, expected) => {
    expect(outputOf(spec, ...inputs)).toEqual(expected);
  });

  it.each<[LayerSpec, Shapes, string]>([
    [
      layers.maxPool2d({ poolSize: 3, padding: [3, 0, 0, 0] }),
      [[1, 9, 9]],
      'here: expected padding below poolSize, got padding [3, 0, 0, 0] with pool size 3×3. Use padding from 0 to 2.',
    ],
    [
      layers.averagePool2d({ poolSize: [2, 3], padding: [1, 2] }),
      [[1, 9, 9]],
      'here: expected padding <= poolSize / 2, got padding [1, 2, 1, 2] with pool size 2×3. Use padding from 0 to 1.',
    ],
    [layers.averagePool2d({ poolSize: 9 }), [[1, 8, 9]], 'got 9×9 on 8×9'],
    [
      layers.averagePool2d({ poolSize: 2 }),
      [[8]],
      'here: expected images [channels, height, width], got 8.',
    ],
    [layers.globalMaxPool2d(), [[8]], 'here: expected images'],
    [layers.upsample2d(), [[8]], 'here: expected images'],
    [
      layers.crop2d({ cropping: [1, 0, 2, 0] }),
      [[2, 3, 4]],
      'here: expected cropping that leaves a pixel, got [1, 0, 2, 0] of 3×4. Crop less.',
    ],
    [
      layers.reshape({ shape: [5, 5] }),
      [[2, 3, 4]],
      'here: expected a shape of 24 numbers, as 2×3×4 has, got [5, 5].',
    ],
    [layers.reshape({ shape: [5, -1] }), [[24]], 'got [5, -1].'],
    [
      layers.concat({ inputs: ['a', 'b'] }),
      [
        [2, 3, 4],
        [2, 4, 3],
      ],
      'here: inputs: expected shapes that differ in channels alone, got 2×3×4 and 2×4×3.',
    ],
    [layers.concat({ inputs: ['a', 'b'] }), [[2, 1, 1], [2]], 'got 2×1×1 and 2.'],
    [
      layers.multiply({ inputs: ['a', 'b'] }),
      [[2, 3, 4], [3]],
      'here: inputs: expected shape 2×3×4 or 2 features, got 3.',
    ],
    [layers.multiply({ inputs: ['a', 'b'] }), [[2], [3]], 'expected shape 2, got 3.'],
  ])('%j of %j is refused', (spec, inputs, message) => {
    expect(() => outputOf(spec, ...inputs)).toThrow(message);
  });

  it.each<[string, unknown, string]>([
    ['maxPool2d', { poolSize: 2, ceil_mode: true }, 'got "ceil_mode". Use ceilMode.'],
    ['maxPool2d', { poolSize: 2, ceilMode: 1 }, 'expected ceilMode to be true or false, got 1.'],
    ['averagePool2d', {}, 'expected the option poolSize, got none.'],
    ['upsample2d', { size: 0 }, 'expected size to be a whole number from 1'],
    ['upsample2d', { size: [2, 2, 2] }, 'expected size to be a number or [height, width]'],
    ['zeroPad2d', {}, 'expected the option padding, got none.'],
    [
      'zeroPad2d',
      { padding: 'same' },
      'expected padding to be a number, [vertical, horizontal] or [top, left, bottom, right], got "same".',
    ],
    ['crop2d', { cropping: -1 }, 'expected cropping to be a whole number from 0'],
    ['crop2d', { padding: 1 }, 'got "padding".'],
    ['reshape', { shape: 4 }, 'expected shape to be a list of sizes, got 4.'],
    ['reshape', { shape: [] }, 'expected shape to be a list of sizes, got [].'],
    ['reshape', { shape: [-1, -1] }, 'expected size 1 of shape to be a whole number from 1'],
    ['reshape', { shape: [0] }, 'expected size 0 of shape to be a whole number from 1'],
    ['identity', { activation: 'relu' }, 'Add layers.relu() after it.'],
  ])('%s(%j) is refused', (type, options, message) => {
    const factories = layers as unknown as Record<string, (options: unknown) => unknown>;
    expect(() => factories[type]?.(options)).toThrow(message);
  });

  it('one input is refused where two are joined', () => {
    const spec = (type: string) => ({ inputShape: [1, 2, 2], layers: [{ type }] }) as unknown;
    for (const type of ['concat', 'multiply']) {
      expect(() => createModel(backend(), spec(type) as ModelSpec)).toThrow(
        `layers[0] ${type}: expected at least 2 inputs, by name, got 1.`,
      );
    }
  });
});

/** A convolution, the layers, and a dense layer. */
const around = (...some: readonly LayerSpec[]): ModelSpec => ({
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ name: 'x', filters: 4, kernelSize: 3, strides: 2 }),
    ...some,
    layers.flatten(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
});

describe.each<[string, ModelSpec]>([
  [
    'maxPool2d, a last window past the end',
    around(layers.maxPool2d({ poolSize: 2, ceilMode: true })),
  ],
  ['averagePool2d', around(layers.averagePool2d({ poolSize: 2, padding: [1, 0, 0, 1] }))],
  [
    'globalMaxPool2d',
    around(layers.conv2d({ filters: 24, kernelSize: 3 }), layers.globalMaxPool2d()),
  ],
  ['upsample2d', around(layers.upsample2d(), layers.relu())],
  ['zeroPad2d', around(layers.zeroPad2d({ padding: [0, 1, 2, 0] }), layers.relu())],
  ['crop2d', around(layers.crop2d({ cropping: [0, 1, 1, 0] }), layers.relu())],
  [
    'reshape',
    around(layers.reshape({ shape: [5, -1, 4] }), layers.conv2d({ filters: 6, kernelSize: 2 })),
  ],
  [
    'identity',
    around(layers.identity(), layers.relu({ name: 'y' }), layers.add({ inputs: ['x', 'y'] })),
  ],
  [
    'concat',
    around(
      layers.relu({ name: 'y' }),
      layers.conv2d({ name: 'z', filters: 2, kernelSize: 1 }),
      layers.concat({ inputs: ['y', 'z', 'x'] }),
    ),
  ],
  [
    'multiply',
    around(
      layers.globalAveragePool2d(),
      layers.dense({ units: 4 }),
      layers.sigmoid({ name: 'gate' }),
      layers.multiply({ inputs: ['x', 'gate'] }),
    ),
  ],
])('%s', (_name, spec) => {
  it('learns, to the same bytes on 1, 2 and 3 threads', async () => {
    const digests = new Set<string>();
    for (const threads of [1, 2, 3]) {
      const shared = await createBackend({ threads });
      const model = createModel(shared, spec);
      const optimizer = optimizers.adam({ learningRate: 0.01 });
      const { epochs } = await model.fit(strokes(203), { epochs: 12, batchSize: 32, optimizer });
      expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) * 0.7);
      digests.add(await model.weightsSha256());
      shared.dispose();
    }
    expect(digests.size).toBe(1);
  });
});

describe('layers by name in backend.ops', () => {
  const random = (...shape: number[]): Tensor => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { shape, data: Float32Array.from({ length }, (_, i) => ((i * 37) % 23) - 11) };
  };
  const x = random(2, 3, 4, 5);

  it('are those of the layers', () => {
    const { ops } = backend();
    const options = { poolSize: 3, padding: 1, countIncludePad: true } as const;
    const spec = layers.averagePool2d(options);
    const { y } = ops.layer(spec, [x]);
    expect(ops.averagePool2d(x, options)).toEqual(y);
    expect(ops.averagePool2dBackward(y, x, options)).toEqual(ops.layerBackward(spec, y, [x]).dx[0]);
    expect(ops.globalMaxPool2d(x).shape).toEqual([2, 3]);
    expect(ops.crop2dBackward(ops.crop2d(x, { cropping: 1 }), x, { cropping: 1 }).shape).toEqual(
      x.shape,
    );
    expect(ops.upsample2d(x).shape).toEqual([2, 3, 8, 10]);
    expect(ops.reshape(x, { shape: [-1] })).toEqual({ shape: [2, 60], data: x.data });
    expect(ops.identity(x)).toEqual(x);
  });

  it('take a list where several are joined', () => {
    const { ops } = backend();
    const gate = random(2, 3);
    expect(ops.concat([x, x]).shape).toEqual([2, 6, 4, 5]);
    expect(ops.concatBackward(ops.concat([x, x]), [x, x])).toEqual([x, x]);
    expect(ops.multiply([gate, x])).toEqual(ops.multiply([x, gate]));
    expect(ops.multiplyBackward(x, [gate, x]).map(({ shape }) => shape)).toEqual([
      [2, 3],
      [2, 3, 4, 5],
    ]);
    expect(ops.add([x, x]).data).toEqual(x.data.map((value) => 2 * value));
  });

  it('refuse what they do not take', () => {
    const loose = backend().ops as unknown as Record<string, (...args: unknown[]) => unknown>;
    expect(() => loose.averagePool2d?.(x)).toThrow('averagePool2d: expected the option poolSize');
    expect(() => loose.averagePool2dBackward?.(x, x, { poolSize: 2, ceil: true })).toThrow(
      'averagePool2dBackward: expected options of poolSize, strides, padding, ceilMode, countIncludePad, got "ceil".',
    );
    expect(() => loose.globalMaxPool2d?.(x, { keepDims: true })).toThrow('expected no options');
    expect(() => loose.crop2d?.(x, { cropping: 1, name: 'a' })).toThrow('got "name"');
    expect(() => loose.maxPool2dBackward?.(undefined, x, { poolSize: 2 })).toThrow(
      'maxPool2dBackward: dy: expected a tensor',
    );
    expect(() => loose.concat?.(x)).toThrow('concat: expected a list of input tensors');
    expect(() => loose.multiply?.([x])).toThrow('multiply: expected at least 2 inputs, got 1.');
    expect(() => backend().ops.layer({ type: 'relu' }, [x, x])).toThrow(
      'layer relu: expected one input, got 2.',
    );
  });
});
