/**
 * ONNX and LayersModel files have the right bytes. Other programs read them in test/peers: ONNX Runtime, the checker of
 * ONNX, TensorFlow.js.
 */
import { encodeOnnx, encodeTfjs } from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { denseKernel, hwioKernel } from '../../src/formats/tfjs/kernels.ts';
import { modelOf, networks } from '../support/networks.ts';

const read = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

describe('LayersModel', () => {
  it('has a topology, and a manifest that matches its weights', () => {
    const model = modelOf('reference');
    const files = encodeTfjs(model);
    expect(Object.keys(files)).toEqual(['model.json', 'weights.bin']);
    const { format, modelTopology, weightsManifest, userDefinedMetadata } = read(
      files['model.json'],
    );
    expect(format).toBe('layers-model');
    const types = modelTopology.config.layers.map(
      (layer: { class_name: string }) => layer.class_name,
    );
    expect(types).toEqual([
      'Conv2D',
      'Activation',
      'MaxPooling2D',
      'Flatten',
      'Dense',
      'Activation',
    ]);
    expect(modelTopology.config.layers[0].config.batch_input_shape).toEqual([null, 28, 28, 1]);
    expect(weightsManifest).toEqual([
      {
        paths: ['weights.bin'],
        weights: [
          { name: 'conv2d_0/kernel', shape: [3, 3, 1, 12], dtype: 'float32' },
          { name: 'conv2d_0/bias', shape: [12], dtype: 'float32' },
          { name: 'dense_4/kernel', shape: [2028, 10], dtype: 'float32' },
          { name: 'dense_4/bias', shape: [10], dtype: 'float32' },
        ],
      },
    ]);
    expect(files['weights.bin'].length).toBe(4 * model.parameterCount);
    expect(userDefinedMetadata).toEqual({
      'convlet.spec': model.spec,
      'convlet.seed': 3,
      'convlet.preprocessing': { pixel: 'byte / 255', layout: 'NHWC' },
    });
  });

  it.each(networks.filter(({ tfjs }) => tfjs !== false))(
    'has as many bytes as its manifest says: $name',
    ({ name }) => {
      const files = encodeTfjs(modelOf(name));
      const { modelTopology, weightsManifest } = read(files['model.json']);
      const counts = weightsManifest[0].weights.map(({ shape }: { shape: number[] }) =>
        shape.reduce((product, size) => product * size, 1),
      );
      expect(4 * counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(
        files['weights.bin'].length,
      );
      const names = modelTopology.config.layers.map(
        (layer: { config: { name: string } }) => layer.config.name,
      );
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it('tells which padding it cannot express', () => {
    expect(() => encodeTfjs(modelOf('maxPool2d, padding 1'))).toThrow(
      "tfjs: layers[0] maxPool2d: expected padding 'same' or none, or relu() somewhere before it, got padding 1. Export to ONNX, or train it with 'same'.",
    );
  });
});

describe('what TensorFlow.js cannot express', () => {
  it.each(networks.filter(({ tfjs }) => tfjs === false))('is refused: $name', ({ name }) => {
    expect(() => encodeTfjs(modelOf(name))).toThrow(RangeError);
  });

  it('is named: a last window past the end, padding that does not count', () => {
    expect(() => encodeTfjs(modelOf('maxPool2d, a last window past the end'))).toThrow(
      "got padding [2,1] and ceilMode. Export to ONNX, or train it with 'same'.",
    );
    expect(() => encodeTfjs(modelOf('averagePool2d, padding 1'))).toThrow(
      "tfjs: layers[0] averagePool2d: expected padding 'same' or none, or countIncludePad: true without ceilMode, got padding 1. Export to ONNX, or train it with 'same'.",
    );
  });
});

describe('kernels with channels last', () => {
  const count = (...shape: number[]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { shape, data: Float32Array.from({ length }, (_, i) => i + 1) };
  };

  it('are turned from OIHW to HWIO', () => {
    expect(hwioKernel(count(2, 2, 1, 2), [2, 5, 5], 1, [1, 1])).toEqual({
      shape: [1, 2, 2, 2],
      data: Float32Array.of(1, 5, 3, 7, 2, 6, 4, 8), // [q][c][o]
    });
  });

  it('have weight 0 between groups', () => {
    expect(hwioKernel(count(2, 1, 1, 1), [2, 5, 5], 2, [1, 1]).data).toEqual(
      Float32Array.of(1, 0, 0, 2),
    );
  });

  it('have zeros between dilated weights', () => {
    expect(hwioKernel(count(1, 1, 2, 2), [1, 5, 5], 1, [1, 2])).toEqual({
      shape: [2, 3, 1, 1],
      data: Float32Array.of(1, 0, 2, 3, 0, 4),
    });
  });

  it('are reordered for a dense layer after an image 2×1×3: c·3 + w becomes w·2 + c', () => {
    expect(denseKernel(count(1, 6), [2, 1, 3]).data).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
    expect(denseKernel(count(2, 2), undefined)).toEqual({
      shape: [2, 2],
      data: Float32Array.of(1, 3, 2, 4),
    });
  });
});

describe('ONNX', () => {
  it.each(networks)(
    'has the same bytes each time, and every parameter once: $name',
    async ({ name }) => {
      const model = modelOf(name);
      const bytes = await encodeOnnx(model);
      const { spec, seed } = model;
      expect(await encodeOnnx({ spec, seed, weights: model.weights() })).toEqual(bytes);
      const text = Buffer.from(bytes).toString('latin1');
      for (const { data } of model.weights().values()) {
        expect(text.split(Buffer.from(data.buffer).toString('latin1'))).toHaveLength(2);
      }
      const withPreprocessing = await encodeOnnx(model, { preprocessing: true });
      expect(withPreprocessing.length).toBeGreaterThan(bytes.length);
    },
  );

  it('refuses a model with a missing weight', async () => {
    const { spec, seed } = modelOf('reference');
    await expect(encodeOnnx({ spec, seed, weights: new Map() })).rejects.toThrow(
      'encodeOnnx: expected a tensor 0.weight, got none. Give all of them.',
    );
  });
});
