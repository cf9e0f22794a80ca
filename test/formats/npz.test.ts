/** .npz files are read by a reader of our own, and by NumPy if it is installed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNpz } from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../../src/formats/npy.ts';
import { temporaryFolders } from '../support/folder.ts';
import { modelOf, networks } from '../support/networks.ts';
import { hasPython, python } from '../support/python.ts';
import { readZip } from '../support/zip.ts';

const folder = temporaryFolders();
const model = modelOf('reference');

/** Header and data of a .npy of version 1.0. */
function readNpy(bytes: Uint8Array): { header: string; data: Float32Array } {
  expect([...bytes.subarray(0, 8)]).toEqual([0x93, 78, 85, 77, 80, 89, 1, 0]);
  const start = 10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  expect(start % 64).toBe(0);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, start));
  return { header, data: new Float32Array(bytes.slice(start).buffer) };
}

describe('encodeNpy', () => {
  it.each([
    [[], '()'],
    [[3], '(3,)'],
    [[2, 3], '(2, 3)'],
    [[2, 1, 3, 5], '(2, 1, 3, 5)'],
  ])('writes the header of shape %j', (shape, tuple) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length }, (_, i) => i - 1.5);
    const npy = readNpy(encodeNpy({ shape, data: new Float32Array([0, ...data]).subarray(1) }));
    expect(npy.header.trimEnd()).toBe(
      `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`,
    );
    expect(npy.header.endsWith('\n')).toBe(true);
    expect(npy.data).toEqual(data);
  });

  it('refuses a value that is no tensor', () => {
    expect(() => encodeNpy({ shape: [2], data: new Float32Array(3) })).toThrow(
      'encodeNpy: expected 2 numbers for shape 2, got 3.',
    );
  });
});

describe('encodeNpz', () => {
  it('holds every parameter and the spec, and is the same each time', async () => {
    const bytes = await encodeNpz(model);
    const files = readZip(bytes);
    const names = ['0.weight.npy', '0.bias.npy', '4.weight.npy', '4.bias.npy', 'convlet.json'];
    expect([...files.keys()]).toEqual(names);
    for (const [key, { data }] of model.weights()) {
      expect(readNpy(files.get(`${key}.npy`) ?? new Uint8Array()).data, key).toEqual(data);
    }
    expect(JSON.parse(new TextDecoder().decode(files.get('convlet.json')))).toEqual({
      spec: model.spec,
      seed: 3,
      preprocessing: { pixel: 'byte / 255', layout: 'NCHW' },
    });
    const { spec, seed } = model;
    expect(await encodeNpz({ spec, seed, weights: model.weights() })).toEqual(bytes);
  });

  const hasNumpy = hasPython('numpy');
  it.skipIf(!hasNumpy)('can be loaded by NumPy', async () => {
    const path = join(folder(), 'model.npz');
    writeFileSync(path, await encodeNpz(model));
    const script = `
import json, sys, numpy
file = numpy.load(sys.argv[1])
arrays = {name: file[name] for name in file.files if name != 'convlet.json'}
print(json.dumps({name: [list(a.shape), str(a.dtype), a.tobytes().hex()] for name, a in arrays.items()}))`;
    const loaded = JSON.parse(python(script, path));
    const expected = Array.from(model.weights(), ([key, { shape, data }]) => [
      key,
      [shape, 'float32', Buffer.from(data.buffer).toString('hex')],
    ]);
    expect(loaded).toEqual(Object.fromEntries(expected));
  });

  it('writes every network', async () => {
    for (const { name } of networks) {
      const arrays = readZip(await encodeNpz(modelOf(name))).size - 1;
      expect(arrays, name).toBe(modelOf(name).weights().size);
    }
  });
});
