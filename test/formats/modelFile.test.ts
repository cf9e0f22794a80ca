/** A model's file is read back, and damaged files are refused (rows of "Model files" in the list of bad inputs). */
import { createModel, layers } from 'convlet';
import { decodeModel, encodeModel } from 'convlet/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/base/types.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors/safetensors.ts';
import { expectCutsRefused, readFlippedBits, refuseRandomDamage } from '../support/damage.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const spec = {
  inputShape: [1, 3, 3],
  layers: [
    layers.conv2d({ filters: 2, kernelSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
    layers.softmax(),
  ],
};

const whole = () => encodeModel(createModel(backend(), spec, { seed: 7 }));
/** The file as somebody else would write it: changed, without a checksum. */
function changed(edit: (tensors: Map<string, Tensor>, metadata: Record<string, string>) => void) {
  const { tensors, metadata } = decodeSafetensors(whole(), 'f');
  const { 'convlet.crc32': _, ...rest } = metadata;
  edit(tensors, rest);
  return encodeSafetensors(tensors, rest);
}
const read = (bytes: Uint8Array) => decodeModel(bytes, 'f');

describe('encodeModel', () => {
  it('holds spec, seed, preprocessing, and weights by the names of a torch Sequential', () => {
    const { tensors, metadata } = decodeSafetensors(whole(), 'f');
    expect(Array.from(tensors, ([name, { shape }]) => [name, shape])).toEqual([
      ['0.weight', [2, 1, 2, 2]],
      ['0.bias', [2]],
      ['2.weight', [2, 8]],
      ['2.bias', [2]],
    ]);
    expect(metadata).toEqual({
      'convlet.format': '2',
      'convlet.spec': JSON.stringify(spec),
      'convlet.seed': '7',
      'convlet.preprocessing': '{"pixel":"byte / 255","layout":"NCHW"}',
      'convlet.crc32': expect.stringMatching(/^[0-9a-f]{8}$/),
    });
  });

  it('is read back bit for bit, and makes the same file again', async () => {
    const model = createModel(backend(), spec, { seed: 7 });
    const file = read(encodeModel(model));
    expect([file.spec, file.seed]).toEqual([spec, 7]);
    const again = createModel(backend(), file.spec, { seed: file.seed });
    again.setWeights(file.weights);
    expect(await again.weightsSha256()).toBe(await model.weightsSha256());
    expect(encodeModel(again)).toEqual(encodeModel(model));
  });
});

describe('decodeModel', () => {
  it('reads a file without checksum, seed and preprocessing', () => {
    const bytes = changed((_tensors, metadata) => {
      delete metadata['convlet.seed'];
      delete metadata['convlet.preprocessing'];
      delete metadata['convlet.format'];
    });
    expect(read(bytes)).toMatchObject({ spec, seed: 1 });
  });

  it('refuses a file cut at any byte, or one byte longer', () => {
    expectCutsRefused(whole(), read);
  });

  it('never accepts a flipped bit in the weights', () => {
    // where it is read, the name of the checksum was hit, nothing else
    expect(readFlippedBits(whole(), read)).toBeLessThanOrEqual('convlet.crc32'.length * 8);
  });

  const set = (key: string, value: string) =>
    changed((_tensors, metadata) => {
      metadata[key] = value;
    });
  const tensor = (key: string, shape: number[], fill = 0) =>
    changed((tensors) => {
      const length = shape.reduce((product, size) => product * size, 1);
      tensors.set(key, { shape, data: new Float32Array(length).fill(fill) });
    });
  const longSpec = JSON.stringify({ inputShape: [1, 3, 3], layers: 'x'.repeat(5000) });
  const deepSpec = `{"inputShape":[1,3,3],"layers":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;

  it.each<[string, () => Uint8Array, string]>([
    [
      'a newer version',
      () => set('convlet.format', '3'),
      'f: expected a model file of version 1 or 2, got "3". Use the convlet that wrote it.',
    ],
    [
      'a checksum that is not its own',
      () => set('convlet.crc32', '00000000'),
      'got "00000000". The file is damaged',
    ],
    [
      'a seed that is none',
      () => set('convlet.seed', '-1'),
      'f: expected a whole number below 2³² under convlet.seed, got "-1". Leave it out.',
    ],
    ['a seed of 2³²', () => set('convlet.seed', '4294967296'), 'got "4294967296".'],
    [
      'other preprocessing',
      () => set('convlet.preprocessing', '{"mean":0.13}'),
      'f: expected preprocessing {"pixel":"byte / 255","layout":"NCHW"}, got "{\\"mean\\":0.13}".',
    ],
    [
      'no spec',
      () => encodeSafetensors([]),
      "f: expected a model's spec under 'convlet.spec' in the metadata, got none.",
    ],
    [
      'a spec that is not JSON',
      () => set('convlet.spec', '{\u001b\n'),
      'f: expected a model as JSON, got "{\\u001b\\n" (',
    ],
    [
      'a spec that names an option twice',
      () =>
        set(
          'convlet.spec',
          '{"inputShape":[1,3,3],"layers":[{"type":"dense","units":2,"units":3}]}',
        ),
      '(the name "units" twice). Use a whole file.',
    ],
    [
      'a spec without layers',
      () => set('convlet.spec', longSpec),
      'f: model: expected a list of layers, got "xxxxxx',
    ],
    [
      'a spec nested 50,000 deep',
      () => set('convlet.spec', deepSpec),
      'f: layers[0]: expected a layer of type',
    ],
    [
      'a spec of another kind of layer',
      () => set('convlet.spec', '{"inputShape":[1,3,3],"layers":[{"type":"toString"}]}'),
      'f: layers[0]: expected a layer of type',
    ],
    [
      'a spec with a constructor',
      () => set('convlet.spec', '{"inputShape":{"constructor":{"name":{}}},"layers":[]}'),
      'f: model: inputShape: expected a list of 3 sizes, got an object.',
    ],
    [
      'a spec with __proto__',
      () => set('convlet.spec', '{"__proto__":{"inputShape":[1,3,3]},"layers":[]}'),
      'f: model: expected options of inputShape, normalize, layers, got "__proto__".',
    ],
    [
      'a spec of 10⁹ units',
      () =>
        set(
          'convlet.spec',
          '{"inputShape":[1,3,3],"layers":[{"type":"flatten"},{"type":"dense","units":1000000000}]}',
        ),
      'f: layers[1] dense: expected at most 2³⁰ parameters',
    ],
    [
      'a tensor missing',
      () => changed((tensors) => tensors.delete('2.bias')),
      'f: weights: expected a tensor 2.bias, got none.',
    ],
    [
      'a tensor too many',
      () => tensor('3.bias', [2]),
      'f: weights: expected the network\'s 4 tensors (0.weight, 0.bias, 2.weight, 2.bias), got "3.bias" too.',
    ],
    [
      'a tensor of another shape',
      () => tensor('2.weight', [8, 2]),
      'f: weights: 2.weight: expected shape 2×8, got 8×2.',
    ],
    [
      'a NaN',
      () => tensor('0.bias', [2], Number.NaN),
      'f: weights: 0.bias: expected finite numbers, got NaN or Infinity.',
    ],
    [
      'an infinity',
      () => tensor('0.bias', [2], Number.NEGATIVE_INFINITY),
      'f: weights: 0.bias: expected finite numbers',
    ],
  ])('refuses %s', (_name, bytes, message) => {
    const data = bytes();
    expect(() => read(data)).toThrow(message);
    expect(() => read(data)).toThrow(/^f: [^\n]{1,600}$/);
    expect(({} as { inputShape?: unknown }).inputShape).toBeUndefined();
  });

  it('gives the model or a named error after 10,000 random changes', () => {
    expect(refuseRandomDamage(whole(), read)).toBeGreaterThan(9000);
  });

  it('gives a model or a named error for 10,000 specs from elsewhere', () => {
    const size = fc.oneof(fc.nat(4), fc.constantFrom(-1, 1.5, 2 ** 31, 2 ** 60, '2', null, [2, 2]));
    const layer = fc.record(
      {
        type: fc.constantFrom('conv2d', 'dense', 'flatten', 'maxPool2d', 'relu', 'softmax', 'x'),
        filters: size,
        kernelSize: size,
        poolSize: size,
        strides: size,
        padding: fc.oneof(size, fc.constantFrom('same', 'valid', [1, 2, 3, 4])),
        units: size,
      },
      { requiredKeys: ['type'] },
    );
    const spec = fc.record({
      inputShape: fc.oneof(fc.tuple(size, size, size), fc.constant([1, 3, 3])),
      layers: fc.array(
        fc.oneof(
          { weight: 9, arbitrary: layer },
          fc.json().map((text) => JSON.parse(text)),
        ),
      ),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          { weight: 9, arbitrary: spec },
          fc.json().map((text) => JSON.parse(text)),
        ),
        (value) => {
          try {
            read(encodeSafetensors([], { 'convlet.spec': JSON.stringify(value) }));
          } catch (error) {
            expect(error).toMatchObject({ name: 'FormatError' });
            expect((error as Error).message).toMatch(/^f: [^\n]{1,600}$/);
          }
        },
      ),
      { seed: 1, numRuns: 10_000 },
    );
  });
});
