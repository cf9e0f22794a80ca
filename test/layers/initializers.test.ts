/** Initializers: bounds, means and deviations of what is drawn, fans of every layer with weights, seeds, and refusals. */
import { createModel, type Initializer, type LayerSpec, layers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../support/network.ts';

const backend = useBackend();

/** The weights that a layer on images of 3 channels begins with. */
function drawn(layer: LayerSpec, name: string = 'weight', seed: number = 1): Float32Array {
  const model = createModel(
    backend(),
    { inputShape: [3, 9, 7], layers: [layers.identity(), { ...layer, name: 'it' }] },
    { seed },
  );
  const data = model.weights().get(`it.${name}`)?.data;
  if (data === undefined) throw new Error(`internal: no it.${name}`);
  return data;
}

function momentsOf(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
}

const FILTERS = 200;
const conv = (kernelInitializer: Initializer) =>
  layers.conv2d({ filters: FILTERS, kernelSize: [5, 3], kernelInitializer });
const [fanIn, fanOut] = [3 * 15, FILTERS * 15];

describe('what is drawn', () => {
  it.each<[Initializer, number]>([
    ['heNormal', Math.sqrt(2 / fanIn)],
    ['glorotNormal', Math.sqrt(2 / (fanIn + fanOut))],
    ['lecunNormal', Math.sqrt(1 / fanIn)],
    [{ normal: 0.3 }, 0.3],
  ])('is normal, of mean 0 and the deviation of its rule: %j', (initializer, deviation) => {
    const values = drawn(conv(initializer));
    expect(values).toHaveLength(9000);
    const moments = momentsOf(values);
    expect(Math.abs(moments.mean)).toBeLessThan((4 * deviation) / Math.sqrt(9000));
    expect(Math.abs(moments.deviation / deviation - 1)).toBeLessThan(0.03);
    const share = (most: number) =>
      values.filter((value) => Math.abs(value) < most * deviation).length / 9000;
    expect(Math.abs(share(1) - 0.6827)).toBeLessThan(0.02);
    expect(Math.abs(share(2) - 0.9545)).toBeLessThan(0.01);
    expect(moments.largest).toBeGreaterThan(3 * deviation); // tails are not cut
    expect(moments.largest).toBeLessThan(6 * deviation);
  });

  it.each<[Initializer, number]>([
    ['heUniform', Math.sqrt(6 / fanIn)],
    ['glorotUniform', Math.sqrt(6 / (fanIn + fanOut))],
    ['lecunUniform', Math.sqrt(3 / fanIn)],
    ['torchUniform', Math.sqrt(1 / fanIn)],
    [{ uniform: 0.2 }, 0.2],
  ])('is uniform within the limit of its rule: %j', (initializer, limit) => {
    const values = drawn(conv(initializer));
    const { mean, deviation, largest } = momentsOf(values);
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(0.99 * limit);
    expect(Math.abs(mean)).toBeLessThan((4 * limit) / Math.sqrt(3 * 9000));
    expect(Math.abs(deviation / (limit / Math.sqrt(3)) - 1)).toBeLessThan(0.02);
    for (let tenth = 0; tenth < 10; tenth++) {
      const low = limit * (tenth / 5 - 1);
      const share = values.filter((v) => v >= low && v < low + limit / 5).length / 9000;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.015);
    }
  });

  it.each<[Initializer, number]>([
    ['zeros', 0],
    ['ones', 1],
    [{ constant: -0.7 }, Math.fround(-0.7)],
    [{ normal: 0 }, 0],
    [{ uniform: 0 }, 0],
  ])('is one value: %j', (initializer, value) => {
    expect(new Set(drawn(conv(initializer)))).toEqual(new Set([value]));
  });
});

