/** `predict` with the outputs of named layers, `predictClasses`, `summary`, and weights that are not all taken. */
import { createModel, type LayerSpec, layers, type ModelSpec, type Tensor } from 'convlet';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const { images } = strokes(130); // more than two chunks of 64

const branched: ModelSpec = {
  inputShape: [1, 12, 12],
  normalize: { mean: [0.1], deviation: [0.3] },
  layers: [
    layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv' }), // one step with the two after it
    layers.relu({ name: 'bent' }),
    layers.maxPool2d({ poolSize: 2, name: 'pooled' }),
    layers.batchNorm({ name: 'norm' }),
    layers.dropout({ rate: 0.5, name: 'dropped' }),
    layers.tanh({ name: 'left' }), // in place
    layers.add({ inputs: ['left', 'pooled'], name: 'sum' }),
    layers.globalAveragePool2d({ name: 'features' }),
    layers.dense({ units: 10, name: 'logits' }),
    layers.softmax({ name: 'shares' }),
  ],
};

describe('outputs of named layers', () => {
  const names = branched.layers.map(({ name = '' }) => name);

  it.each(names.map((name, index) => [name, index] as const))(
    'are those of the network that ends there: %s',
    async (name, index) => {
      const model = createModel(backend(), branched);
      await model.fit(strokes(40), { batchSize: 8 });
      const { data, outputs } = model.predict(images, { outputs: [name] });
      const part: LayerSpec[] = branched.layers.slice(0, index + 1);
      const short = createModel(backend(), { ...branched, layers: part });
      short.setWeights(model.weights(), { strict: false });
      const expected = short.predict(images);
      expect(Object.keys(outputs)).toEqual([name]);
      expect(outputs[name]?.shape).toEqual(expected.shape);
      expectClose(outputs[name]?.data ?? [], expected.data, 1e-5);
      expect(data).toEqual(model.predict(images).data);
    },
  );

  it('come together, from bytes, floats and tensors alike', () => {
    const model = createModel(backend(), branched);
    const outputs = ['features', 'conv'];
    const ofBytes = model.predict(images, { outputs });
    const floats = Float32Array.from(images, (byte) => byte / 255);
    expect(Object.keys(ofBytes.outputs)).toEqual(outputs);
    expect(model.predict(floats, { outputs })).toEqual(ofBytes);
    const tensor = { shape: [130, 1, 12, 12], data: floats };
    expect(model.predict(tensor, { outputs })).toEqual(ofBytes);
    expect(model.predict(images, { outputs: [] }).outputs).toEqual({});
  });

  it('are refused by names that no layer has', () => {
    const model = createModel(backend(), branched);
    const predict = (outputs: unknown) => () =>
      model.predict(images, { outputs: outputs as string[] });
    expect(predict(['feature'])).toThrow(RangeError);
    expect(predict(['feature'])).toThrow(
      'predict: expected outputs of named layers (conv, bent, pooled, norm, dropped, left, sum, features, logits, shares), got "feature".',
    );
    expect(predict('features')).toThrow(TypeError);
    expect(() => createModel(backend(), spec).predict(images, { outputs: ['0'] })).toThrow(
      'none has a name',
    );
  });
});

