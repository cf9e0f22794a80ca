/** Model files in f16, bf16 and int8: what they hold, that they are read back to the same predictions, and what is refused. */
import { createModel, layers, type ModelSpec } from 'convlet';
import {
  decodeModel,
  encodeModel,
  encodeSafetensors,
  Int8Model,
  loadModel,
  quantizeModel,
} from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { brainBits, fromBrainBits, fromHalfBits, halfBits } from '../../src/base/half.ts';
import { backend, modelOf } from '../support/networks.ts';
import { testRandom } from '../support/random.ts';

const { conv2d, batchNorm, relu, flatten, dense, softmax } = layers;

const spec: ModelSpec = {
  inputShape: [1, 6, 6],
  layers: [
    conv2d({ filters: 4, kernelSize: 3, useBias: false, name: 'first' }),
    batchNorm(),
    relu(),
    flatten(),
    dense({ units: 3 }),
    softmax(),
  ],
};
const random = testRandom(9);
const images = Uint8Array.from({ length: 20 * 36 }, () => Math.floor(random() * 256));
const model = createModel(backend, spec, { seed: 4, classNames: ['a', 'b', 'c'] });
const quantized = quantizeModel(backend, model, images);
const headerOf = (bytes: Uint8Array) => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
};

describe('weights of 16 bits', () => {
  it.each([
    ['f16', (data: Float32Array) => fromHalfBits(halfBits(data)), 'F16'],
    ['bf16', (data: Float32Array) => fromBrainBits(brainBits(data)), 'BF16'],
  ] as const)('are read as the f32 that they stand for: %s', (dtype, rounded, name) => {
    const bytes = encodeModel(model, { dtype });
    const header = headerOf(bytes);
    for (const [key, { data, shape }] of model.weights()) {
      expect(header[key].dtype).toBe(name);
      expect(decodeModel(bytes).weights.get(key)).toEqual({ shape, data: rounded(data) });
    }
    expect(bytes.length).toBeLessThan(encodeModel(model).length);
    expect(encodeModel(loadModel(backend, bytes), { dtype })).toEqual(bytes);
  });

  it('leave the file of f32 as it was', () => {
    expect(encodeModel(model, { dtype: 'f32' })).toEqual(encodeModel(model));
  });

  it('refuse what is beyond f16', () => {
    const other = modelOf('reference');
    const weights = other.weights();
    weights.get('0.bias')?.data.fill(70_000);
    expect(() => encodeModel({ spec: other.spec, seed: 1, weights }, { dtype: 'f16' })).toThrow(
      'encodeModel: 0.bias: expected numbers up to 65504 in f16, got 70000. Use bf16.',
    );
  });

  it('are noticed if they are damaged', () => {
    const bytes = encodeModel(model, { dtype: 'f16' });
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => decodeModel(bytes, 'x')).toThrow(/^x: expected the checksum/);
  });
});

