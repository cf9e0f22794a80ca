/** Zip archives are read as data from a stranger: each refusal has a test, and a small archive cannot fill the memory. */
import { deflateRawSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodeNpz } from '../../src/formats/npz.ts';
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

/** An archive with a number of a record changed. */
function changed(level: 0 | 9, offset: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const bytes = packed(level);
  const view = new DataView(bytes.buffer);
  const at = recordOf(bytes) + offset;
  if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return bytes;
}

describe('decodeNpz', () => {
  it.each([0, 9] as const)('reads an archive of level %i, behind a remark too', async (level) => {
    const bytes = packed(level);
    const arrays = await decodeNpz(bytes, 'f');
    expect([...arrays.keys()]).toEqual(['x', 'y']);
    expect(arrays.get('y')?.data).toEqual(new Uint8Array(300).fill(7));
    const remarked = Uint8Array.of(...bytes, ...strToU8('a remark'));
    new DataView(remarked.buffer).setUint16(bytes.length - 2, 8, true);
    expect(await decodeNpz(remarked, 'f')).toEqual(arrays);
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
    ['a size that its bytes cannot make', changed(9, 24, 0xffffffff), 'of 4294967295 bytes out of'],
    ['a size that is not that of its bytes', changed(0, 24, 299), 'got "x.npy" damaged'],
    ['a size beyond its bytes', changed(0, 24, 600), 'of 600 bytes out of'],
    ['packed bytes beyond the file', changed(9, 20, 2 ** 31), 'got "x.npy" cut short'],
    ['a place beyond the file', changed(0, 42, 2 ** 31), 'got no "x.npy" in its place'],
    ['another method', changed(0, 10, 12, 2), 'got "x.npy" packed by method 12'],
    ['encryption', changed(0, 8, 1, 2), 'got "x.npy" encrypted'],
    ['a long name', changed(0, 28, 60_000, 2), 'got a damaged list of its files'],
  ])('refuses %s', async (_title, bytes, message) => {
    await expect(decodeNpz(bytes, 'f')).rejects.toThrow(message);
  });

  it('refuses a name twice', async () => {
    const bytes = packed(0);
    bytes[recordOf(bytes, 1) + 46] = 'x'.charCodeAt(0);
    await expect(decodeNpz(bytes, 'f')).rejects.toThrow('got "x.npy" twice');
  });

  it('refuses files that share their bytes, and so would unpack without end', async () => {
    const bytes = packed(0);
    const view = new DataView(bytes.buffer);
    view.setUint32(recordOf(bytes, 1) + 42, 0, true);
    const body = bytes.subarray(0, recordOf(bytes));
    const list = bytes.subarray(recordOf(bytes), recordOf(bytes, 1));
    // the first record again and again, under other names
    const many = Array.from({ length: 9 }, (_, i) => {
      const record = list.slice();
      record[46] = 'a'.charCodeAt(0) + i;
      return [...record];
    }).flat();
    const end = bytes.slice(-22);
    const endView = new DataView(end.buffer);
    endView.setUint16(10, 9, true);
    endView.setUint32(16, body.length, true);
    await expect(decodeNpz(Uint8Array.of(...body, ...many, ...end), 'f')).rejects.toThrow(
      'cut short',
    );
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
