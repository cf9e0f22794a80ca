/** Models in whole numbers: their rounding, what they serve, and how near they come to what they were made of. */
import {
  createModel,
  type LayerSpec,
  layers,
  type ModelSpec,
  namedModels,
  optimizers,
  schedules,
} from 'convlet';
import { Int8Model, quantizeModel } from 'convlet/formats';
import { loadMnist } from 'convlet/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorOf, scaled } from '../../src/model/int8/rounding.ts';
import { Getters } from '../support/getters.ts';
import { backend } from '../support/networks.ts';
import { testRandom, uniform } from '../support/random.ts';

const { add, batchNorm, concat, conv2d, dense, depthwiseConv2d, flatten, relu, softmax } = layers;

/** Images of bytes. */
const bytesFor = ({ inputShape }: ModelSpec, count: number) => {
  const random = testRandom(17);
  const length = count * inputShape.reduce((product, size) => product * size, 1);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
};

const image = (...list: LayerSpec[]): ModelSpec => ({ inputShape: [3, 9, 8], layers: list });
const conv = (options: object = {}) => conv2d({ filters: 6, kernelSize: 3, ...options });

const served: readonly { readonly title: string; readonly spec: ModelSpec }[] = [
  { title: 'conv2d', spec: image(conv()) },
  { title: 'conv2d, relu', spec: image(conv(), relu()) },
  {
    title: 'conv2d of groups, strides and padding',
    spec: image(conv({ groups: 3, strides: 2, padding: 1 })),
  },
  {
    title: 'conv2d with dilation and without bias',
    spec: image(conv({ dilation: 2, useBias: false })),
  },
  {
    title: 'depthwiseConv2d',
    spec: image(depthwiseConv2d({ kernelSize: 3, multiplier: 2, padding: 'same' })),
  },
  {
    title: 'batchNorm after a convolution',
    spec: image(conv({ useBias: false }), batchNorm(), relu()),
  },
  { title: 'batchNorm of images after anything', spec: image(batchNorm(), conv()) },
  {
    title: 'a relu that is read with what it reads',
    spec: image(conv({ name: 'a' }), relu({ name: 'b' }), add({ inputs: ['a', 'b'] })),
  },
  {
    title: 'relu6, leakyRelu, hardSwish, hardSigmoid',
    spec: image(
      conv(),
      layers.leakyRelu(),
      layers.hardSwish(),
      layers.relu6(),
      layers.hardSigmoid(),
    ),
  },
  {
    title: 'maxPool2d',
    spec: image(conv(), layers.maxPool2d({ poolSize: 3, strides: 2, padding: 1 }), relu()),
  },
  {
    title: 'averagePool2d',
    spec: image(conv(), layers.averagePool2d({ poolSize: 3, strides: 2, padding: 1 })),
  },
  {
    title: 'averagePool2d that counts padding',
    spec: image(
      conv(),
      layers.averagePool2d({
        poolSize: 3,
        strides: 2,
        padding: 1,
        ceilMode: true,
        countIncludePad: true,
      }),
    ),
  },
  {
    title: 'global pools',
    spec: image(
      conv({ name: 'a' }),
      layers.globalMaxPool2d({ name: 'm' }),
      layers.globalAveragePool2d({ inputs: ['a'], name: 'g' }),
      add({ inputs: ['m', 'g'] }),
    ),
  },
  {
    title: 'concat',
    spec: image(
      conv({ name: 'a' }),
      relu({ name: 'b' }),
      concat({ inputs: ['a', 'b', 'a'] }),
      conv({ kernelSize: 1 }),
    ),
  },
  {
    title: 'add of three',
    spec: image(
      conv({ name: 'a', padding: 1, filters: 3 }),
      add({ inputs: ['a', 'input', 'a'] }),
      relu(),
    ),
  },
  {
    title: 'zeroPad2d, crop2d',
    spec: image(
      layers.zeroPad2d({ padding: [1, 2, 0, 1] }),
      conv(),
      layers.crop2d({ cropping: [1, 0, 2, 1] }),
    ),
  },
  {
    title: 'dense layers',
    spec: image(flatten(), dense({ units: 20 }), relu(), dense({ units: 4 })),
  },
  {
    title: 'dense, softmax',
    spec: image(flatten(), layers.dropout(), dense({ units: 4 }), softmax()),
  },
  {
    title: 'reshape, identity, sigmoid',
    spec: image(
      conv({ filters: 1 }),
      layers.identity(),
      layers.reshape({ shape: [42] }),
      layers.sigmoid(),
    ),
  },
  {
    title: 'normalize',
    spec: {
      ...image(conv({ padding: 1 })),
      normalize: { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.3, 0.1] },
    },
  },
];

