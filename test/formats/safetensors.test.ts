/** safetensors files are read back bit for bit. Every rule of the format has a file that breaks it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/base/errors.ts';
import type { Tensor } from '../../src/base/types.ts';
import {
  checkStart,
  decodeSafetensors,
  encodeSafetensors,
} from '../../src/formats/safetensors/safetensors.ts';

const encoder = new TextEncoder();

/** A file of this header text and as many bytes of data. */
function file(header: string | Uint8Array, dataBytes = 0): Uint8Array<ArrayBuffer> {
  const text = typeof header === 'string' ? encoder.encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** The header of one tensor `a`, with changes. */
function one(change: object = {}): string {
  return JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } });
}

/** The header of several tensors by their offsets. */
function several(...offsets: [begin: number, end: number][]): string {
  const entries = offsets.map(([begin, end], i) => [
    `t${i}`,
    { dtype: 'F32', shape: [Math.max(0, end - begin) / 4], data_offsets: [begin, end] },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

function bitsOf(tensors: Iterable<readonly [string, Tensor]>): unknown {
  return Array.from(tensors, ([name, { shape, data }]) => [
    name,
    [...shape],
    [...new Uint32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))],
  ]);
}

describe('encodeSafetensors', () => {
  it('writes the bytes that the format describes', () => {
    const bytes = encodeSafetensors([['w', { shape: [1, 2], data: Float32Array.of(1, -2) }]], {
      k: 'v',
    });
    const header =
      '{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
    expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it('keeps order, names of any kind, and every bit', () => {
    const odd = new Uint32Array([0x7fc00001, 0xffbfffff, 0x80000000, 1]); // NaNs with a message, −0, subnormal
    const tensors = new Map<string, Tensor>([
      ['4.weight', { shape: [2, 2], data: new Float32Array(odd.buffer) }],
      ['0', { shape: [], data: Float32Array.of(5) }],
      ['naïve "ü"\n🙂', { shape: [3], data: new Float32Array(8).subarray(2, 5) }],
      ['constructor', { shape: [1], data: Float32Array.of(7) }],
    ]);
    const bytes = encodeSafetensors(tensors, { toString: 'text', 'convlet.spec': '{"a":[1]}' });
    const decoded = decodeSafetensors(bytes, 'f');
    expect(bitsOf(decoded.tensors)).toEqual(bitsOf(tensors));
    expect(decoded.metadata).toEqual({ toString: 'text', 'convlet.spec': '{"a":[1]}' });
    expect(encodeSafetensors(decoded.tensors, decoded.metadata)).toEqual(bytes);
  });

  it('writes a file without tensors', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors([]), 'f');
    expect(tensors.size).toBe(0);
    expect(metadata).toEqual({});
  });

  it('round-trips whatever it accepts', () => {
    const tensor = fc
      .tuple(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 256, maxLength: 256 }),
      )
      .map(([shape, bits]): Tensor => {
        const length = shape.reduce((product, size) => product * size, 1);
        return { shape, data: new Float32Array(Uint32Array.from(bits).buffer, 0, length) };
      });
    const name = fc
      .string({ unit: 'grapheme' })
      .filter((text) => !['__proto__', '__metadata__'].includes(text));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
        fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
        (tensors, metadata) => {
          const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata), 'f');
          expect(bitsOf(decoded.tensors)).toEqual(bitsOf(tensors));
          expect(decoded.metadata).toEqual(metadata);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('writes no header that would not be read', () => {
    const withText = (length: number) => encodeSafetensors([], { text: 'x'.repeat(length) });
    const most = 262_144 - JSON.stringify({ __metadata__: { text: '' } }).length;
    expect(decodeSafetensors(withText(most), 'f').metadata.text).toHaveLength(most);
    expect(() => withText(most + 1)).toThrow(
      'encodeSafetensors: expected a header of at most 262144 bytes, got 262152: it holds all names, shapes and settings.',
    );
  });

  const scalar: Tensor = { shape: [], data: Float32Array.of(1) };
  it.each<[string, [string, Tensor][], string]>([
    [
      'a name twice',
      [
        ['a', scalar],
        ['a', scalar],
      ],
      'got "a", which is used twice. Rename it.',
    ],
    ['__metadata__', [['__metadata__', scalar]], 'got "__metadata__", which is reserved.'],
    ['__proto__', [['__proto__', scalar]], 'got "__proto__", which is reserved.'],
    [
      'a shape that does not fit',
      [['a', { shape: [2], data: Float32Array.of(1) }]],
      'encodeSafetensors: a: expected 2 numbers for shape 2, got 1.',
    ],
    [
      'numbers of 64 bits with sizes below 0',
      [['a', { shape: [-1, -1], data: new Float64Array(1) } as unknown as Tensor]],
      'encodeSafetensors: a: expected',
    ],
    [
      'another kind of numbers',
      [['a', { shape: [1], data: [1] } as unknown as Tensor]],
      'encodeSafetensors: a: expected a tensor',
    ],
  ])('refuses %s', (_name, tensors, message) => {
    expect(() => encodeSafetensors(tensors, {})).toThrow(message);
  });
});

