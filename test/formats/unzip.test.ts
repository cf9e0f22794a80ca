/** Zip archives are read as data from a stranger: each refusal has a test, and a small archive cannot fill the memory. */
import { crc32, deflateRawSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeNpz } from '../../src/formats/npz.ts';
import { unzip } from '../../src/formats/unzip.ts';
import { npy } from '../support/npy.ts';

const array = npy('|u1', [300], new Uint8Array(300).fill(7));
const packed = (level: 0 | 9) => zipSync({ 'x.npy': array, 'y.npy': array.slice() }, { level });

/** Where the record of a file in the list at the end begins. */
const recordOf = (bytes: Uint8Array, n = 0) => {
  const text = Buffer.from(bytes).toString('latin1');
  let at = text.indexOf('PK\x01\x02');
  for (let i = 0; i < n; i++) at = text.indexOf('PK\x01\x02', at + 1);
  return at;
};

/** A copy with a number changed. */
function withNumber(bytes: Uint8Array, at: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return copy;
}

/** An archive with a number of the first record changed. */
function changed(level: 0 | 9, offset: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const bytes = packed(level);
  return withNumber(bytes, recordOf(bytes) + offset, value, width);
}

/** An archive with a number of the record at its end changed. */
function changedEnd(offset: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const bytes = packed(0);
  return withNumber(bytes, bytes.length - 22 + offset, value, width);
}

/** An archive with a remark. */
function remarked(bytes: Uint8Array, remark: Uint8Array): Uint8Array {
  const all = Uint8Array.of(...bytes, ...remark);
  return withNumber(all, bytes.length - 2, remark.length, 2);
}