describe('a file of int8', () => {
  const bytes = encodeModel(quantized);

  it('holds whole numbers, and scales by channel', () => {
    const header = headerOf(bytes);
    const dtypes = Object.entries<{ dtype: string; shape: number[] }>(header)
      .filter(([key]) => key !== '__metadata__')
      .map(([key, { dtype, shape }]) => [key, dtype, shape.join('×')]);
    expect(dtypes).toEqual([
      ['first.weight', 'I8', '4×1×3×3'],
      ['4.weight', 'I8', '3×64'],
      ['first.weight_scale', 'F32', '4'],
      ['4.weight_scale', 'F32', '3'],
      ['first.bias', 'I32', '4'],
      ['4.bias', 'I32', '3'],
      ['activation_scale', 'F32', '7'],
      ['activation_zero', 'I8', '7'],
    ]);
  });

  it('is read back to a model that predicts the same', () => {
    const read = loadModel(backend, bytes);
    expect(read).toBeInstanceOf(Int8Model);
    expect(read.predict(images)).toEqual(quantized.predict(images));
    expect(read.classNames).toEqual(['a', 'b', 'c']);
    expect(encodeModel(read)).toEqual(bytes);
    expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
  });

  it('gives weights in f32 to whoever asks for them', () => {
    const { weights, spec: read, seed } = decodeModel(bytes);
    expect(read.layers.map(({ type }) => type)).toEqual([
      'conv2d',
      'identity',
      'relu',
      'flatten',
      'dense',
      'softmax',
    ]);
    expect(seed).toBe(4);
    expect(weights).toEqual(quantized.weights());
    const floats = createModel(backend, read);
    floats.setWeights(weights);
    const [a, b] = [floats, model].map((one) => one.predict(images).data);
    for (const [i, p] of (a ?? []).entries()) {
      expect(Math.abs(p - (b?.[i] ?? Number.NaN))).toBeLessThan(0.02);
    }
  });

  it('is made of a model in int8, and of no other', () => {
    expect(() => encodeModel(model, { dtype: 'int8' })).toThrow(
      'encodeModel: expected dtype f32, f16 or bf16 of this model, got int8. Use quantizeModel(backend, model, images) first.',
    );
    expect(() => encodeModel(quantized, { dtype: 'f16' })).toThrow(
      'encodeModel: expected dtype int8 of this model, got f16. Use the model that it was made of.',
    );
    expect(() => encodeModel(model, { dtype: 'f64' as never })).toThrow(
      'encodeModel: expected dtype to be f32, f16, bf16, int8, got "f64". Use one of these.',
    );
  });

  /** The file with other tensors, without a checksum. */
  const changed = (change: Record<string, unknown>) => {
    const { quantization } = quantized;
    const { spec: folded } = decodeModel(bytes);
    const weight = quantization.weights.get('first.weight');
    const other = quantization.weights.get('4.weight');
    const tensors = {
      'first.weight': { dtype: 'I8', shape: [4, 1, 3, 3], data: weight?.data },
      '4.weight': { dtype: 'I8', shape: [3, 64], data: other?.data },
      'first.weight_scale': { shape: [4], data: weight?.scales },
      '4.weight_scale': { shape: [3], data: other?.scales },
      'first.bias': { dtype: 'I32', shape: [4], data: quantization.biases.get('first.bias') },
      '4.bias': { dtype: 'I32', shape: [3], data: quantization.biases.get('4.bias') },
      activation_scale: { shape: [7], data: quantization.scales },
      activation_zero: { dtype: 'I8', shape: [7], data: quantization.zeros },
      ...change,
    };
    const entries = Object.entries(tensors).filter(([, tensor]) => tensor !== undefined);
    return encodeSafetensors(entries as never, { 'convlet.spec': JSON.stringify(folded) });
  };
  const scales = quantized.quantization.scales;
  const zeros = quantized.quantization.zeros;

  it('is read without a checksum', () => {
    expect(decodeModel(changed({})).weights).toEqual(quantized.weights());
  });

  it.each([
    [
      'a tensor missing',
      { '4.bias': undefined },
      'x: 4.bias: expected a tensor of i32, got none. Use a whole file.',
    ],
    [
      'a weight of f32',
      { '4.bias': { shape: [3], data: new Float32Array(3) } },
      'x: 4.bias: expected a tensor of i32, got f32. Use a whole file.',
    ],
    [
      'no scales',
      { activation_scale: undefined },
      'x: first.weight: expected f32, f16 or bf16, got i8 without activation_scale. Use a whole file.',
    ],
    [
      'another tensor',
      { more: { shape: [1], data: new Float32Array(1) } },
      'x: expected the tensors of the network in int8, got "more" too. Use a whole file.',
    ],
    [
      'another shape',
      { '4.bias': { dtype: 'I32', shape: [4], data: new Int32Array(4) } },
      'x: 4.bias: expected shape 3, got 4. Use that shape.',
    ],
    [
      'a scale of 0',
      { activation_scale: { shape: [7], data: scales.map((own, i) => (i === 5 ? 0 : own)) } },
      'x: int8: expected scales above 0, got 0. Use the numbers of quantizeModel.',
    ],
    [
      'another zero',
      {
        activation_zero: {
          dtype: 'I8',
          shape: [7],
          data: zeros.map((own, i) => (i === 5 ? 3 : own)),
        },
      },
      'x: int8: expected zeros of 0 or −128, got 3. Use the numbers of quantizeModel.',
    ],
    [
      'two scales for one',
      { activation_scale: { shape: [7], data: scales.map((own, i) => (i === 3 ? 2 : own)) } },
      'x: int8: expected the same scale and zero of values 1 and 3, got 2. Use the numbers of quantizeModel.',
    ],
    [
      'another image',
      { activation_scale: { shape: [7], data: scales.map((own, i) => (i === 0 ? 2 : own)) } },
      'x: int8: expected 1/255 as the scale of the image, −128 as its zero, got 2. Use the numbers of quantizeModel.',
    ],
    [
      'sums too large',
      { '4.bias': { dtype: 'I32', shape: [3], data: Int32Array.of(0, 2 ** 31 - 1, 0) } },
      /^x: int8: layers\[4\] dense: expected sums below 2³¹, got up to [\d,]+ in output 1\./,
    ],
    [
      'a weight of −128',
      { '4.weight': { dtype: 'I8', shape: [3, 64], data: new Int8Array(192).fill(-128) } },
      'x: int8: expected 4.weight from −127 to 127, got -128. Use the numbers of quantizeModel.',
    ],
  ])('is refused with %s', (_title, change, message) => {
    expect(() => decodeModel(changed(change), 'x')).toThrow(message);
  });
});