describe('predictClasses', () => {
  const mirror = (length: number): ModelSpec => ({
    inputShape: [1, 1, length],
    layers: [layers.flatten()],
  });

  it('is the place of the largest output, the first of equal ones', () => {
    const model = createModel(backend(), mirror(3));
    const rows = [
      [1, 2, 3],
      [3, 3, 1],
      [-1, -3, -1],
      [0, 0, 0],
    ];
    expect(model.predictClasses(Float32Array.from(rows.flat()))).toEqual(Int32Array.of(2, 0, 0, 0));
    const long = createModel(backend(), mirror(200_000)); // more than a call has arguments
    const image = new Float32Array(200_000);
    image[150_000] = 1;
    expect(long.predictClasses(image)).toEqual(Int32Array.of(150_000));
  });

  it('agrees with predict and with the confusion matrix', async () => {
    const model = createModel(backend(), spec);
    const data = strokes(130);
    await model.fit(data, { epochs: 3 });
    const classes = model.predictClasses(data.images);
    const hits = classes.filter((label, n) => label === data.labels[n]).length;
    expect(hits / 130).toBe(model.evaluate(data).accuracy);
    expect(new Set(classes).size).toBeGreaterThan(1);
  });

  it('of one output is whether it is above a half, or above 0 if it is a logit', async () => {
    const values = Float32Array.of(-0.1, 0, 0.1, 0.5, 0.6);
    const shares = createModel(backend(), mirror(1));
    expect([...shares.predictClasses(values)]).toEqual([0, 0, 0, 0, 1]);
    const logits = createModel(backend(), mirror(1), { loss: 'binaryCrossentropy' });
    expect([...logits.predictClasses(values)]).toEqual([0, 0, 1, 1, 1]);
    const sigmoid: ModelSpec = {
      inputShape: [1, 1, 1],
      layers: [layers.flatten(), layers.sigmoid()],
    };
    const absorbed = createModel(backend(), sigmoid, { loss: 'binaryCrossentropy' });
    expect([...absorbed.predictClasses(values)]).toEqual([0, 0, 1, 1, 1]);
  });
});

it('summary is a table of the layers, their outputs and parameters', () => {
  const model = createModel(backend(), {
    ...branched,
    layers: branched.layers.map((layer, i) => (i === 1 ? layers.relu() : layer)),
  });
  expect(model.summary()).toBe(
    [
      '   layer                           output   parameters',
      '   input                           1×12×12',
      '0  conv2d "conv"                   4×10×10          40',
      '1  relu                            4×10×10           0',
      '2  maxPool2d "pooled"              4×5×5             0',
      '3  batchNorm "norm"                4×5×5             8',
      '4  dropout "dropped"               4×5×5             0',
      '5  tanh "left"                     4×5×5             0',
      '6  add "sum"                       4×5×5             0',
      '7  globalAveragePool2d "features"  4                 0',
      '8  dense "logits"                  10               50',
      '9  softmax "shares"                10                0',
      '   total                                            98',
    ].join('\n'),
  );
});

describe('setWeights', () => {
  const other: ModelSpec = {
    ...spec,
    layers: [...spec.layers.slice(0, 4), layers.dense({ units: 3 }), layers.softmax()],
  };

  it('that is not strict takes what fits by name and shape, and returns the rest', () => {
    const source = createModel(backend(), spec, { seed: 8 }).weights();
    const model = createModel(backend(), other, { seed: 9 });
    const before = model.weights();
    const given = new Map<string, Tensor>([
      ...source,
      ['7.weight', { shape: [1], data: Float32Array.of(1) }],
    ]);
    expect(model.setWeights(given, { strict: false })).toEqual(['4.weight', '4.bias', '7.weight']);
    const after = model.weights();
    for (const name of ['0.weight', '0.bias']) expect(after.get(name)).toEqual(source.get(name));
    for (const name of ['4.weight', '4.bias']) expect(after.get(name)).toEqual(before.get(name));
    expect(model.setWeights(new Map(), { strict: false })).toEqual([]);
    expect(model.weights()).toEqual(after);
  });

  it('that is strict, as by default, takes all or nothing', () => {
    const source = createModel(backend(), spec, { seed: 8 }).weights();
    const model = createModel(backend(), other, { seed: 9 });
    const before = model.weights();
    expect(() => model.setWeights(source)).toThrow('setWeights: 4.weight: expected');
    expect(() => model.setWeights(new Map(), { strict: true })).toThrow(TypeError);
    expect(() => model.setWeights(source, { strict: 1 as never })).toThrow(TypeError);
    expect(model.weights()).toEqual(before);
    expect(model.setWeights(before)).toEqual([]);
  });

  it('that is not strict refuses numbers that are not finite all the same', () => {
    const model = createModel(backend(), spec);
    const weights = model.weights();
    weights.get('0.bias')?.data.fill(Number.NaN);
    const before = model.weights();
    expect(() => model.setWeights(weights, { strict: false })).toThrow(RangeError);
    expect(model.weights()).toEqual(before);
  });
});
