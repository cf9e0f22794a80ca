/** State dicts of PyTorch and archives of NumPy become models; whatever they lack is told by name. */
import { layers } from 'convlet';
import {
  decodeNpzModel,
  decodeStateDict,
  encodeModel,
  encodeNpz,
  encodeSafetensors,
} from 'convlet/formats';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { modelOf, networks } from '../support/networks.ts';
import { npy } from '../support/npy.ts';

const spec = {
  inputShape: [1, 1, 2],
  layers: [layers.flatten(), layers.dense({ units: 1, name: 'fc' })],
};
const tensors = new Map([
  ['fc.weight', { shape: [1, 2], data: Float32Array.of(1, 2) }],
  ['fc.bias', { shape: [1], data: Float32Array.of(3) }],
]);

describe('archives of NumPy', () => {
  it.each(networks.slice(0, 8))('come back as they were: $name', async ({ name }) => {
    const model = modelOf(name);
    expect(await decodeNpzModel(await encodeNpz(model))).toEqual({
      spec: model.spec,
      weights: model.weights(),
    });
  });

  it('keep the names of classes', async () => {
    const source = { spec, weights: tensors, classNames: ['yes'], preparation: 'picture' } as const;
    expect(await decodeNpzModel(await encodeNpz(source))).toEqual({ ...source });
  });

  it('of other programs take a spec, and numbers of any type', async () => {
    const doubles = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);
    const bytes = zipSync({
      'fc.weight.npy': npy('<f8', [1, 2], doubles(1, 2)),
      'fc.bias.npy': npy('|u1', [1], Uint8Array.of(3)),
    });
    expect((await decodeNpzModel(bytes, spec)).weights).toEqual(tensors);
    await expect(decodeNpzModel(bytes, undefined, 'w.npz')).rejects.toThrow(
      'w.npz: expected a network in convlet.json, got none. Give the spec of the network.',
    );
  });
});

it('what is no file, a name that is no text, and texts are refused', async () => {
  await expect(decodeNpzModel('x' as never)).rejects.toThrow('decodeNpzModel: expected bytes');
  expect(() => decodeStateDict('x' as never, spec)).toThrow('decodeStateDict: expected bytes');
  expect(() => decodeStateDict(new Uint8Array(), spec, 5 as never)).toThrow(
    'decodeStateDict: expected where to be a text, got 5. Use a text.',
  );
  const bytes = zipSync({ 'fc.bias.npy': npy('<U1', [1], Uint8Array.of(65, 0, 0, 0)) });
  await expect(decodeNpzModel(bytes, spec, 'w.npz')).rejects.toThrow(
    'w.npz: expected numbers as "fc.bias", got texts. Leave it out.',
  );
});

describe('state dicts', () => {
  const bytes = encodeSafetensors(tensors);

  it('take a spec whose layers have the names of the modules', () => {
    expect(decodeStateDict(bytes, spec)).toEqual({ spec, weights: tensors });
    expect(encodeModel(decodeStateDict(bytes, spec)).length).toBeGreaterThan(bytes.length);
  });

  it('of other networks are refused by the tensor', () => {
    const other = { ...spec, inputShape: [1, 1, 3] };
    expect(() => decodeStateDict(bytes, other, 'w')).toThrow(
      'w: weights: fc.weight: expected shape 1×3, got 1×2. Use that shape.',
    );
    const unnamed = { ...spec, layers: [layers.flatten(), layers.dense({ units: 1 })] };
    expect(() => decodeStateDict(bytes, unnamed, 'w')).toThrow(
      'w: weights: expected the network\'s 2 tensors (1.weight, 1.bias), got "fc.weight" too. Use these names.',
    );
  });
});