/** The end of an archive of nothing that begins at a place. */
const emptyEnd = (list = 0) =>
  withNumber(Uint8Array.of(...strToU8('PK\x05\x06'), ...new Uint8Array(18)), 16, list);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('decodeNpz', () => {
  it.each([0, 9] as const)('reads an archive of level %i, behind a remark too', async (level) => {
    const bytes = packed(level);
    const arrays = await decodeNpz(bytes, 'f');
    expect([...arrays.keys()]).toEqual(['x', 'y']);
    expect(arrays.get('y')?.data).toEqual(new Uint8Array(300).fill(7));
    for (const remark of [strToU8('a remark'), Uint8Array.of(...emptyEnd(), 0)]) {
      expect(await decodeNpz(remarked(bytes, remark), 'f')).toEqual(arrays);
    }
  });

  it.each([0, 9] as const)('refuses any changed byte of the data of level %i', async (level) => {
    const bytes = packed(level);
    const first = Buffer.from(bytes).indexOf('x.npy') + 5;
    const second = Buffer.from(bytes).indexOf('PK', first);
    const intact = [...(await decodeNpz(bytes, 'f'))];
    let refused = 0;
    for (let at = first; at < second; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      const read = await decodeNpz(damaged, 'f').catch((error: Error) => error.message);
      // a bit of the packed data may mean nothing
      if (typeof read !== 'string') expect([...read]).toEqual(intact);
      else {
        expect(read).toBe(
          'f: expected a zip archive of arrays, as numpy.savez writes it, got "x.npy" damaged. Save it again.',
        );
        refused++;
      }
    }
    expect(refused).toBeGreaterThan((second - first) * 0.9);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'got a file without its end'],
    ['an end alone, cut', packed(0).slice(0, -1), 'got a file without its end'],
    ['a size that its bytes cannot make', changed(9, 24, 0xfffffffe), 'of 4294967294 bytes out of'],
    ['a size that is not that of its bytes', changed(0, 24, 299), 'got "x.npy" damaged'],
    ['a size beyond its bytes', changed(0, 24, 600), 'of 600 bytes out of'],
    ['packed bytes beyond the file', changed(9, 20, 2 ** 31), 'got "x.npy" cut short'],
    ['a place beyond the file', changed(0, 42, 2 ** 31), 'got no "x.npy" in its place'],
    ['another method', changed(0, 10, 12, 2), 'got "x.npy" packed by method 12'],
    ['encryption', changed(0, 8, 1, 2), 'got "x.npy" encrypted'],
    ['a long name', changed(0, 28, 60_000, 2), 'got a damaged list of its files'],
    ['data that run into the list', changed(0, 20, 2000), 'got "x.npy" cut short'],
    ['a list of which the end knows no file', changedEnd(10, 0, 2), 'a damaged list of its files'],
    ['a list of which the end knows one file', changedEnd(10, 1, 2), 'a damaged list of its files'],
    ['a list of another length', changedEnd(12, 1), 'a damaged list of its files'],
    ['a list behind the end', remarked(emptyEnd(22), strToU8('x')), 'a damaged list of its files'],
    ['an end in a remark', remarked(packed(0), emptyEnd()), 'got a file with two ends'],
    ['bytes after the end', Uint8Array.of(...packed(0), 0), 'got a file without its end'],
  ])('refuses %s', async (_title, bytes, message) => {
    await expect(decodeNpz(bytes, 'f')).rejects.toThrow(message);
  });

  it.each([
    ['count', changedEnd(10, 0xffff, 2)],
    ['length of the list', changedEnd(12, 0xffffffff)],
    ['place of the list', changedEnd(16, 0xffffffff)],
    ['packed size', changed(9, 20, 0xffffffff)],
    ['size', changed(9, 24, 0xffffffff)],
    ['place', changed(9, 42, 0xffffffff)],
  ])('tells zip64 by its %s, and what to do', async (_title, bytes) => {
    await expect(decodeNpz(bytes, 'f')).rejects.toThrow(
      'got a zip64 archive, which is not read. Save fewer or smaller arrays: less than 2 GiB, and fewer than 65,535.',
    );
  });

  it('refuses more files than a count of 16 bits can tell', async () => {
    const files = Array.from({ length: 65_537 }, (_, i) => [`${i}.npy`, new Uint8Array()]);
    const bytes = zipSync(Object.fromEntries(files), { level: 0 });
    await expect(decodeNpz(bytes, 'f')).rejects.toThrow('got a damaged list of its files');
  });

  it('refuses more than 4 GiB before it unpacks any of them', () => {
    const half = new Uint8Array(2_200_000); // 2.1 GiB, if they were packed as well as can be
    let bytes: Uint8Array = zipSync({ 'x.npy': half, 'y.npy': half }, { level: 0 });
    for (const record of [recordOf(bytes), recordOf(bytes, 1)]) {
      bytes = withNumber(bytes, record + 10, 8, 2);
      bytes = withNumber(bytes, record + 24, half.length * 1032);
    }
    const inflate = vi.fn();
    expect(() => unzip(bytes, 'f', () => true, inflate)).toThrow(
      'got more than 4 GiB. Save fewer or smaller arrays',
    );
    expect(inflate).not.toHaveBeenCalled();
  });

  it('tells a lack of memory as what it is', () => {
    const bytes = packed(9);
    vi.stubGlobal('Uint8Array', function allocate() {
      throw new RangeError('Array buffer allocation failed');
    });
    expect(() => unzip(bytes, 'f', () => true, vi.fn())).toThrow(
      new RangeError(
        `f: expected arrays that fit into the memory of this machine, got "x.npy" of ${array.length} bytes. Save fewer or smaller arrays.`,
      ),
    );
  });

  it.each([1, 50, 100_000])('refuses data that unpack to %i bytes too many', async (more) => {
    for (const level of [1, 0] as const) {
      const long = Uint8Array.of(...array, ...new Uint8Array(more));
      const data = deflateRawSync(long, { level });
      let bytes: Uint8Array = zipSync({ 'x.npy': data }, { level: 0 });
      const record = recordOf(bytes);
      bytes = withNumber(bytes, record + 10, 8, 2);
      bytes = withNumber(bytes, record + 16, crc32(array));
      bytes = withNumber(bytes, record + 24, array.length);
      await expect(decodeNpz(bytes, 'f'), `level ${level}`).rejects.toThrow('got "x.npy" damaged');
    }
  });

  it.each([0, 9] as const)('refuses two records of the same data of level %i', async (level) => {
    const bytes = packed(level);
    await expect(decodeNpz(withNumber(bytes, recordOf(bytes, 1) + 42, 0), 'f')).rejects.toThrow(
      'got "y.npy" sharing its bytes with another file',
    );
  });

  it('refuses a name twice', async () => {
    const bytes = packed(0);
    bytes[recordOf(bytes, 1) + 46] = 'x'.charCodeAt(0);
    await expect(decodeNpz(bytes, 'f')).rejects.toThrow('got "x.npy" twice');
  });

  it('keeps a name that means something to JavaScript', async () => {
    const bytes = zipSync({ a: new Uint8Array(), '__proto_a.npy': array });
    const text = Buffer.from(bytes);
    for (let at = text.indexOf('__proto_a'); at >= 0; at = text.indexOf('__proto_a')) {
      text.write('__proto__', at);
    }
    expect([...(await decodeNpz(new Uint8Array(text), 'f')).keys()]).toEqual(['__proto__']);
  });

  it('reads what another program has deflated', async () => {
    const bytes = zipSync({ 'x.npy': [array, { level: 6 }] });
    expect(Buffer.from(bytes).includes(deflateRawSync(array).subarray(0, 3))).toBe(true);
    expect((await decodeNpz(bytes, 'f')).get('x')?.data).toHaveLength(300);
  });
});