describe('fans', () => {
  const options = { kernelInitializer: 'lecunUniform', biasInitializer: 'torchUniform' } as const;
  it.each<[string, LayerSpec, number]>([
    ['conv2d', layers.conv2d({ filters: 60, kernelSize: 3, ...options }), 27],
    ['conv2d in groups', layers.conv2d({ filters: 240, kernelSize: 3, groups: 3, ...options }), 9],
    ['depthwiseConv2d', layers.depthwiseConv2d({ kernelSize: 3, multiplier: 80, ...options }), 9],
    // torch counts the second axis of the weight: filters that a channel adds to
    ['conv2dTranspose', layers.conv2dTranspose({ filters: 30, kernelSize: 3, ...options }), 270],
    ['dilated conv2d', layers.conv2d({ filters: 60, kernelSize: 3, dilation: 2, ...options }), 27],
  ])('%s: one output is fed by as many inputs as its filter has taps', (_name, layer, inputs) => {
    const { largest } = momentsOf(drawn(layer));
    expect(largest).toBeLessThanOrEqual(Math.fround(Math.sqrt(3 / inputs)));
    expect(largest).toBeGreaterThan(0.97 * Math.sqrt(3 / inputs));
    const bias = momentsOf(drawn(layer, 'bias')).largest;
    expect(bias).toBeLessThanOrEqual(Math.fround(Math.sqrt(1 / inputs)));
    expect(bias).toBeGreaterThan(0.9 * Math.sqrt(1 / inputs));
  });

  it.each<[string, number, number]>([
    // torch counts two axes of the weight and its taps: [3 · 40, 1, 3, 3] and [50, 3 · 40, 1, 1]
    ['depthwise.weight', 9, 120 * 9],
    ['pointwise.weight', 120, 50],
  ])('separableConv2d: %s has those of the convolution that it belongs to', (name, into, out) => {
    const limit = (kernelInitializer: Initializer) => {
      const shape = { filters: 50, kernelSize: 3, multiplier: 40 };
      const given = { kernelInitializer, biasInitializer: 'torchUniform' } as const;
      const layer = layers.separableConv2d({ ...shape, ...given });
      expect(momentsOf(drawn(layer, 'bias')).largest).toBeLessThanOrEqual(
        Math.fround(Math.sqrt(1 / 120)),
      );
      expect(momentsOf(drawn(layer, 'bias')).largest).toBeGreaterThan(0.9 * Math.sqrt(1 / 120));
      return momentsOf(drawn(layer, name)).largest;
    };
    const rules: [Initializer, number][] = [
      ['heUniform', Math.sqrt(6 / into)],
      ['lecunUniform', Math.sqrt(3 / into)],
      ['glorotUniform', Math.sqrt(6 / (into + out))],
      ['torchUniform', Math.sqrt(1 / into)],
    ];
    for (const [rule, most] of rules) {
      expect(limit(rule)).toBeLessThanOrEqual(Math.fround(most));
      expect(limit(rule)).toBeGreaterThan(0.99 * most);
    }
  });

  it('dense: one output is fed by all inputs', () => {
    const model = createModel(backend(), {
      inputShape: [3, 9, 7],
      layers: [layers.flatten(), layers.dense({ units: 40, ...options })],
    });
    const [weight, bias] = [...model.weights().values()].map(({ data }) => momentsOf(data).largest);
    expect(weight).toBeCloseTo(Math.sqrt(3 / 189), 3);
    expect(bias).toBeLessThanOrEqual(Math.fround(Math.sqrt(1 / 189)));
    expect(bias).toBeGreaterThan(0.8 * Math.sqrt(1 / 189));
  });

  it('are heNormal for weights and zeros for biases by default', () => {
    const plain = layers.conv2d({ filters: 20, kernelSize: 3 });
    const named = { ...plain, kernelInitializer: 'heNormal', biasInitializer: 'zeros' } as const;
    expect(drawn(plain)).toEqual(drawn(named));
    expect(drawn(plain, 'bias')).toEqual(new Float32Array(20));
  });
});

describe('a seed', () => {
  const layer = conv('heUniform');
  it('gives the same numbers each time, and others than another seed', () => {
    expect(drawn(layer, 'weight', 7)).toEqual(drawn(layer, 'weight', 7));
    expect(drawn(layer, 'weight', 7)).not.toEqual(drawn(layer, 'weight', 8));
    expect(drawn(layer, 'weight', 0)).not.toEqual(drawn(layer, 'weight', 2 ** 32 - 1));
  });

  it('gives every parameter numbers of its own', () => {
    const dense = layers.dense({ units: 30, kernelInitializer: { uniform: 1 } });
    const model = createModel(backend(), {
      inputShape: [30, 1, 1],
      layers: [layers.flatten(), dense, dense],
    });
    const [first, second] = [model.weights().get('1.weight'), model.weights().get('2.weight')];
    expect(first?.data).toHaveLength(900);
    expect(first?.data).not.toEqual(second?.data);
  });
});

describe('an initializer is refused', () => {
  it.each<[unknown, new (...args: never) => Error, string]>([
    ['heNormall', TypeError, 'expected kernelInitializer of heNormal, heUniform, glorotNormal'],
    ['constructor', TypeError, 'kernelInitializer'],
    [{}, TypeError, 'got an object'],
    [{ normal: 1, uniform: 1 }, TypeError, 'kernelInitializer'],
    [{ sigma: 1 }, TypeError, 'kernelInitializer'],
    [{ normal: '1' }, TypeError, 'kernelInitializer'],
    [null, TypeError, 'kernelInitializer'],
    [{ normal: -1 }, RangeError, 'kernelInitializer.normal to be a finite number of at least 0'],
    [{ uniform: Number.NaN }, RangeError, 'kernelInitializer.uniform'],
    [{ constant: 1e39 }, RangeError, 'kernelInitializer.constant to be a finite number, got 1e+39'],
  ])('%j', (kernelInitializer, Class, message) => {
    const make = () =>
      layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: kernelInitializer as 'zeros' });
    expect(make).toThrow(Class);
    expect(make).toThrow(message);
  });
});