/** A model with parameters of some size, and running statistics as training leaves them. */
function modelFor(spec: ModelSpec) {
  const model = createModel(backend, spec, { seed: 3 });
  const random = testRandom(11);
  const weights = Array.from(model.weights(), ([key, { shape, data }]) => {
    const isNorm = new Set(data).size === 1;
    const drawn = isNorm ? uniform(random, data.length).map((v) => v / 4) : data;
    const isVariance = key.endsWith('running_var');
    return [key, { shape, data: isVariance ? drawn.map((v) => 1 + v) : drawn }] as const;
  });
  model.setWeights(new Map(weights));
  return model;
}

describe('rounding of whole numbers', () => {
  const exactly = (sum: number, multiplier: number, shift: number, zero: number) => {
    const power = 2n ** BigInt(shift);
    const product = BigInt(sum) * BigInt(multiplier) + power / 2n;
    const floor = product >= 0n ? product / power : -((-product + power - 1n) / power);
    return Math.max(-128, Math.min(127, Number(floor) + zero));
  };

  it('is that of integers of 64 bits', () => {
    const sums = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
    const factors = fc.double({ min: 1e-12, max: 2 ** 20, noNaN: true });
    fc.assert(
      fc.property(sums, factors, fc.constantFrom(0, -128), (sum, value, zero) => {
        const { multiplier, shift } = factorOf(value);
        expect(scaled(sum * multiplier, shift, zero)).toBe(exactly(sum, multiplier, shift, zero));
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  it('has factors of 21 bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1000, noNaN: true }), (value) => {
        const { multiplier, shift } = factorOf(value);
        expect(Math.abs(multiplier / 2 ** shift / value - 1)).toBeLessThan(2 ** -20);
      }),
      { seed: 5 },
    );
  });
});

describe('quantizeModel', () => {
  it.each(served)('comes near to what it was made of: $title', ({ spec }) => {
    const model = modelFor(spec);
    const images = bytesFor(spec, 40);
    const quantized = quantizeModel(backend, model, images);
    const expected = model.predict(images).data;
    const got = quantized.predict(images).data;
    expect(got.length).toBe(expected.length);
    let squares = 0;
    let errors = 0;
    const mean = expected.reduce((sum, y) => sum + y, 0) / expected.length;
    for (const [i, y] of expected.entries()) {
      squares += (y - mean) ** 2;
      errors += (y - (got[i] ?? Number.NaN)) ** 2;
    }
    expect(errors).toBeLessThanOrEqual(squares * 0.03 ** 2);
  });

  it.each(Object.keys(namedModels))('serves the named network %s', (name) => {
    const spec = namedModels[name]?.([1, 28, 28], 10) as ModelSpec;
    const quantized = quantizeModel(backend, modelFor(spec), bytesFor(spec, 8));
    expect(quantized.predict(bytesFor(spec, 2)).shape).toEqual([2, 10]);
  });

  it('refuses a layer that is not served, by its name', () => {
    const spec = image(conv(), layers.gelu({ name: 'bend' }));
    expect(() => quantizeModel(backend, modelFor(spec), bytesFor(spec, 1))).toThrow(
      /^int8: layers\[1\] gelu "bend": expected layers of add, .*, got gelu\. Use f16, or another layer\.$/,
    );
  });

  it('refuses pixels that are no bytes / 255, and a model in int8', () => {
    const spec = image(conv());
    const model = modelFor(spec);
    const floats = new Float32Array(3 * 9 * 8).fill(1.5);
    expect(() => quantizeModel(backend, model, floats)).toThrow(
      'quantizeModel: expected pixels from 0 to 1, got 1.5. Use such pixels; normalize of the model moves and scales them.',
    );
    const quantized = quantizeModel(backend, model, bytesFor(spec, 1));
    expect(() => quantizeModel(backend, quantized, bytesFor(spec, 1))).toThrow(
      'quantizeModel: expected a model in single precision, got one in int8. Use createModel or loadModel.',
    );
  });
});

describe('a model in int8', () => {
  const spec = image(
    conv({ name: 'first' }),
    relu({ name: 'bent' }),
    flatten(),
    dense({ units: 4 }),
    softmax({ name: 'last' }),
  );
  const model = modelFor(spec);
  const images = bytesFor(spec, 6);
  const quantized = quantizeModel(backend, model, images);

  it('predicts the same for bytes and for these bytes as floats', () => {
    const floats = Float32Array.from(images, (byte) => byte / 255);
    expect(quantized.predict(floats).data).toEqual(quantized.predict(images).data);
  });

  it('gives the outputs of named layers', () => {
    const { data, outputs } = quantized.predict(images, { outputs: ['bent', 'last'] });
    expect(outputs.bent?.shape).toEqual([6, 6, 7, 6]);
    expect(Math.min(...(outputs.bent?.data ?? [-1]))).toBe(0);
    expect(outputs.last?.data).toEqual(data);
    expect(() => quantized.predict(images, { outputs: ['first'] })).toThrow(
      'predict: expected a layer whose output there is in int8, got first, which computes layers[1] relu "bent" at once. Ask for that layer by a name, or ask the model in single precision.',
    );
  });

  it('is evaluated by the predictions that it makes', () => {
    const labels = Uint8Array.from(quantized.predictClasses(images), (label, i) =>
      i < 2 ? (label + 1) % 4 : label,
    );
    const dataset = { images, labels, shape: spec.inputShape, classes: 4 };
    const { accuracy, loss } = quantized.evaluate(dataset);
    expect(accuracy).toBe(4 / 6);
    const { data } = quantized.predict(images);
    const mean = labels.reduce((sum, label, n) => sum - Math.log(data[4 * n + label] ?? 0), 0) / 6;
    expect(loss).toBeCloseTo(mean, 5);
    expect(quantized.evaluate(new Getters(dataset)).loss).toBe(loss);
    expect(() => quantized.evaluate(undefined as never)).toThrow('evaluate: expected a data set {');
    expect(() => quantized.evaluate(Promise.resolve(dataset) as never)).toThrow('Await it.');
    expect(() => quantized.evaluate({ images, labels, classes: 4 } as never)).toThrow(
      'evaluate: shape: expected',
    );
    expect(() => quantized.evaluate({ ...dataset, shape: [3, 8, 9] })).toThrow(
      'evaluate: images: expected shape 3×9×8, got 3×8×9. Use that shape.',
    );
  });

  it('has weights that its whole numbers stand for, and neither trains nor takes others', async () => {
    expect(quantized).toBeInstanceOf(Int8Model);
    const [first, second] = [model, quantized].map(
      (one) => one.weights().get('first.weight')?.data,
    );
    const largest = Math.max(...(first ?? []).map(Math.abs));
    for (const [i, w] of (first ?? []).entries()) {
      expect(Math.abs(w - (second?.[i] ?? Number.NaN))).toBeLessThanOrEqual(
        largest / 127 / 2 + 1e-7,
      );
    }
    expect(() => quantized.setWeights()).toThrow(
      /^setWeights: expected a model in single precision/,
    );
    await expect(quantized.fit()).rejects.toThrow(/^fit: expected a model in single precision/);
  });

  it('gives its memory back', () => {
    const other = quantizeModel(backend, model, images);
    other.dispose();
    expect(() => other.predict(images)).toThrow('predict: expected a live model');
  });
});

describe('the network tiny in int8', () => {
  it('loses at most 0.5 % of its accuracy on digits', async () => {
    const { train, test } = await loadMnist({ trainSamples: 4000, testSamples: 1000 });
    const tiny = namedModels.tiny([1, 28, 28], 10);
    const model = createModel(backend, tiny);
    await model.fit(train, {
      epochs: 2,
      batchSize: 32,
      optimizer: optimizers.adam({ learningRate: schedules.oneCycle({ peak: 0.01 }) }),
    });
    const quantized = quantizeModel(backend, model, train.images.slice(0, 400 * 784));
    const before = model.evaluate(test).accuracy;
    expect(before).toBeGreaterThan(0.9);
    expect(quantized.evaluate(test).accuracy).toBeGreaterThanOrEqual(before - 0.005);
  });
});
