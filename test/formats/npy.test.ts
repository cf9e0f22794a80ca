/** .npy of every kind is read as NumPy writes it; damaged files are refused. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy } from '../../src/formats/npy.ts';
import { decodeNpz } from '../../src/formats/npz.ts';
import { temporaryFolders } from '../support/folder.ts';
import { npy } from '../support/npy.ts';
import { hasPython, python } from '../support/python.ts';

const folder = temporaryFolders();

it('reads what encodeNpy writes', () => {
  const tensor = { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, Number.NaN) };
  expect(decodeNpy(encodeNpy(tensor), 'a')).toEqual({ ...tensor, isWhole: false });
});

it('reads least and most significant byte first, and both orders of axes', () => {
  const big = Uint8Array.of(0, 1, 0, 2, 0, 3, 1, 4);
  expect(decodeNpy(npy('>u2', [2, 2], big), 'a').data).toEqual(Int32Array.of(1, 2, 3, 260));
  const columns = npy('|u1', [2, 3], Uint8Array.of(1, 4, 2, 5, 3, 6), true);
  expect(decodeNpy(columns, 'a').data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  const cube = npy('|i1', [2, 2, 2], Uint8Array.of(0, 4, 2, 6, 1, 5, 3, 255), true);
  expect(decodeNpy(cube, 'a').data).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5, 6, -1));
});

it('reads texts', () => {
  const text = new Uint8Array(Uint32Array.of(0x63, 0x1f600, 0x64, 0).buffer);
  expect(decodeNpy(npy('<U2', [2], text), 'a').data).toEqual(['c😀', 'd']);
  expect(decodeNpy(npy('|S2', [2], Uint8Array.of(97, 98, 99, 0)), 'a').data).toEqual(['ab', 'c']);
});

describe('refuses', () => {
  const good = npy('<f4', [2], new Uint8Array(8));

  it('every beginning of a file, and a byte too many', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeNpy(good.subarray(0, length), 'a.npy'), `${length}`).toThrow(/^a\.npy: /);
    }
    expect(() => decodeNpy(Uint8Array.of(...good, 0), 'a.npy')).toThrow('expected 8 bytes for 2');
  });

  it.each([
    ['|O', 'got the type "|O"'],
    ['<c8', 'got the type "<c8"'],
    ['<f2', 'got the type "<f2"'],
    ['<M8[s]', 'got the type'],
  ])('the type %s', (type, message) => {
    expect(() => decodeNpy(npy(type, [0], new Uint8Array()), 'a')).toThrow(message);
  });

  it('any number of texts without characters, which no bytes stand behind', () => {
    for (const type of ['<U0', '|S0']) {
      const file = npy(type, [2 ** 31], new Uint8Array());
      expect(() => decodeNpy(file, 'a')).toThrow(`got the type "${type}"`);
    }
  });

  it('sizes that no memory holds', () => {
    const file = npy('|u1', [2 ** 31, 2 ** 31, 2 ** 31], new Uint8Array(4));
    expect(() => decodeNpy(file, 'a')).toThrow('got 4. The file is damaged');
  });

  it('an archive that is none', async () => {
    await expect(decodeNpz(Uint8Array.of(1, 2, 3), 'a.npz')).rejects.toThrow(
      'a.npz: expected a zip',
    );
  });
});

it.skipIf(!hasPython('numpy'))('reads what NumPy writes, of each type and compressed', async () => {
  const path = join(folder(), 'all.npz');
  const script = join(folder(), 'write.py');
  writeFileSync(
    script,
    `
import sys, numpy as np
types = ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f4', 'f8', '>i4', '>f8', 'bool']
arrays = {t.strip('>') + ('_big' if '>' in t else ''): (np.arange(6).reshape(2, 3) % (2 if t == 'bool' else 9)).astype(t) for t in types}
np.savez_compressed(sys.argv[1], fortran=np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)), text=np.array(['dog', 'käse']), **arrays)
`,
  );
  python(script, path);
  const arrays = await decodeNpz(readFileSync(path), path);
  expect(arrays.size).toBe(15);
  for (const [name, { shape, data }] of arrays) {
    if (name === 'text') expect(data).toEqual(['dog', 'käse']);
    else if (name === 'fortran') expect([...data]).toEqual([...new Array(24).keys()]);
    else {
      expect([name, shape, ...data]).toEqual([
        name,
        [2, 3],
        ...(name === 'bool' ? [0, 1, 0, 1, 0, 1] : [0, 1, 2, 3, 4, 5]),
      ]);
    }
  }
});