describe('decodeSafetensors', () => {
  it('reads tensors in any order of the header, unaligned, with a size of 0, in the order of their bytes', () => {
    const header = `${several([4, 12], [0, 4], [12, 12])} `; // the space leaves the data at an odd address
    const bytes = file(header.padEnd(header.length + (header.length % 2)), 12);
    new DataView(bytes.buffer).setFloat32(bytes.length - 12, 1.5, true);
    const { tensors } = decodeSafetensors(bytes, 'f');
    expect([...tensors.keys()]).toEqual(['t1', 't0', 't2']);
    expect(tensors.get('t1')).toEqual({ shape: [1], data: Float32Array.of(1.5) });
    expect(tensors.get('t2')?.data.length).toBe(0);
  });

  it('returns copies', () => {
    const bytes = file(one(), 8);
    const { tensors } = decodeSafetensors(bytes, 'f');
    bytes.fill(1);
    expect([...(tensors.get('a')?.data ?? [])]).toEqual([0, 0]);
  });

  const length = (value: bigint, rest = 8): Uint8Array => {
    const bytes = new Uint8Array(8 + rest);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
  };
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const twice = `{"a":${one().slice(5, -1)},"a":${one().slice(5, -1)}}`;

  it.each<[string, Uint8Array, string]>([
    [
      'an empty file',
      new Uint8Array(0),
      'f: expected the length of a safetensors header in 8 bytes, got a file of 0.',
    ],
    ['seven bytes', new Uint8Array(7), 'got a file of 7.'],
    [
      'a header longer than the file',
      length(9n),
      'f: expected a safetensors header of at most 8 bytes, got 9.',
    ],
    ['a header of 2⁶³ bytes', length(2n ** 63n), 'got 9223372036854775808.'],
    ['a header of 2⁶⁴ − 1 bytes', length(2n ** 64n - 1n), 'got 18446744073709551615.'],
    ['a header of 2³² bytes', length(2n ** 32n), 'got 4294967296.'],
    [
      'a header of more than 256 KiB',
      file(' '.repeat(262_145)),
      'f: expected a safetensors header of at most 262144 bytes, got 262145.',
    ],
    ['no header', length(0n), 'expected an object in the header, got "".'],
    ['a header that is no object', file('[1]'), 'expected an object in the header, got "[1]".'],
    ['a space before the header', file(' {}'), 'expected an object'],
    ['a byte-order mark', file(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)), 'expected an object'],
    [
      'a header that is not UTF-8',
      file(Uint8Array.of(0x7b, 0xff, 0x7d)),
      'expected UTF-8 in the header, got other bytes.',
    ],
    [
      'a header that is not JSON',
      file('{"a":NaN}'),
      'expected JSON with every name once in the header, got "{\\"a\\":NaN}" (no JSON from line 1, column 6 on).',
    ],
    ['text after the header', file('{} x'), 'expected JSON'],
    [
      'an HDF5 file',
      Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0),
      'f: expected a safetensors file, got an HDF5 file. Convert it with tensorflowjs_converter --input_format keras.',
    ],
    [
      'an ONNX file',
      Uint8Array.of(8, 8, 0x12, 7, ...new TextEncoder().encode('convlet')),
      'f: expected a safetensors file, got an ONNX file. Use decodeOnnx.',
    ],
    [
      'a zip archive',
      Uint8Array.of(0x50, 0x4b, 3, 4, 45, 0, 0, 8),
      'f: expected a safetensors file, got a zip archive. Use decodeNpzModel for an .npz.',
    ],
    [
      'a tensor that is a list',
      file('{"a":[1,2]}'),
      'expected dtype, shape and data_offsets of "a" in the header, got a list of 2.',
    ],
    ['a tensor that is null', file('{"a":null}'), 'got null.'],
    ['a key too many', file(one({ x: 1 }), 8), 'got an object of 4 keys.'],
    ['a key missing', file('{"a":{"dtype":"F32","shape":[2]}}', 8), 'got an object of 2 keys.'],
    [
      'another dtype',
      file(one({ dtype: 'F16' }), 8),
      'expected dtype F32 of "a" in the header, got "F16".',
    ],
    ['no dtype', file(one({ dtype: 1 }), 8), 'got 1.'],
    [
      'a shape with −1',
      file(one({ shape: [-2] }), 8),
      'expected a shape of "a" that can be counted',
    ],
    ['a shape with a fraction', file(one({ shape: [1.5] }), 8), 'got a list of 1.'],
    ['a shape with text', file(one({ shape: ['2'] }), 8), 'that can be counted'],
    ['a shape with 2⁶⁰', file(one({ shape: [2 ** 60] }), 8), 'that can be counted'],
    [
      'a shape whose 64-bit product wraps to 4',
      file(one({ shape: [4194305, 4194305, 211106198978564] }), 8),
      'that can be counted',
    ],
    ['a shape that is no list', file(one({ shape: { length: 1 } }), 8), 'got an object of 1 keys.'],
    [
      'a shape of another size',
      file(one({ shape: [3] }), 8),
      'f: expected 3 f32 for "a", got 8 bytes.',
    ],
    [
      'a shape of 2⁵² for eight bytes',
      file(one({ shape: [2 ** 52] }), 8),
      'expected 4503599627370496 f32',
    ],
    [
      'negative offsets',
      file(one({ data_offsets: [-8, 0] }), 8),
      'expected two rising data_offsets of "a"',
    ],
    ['falling offsets', file(one({ data_offsets: [8, 0] }), 8), 'two rising data_offsets'],
    ['one offset', file(one({ data_offsets: [8] }), 8), 'got a list of 1.'],
    ['three offsets', file(one({ data_offsets: [0, 4, 8] }), 8), 'got a list of 3.'],
    ['offsets beyond 2⁵³', file(one({ data_offsets: [0, 2 ** 53] }), 8), 'two rising data_offsets'],
    ['offsets as text', file(one({ data_offsets: ['0', '8'] }), 8), 'two rising data_offsets'],
    [
      'a tensor beyond the file',
      file(one({ shape: [3], data_offsets: [0, 12] }), 8),
      'f: expected "a" to begin at byte 0 of 8 and to fit, got bytes 0 to 12.',
    ],
    [
      'overlapping tensors',
      file(several([0, 8], [4, 12]), 12),
      'expected "t1" to begin at byte 8 of 12 and to fit, got bytes 4 to 12.',
    ],
    [
      'two tensors on the same bytes',
      file(several([0, 8], [0, 8]), 8),
      'expected "t1" to begin at byte 8',
    ],
    ['a hole', file(several([0, 4], [8, 12]), 12), 'expected "t1" to begin at byte 4'],
    ['a hole at the start', file(several([4, 8]), 8), 'expected "t0" to begin at byte 0'],
    ['a byte too many', file(one(), 9), 'f: expected 8 bytes of tensors, got 9.'],
    ['data without tensors', file('{}', 4), 'expected 0 bytes of tensors, got 4.'],
    ['a tensor twice', file(twice, 8), '(the name "a" twice). Use a safetensors file.'],
    ['a tensor twice, once escaped', file(twice.replace('"a"', '"\\u0061"'), 8), 'every name once'],
    ['a shape twice', file(one().replace('"shape"', '"shape":[9],"shape"'), 8), 'every name once'],
    ['metadata twice', file('{"__metadata__":{"k":"1","k":"2"}}'), 'every name once'],
    [
      'metadata of numbers',
      file('{"__metadata__":{"k":1}}'),
      'expected text under "k" in the header, got 1.',
    ],
    [
      'metadata that is a list',
      file('{"__metadata__":["k"]}'),
      '__metadata__ to be an object in the header, got a list of 1.',
    ],
    ['metadata that is null', file('{"__metadata__":null}'), 'got null.'],
    [
      'a tensor named __proto__',
      file(one().replace('"a"', '"__proto__"'), 8),
      'got the reserved "__proto__".',
    ],
    [
      'metadata named __proto__',
      file('{"__metadata__":{"__proto__":"x"}}'),
      'got the reserved "__proto__".',
    ],
    [
      'half of a character in a name',
      file(one().replace('"a"', '"\\ud800"'), 8),
      'names in Unicode',
    ],
    ['a header nested 100,000 deep', file(deep), 'expected dtype, shape and data_offsets of "a"'],
    ['a name of 200,000 characters', file(`{"${'a'.repeat(2e5)}":0}`), `of "${'a'.repeat(40)}…"`],
    ['a name that steers terminals', file('{"\\u001b[2J\\n":0}'), 'of "\\u001b[2J\\n"'],
  ])('refuses %s', (_name, bytes, message) => {
    const read = () => decodeSafetensors(bytes, 'f');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^f: expected [^\n]{1,300}\.$/);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ['header', file(one({ dtype: 'F16' }), 8), 8],
    ['length', length(9n), 0],
    ['overlap', file(several([0, 8], [4, 12]), 12), 8 + several([0, 8], [4, 12]).length + 4],
    ['trailing bytes', file(one(), 9), 8 + one().length + 8],
  ])('tells the byte offset of the error: %s', (_name, bytes, byteOffset) => {
    expect(() => decodeSafetensors(bytes, 'f')).toThrow(expect.objectContaining({ byteOffset }));
  });

  const whole = encodeSafetensors(
    [
      ['0.weight', { shape: [2, 1, 2, 2], data: Float32Array.from({ length: 8 }, (_, i) => i) }],
      ['0.bias', { shape: [2], data: Float32Array.of(1, 2) }],
    ],
    { 'convlet.spec': '{"layers":[]}' },
  );

  it('tells by the start of a file that its tensors leave a hole, or that it is cut', () => {
    const hole = file(several([0, 4], [8, 12]), 12);
    expect(() => checkStart(hole, hole.length, 'f')).toThrow(FormatError);
    expect(() => checkStart(whole, whole.length, 'f')).not.toThrow();
    expect(() => checkStart(whole, whole.length - 1, 'f')).toThrow(FormatError);
  });

  it('refuses a file cut at any byte, or one byte longer', () => {
    for (let end = 0; end < whole.length; end++) {
      expect(() => decodeSafetensors(whole.subarray(0, end), 'f')).toThrow(FormatError);
    }
    expect(() => decodeSafetensors(Uint8Array.of(...whole, 0), 'f')).toThrow(FormatError);
  });

  it('gives a valid result or a named error for any damage to a file', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          for (const { shape, data } of decodeSafetensors(bytes, 'f').tensors.values()) {
            expect(shape.reduce((product, size) => product * size, 1)).toBe(data.length);
          }
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        }
      }),
      { seed: 1, numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(5000);
  });

  it('gives a valid result or a named error for any JSON as a header', () => {
    const entry = fc.record(
      {
        dtype: fc.constantFrom('F32', 'F16', 1),
        shape: fc.json().map((text) => JSON.parse(text)),
        data_offsets: fc.array(fc.integer({ min: -4, max: 16 })),
      },
      { requiredKeys: [] },
    );
    const header = fc.oneof(
      fc.json(),
      fc.dictionary(fc.string(), entry).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(header, fc.nat(16), (text, dataBytes) => {
        try {
          decodeSafetensors(file(text, dataBytes), 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { seed: 1, numRuns: 5000 },
    );
  });
});
