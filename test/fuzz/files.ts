/**
 * Targets: files of data, as `loadDataset` and its readers take them. One file, as the formats share the ways to damage a file and
 * what a reader may answer; a target for each format.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Dataset } from 'convlet';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import sharp from 'sharp';
import {
  idxByteLength,
  parseIdxDataset,
  parseIdxImages,
  parseIdxLabels,
} from '../../src/data/idx.ts';
import { decodeNpy, encodeNpy, type NpyArray } from '../../src/formats/npy.ts';
import { decodeNpz } from '../../src/formats/npz.ts';
import { loadDataset } from '../../src/node/data/loadDataset.ts';
import { unpack } from '../../src/node/gzip.ts';
import { decodePicture, readPictureFacts } from '../../src/node/picture.ts';
import { idx, idxImages, idxLabels } from '../support/idx.ts';
import { npy } from '../support/npy.ts';
import { type Damaged, damaged, showBytes } from './bytes.ts';
import type { Target } from './harness.ts';

/** Throws with the first difference of two values. */
export function expectSame(got: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(got, expected)) return;
  throw new Error(`wrongly taken: ${what}: ${differenceOf(got, expected, '')}`);
}

function differenceOf(a: unknown, b: unknown, path: string): string {
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Reflect.ownKeys(a), ...Reflect.ownKeys(b)])];
    const key = keys.find((key) => !isDeepStrictEqual(Reflect.get(a, key), Reflect.get(b, key)));
    if (key !== undefined) {
      return differenceOf(Reflect.get(a, key), Reflect.get(b, key), `${path}.${String(key)}`);
    }
  }
  const show = (value: unknown) => (Object.is(value, -0) ? '-0' : inspect(value).slice(0, 300));
  return `${path}: ${show(a)} instead of ${show(b)}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A target of damaged files. */
export function fileTarget<Value>(
  target: Omit<Target<Damaged, Value>, 'size' | 'show' | 'inputs'> & {
    samples: readonly Uint8Array[];
    words?: readonly string[];
    signatures?: readonly (readonly number[])[];
  },
): Target<Damaged, Value> {
  const { samples, words, signatures, ...rest } = target;
  return {
    ...rest,
    inputs: damaged(samples, words, signatures),
    size: ({ bytes }) => bytes.length,
    show: showBytes,
  };
}

const colours = idx(
  [0x804, 3, 2, 2, 3],
  Uint8Array.from({ length: 36 }, (_, i) => i * 5),
);
const idxSamples = [
  idxImages(5, 3, 4),
  idxImages(1, 1, 1),
  idxLabels(20),
  colours,
  idx([0x804, 2, 3, 4, 4], new Uint8Array(96).fill(9)),
];
const IDX_SIGNATURES = [
  [0, 0, 8, 1],
  [0, 0, 8, 3],
  [0, 0, 8, 4],
];

/** Takes either kind, as a folder's file of either name is. */
function readIdx(bytes: Uint8Array) {
  return bytes[3] === 1 ? { labels: parseIdxLabels(bytes, 'f') } : parseIdxImages(bytes, 'f');
}

const idxTarget = fileTarget({
  name: 'idx',
  runs: 3000,
  samples: idxSamples,
  signatures: IDX_SIGNATURES,
  read: ({ bytes }) => readIdx(bytes),
  check(value, { bytes }) {
    const view = new DataView(bytes.buffer);
    if ('labels' in value) {
      expectSame(value.labels, bytes.subarray(8), 'labels');
      expectSame(view.getUint32(4), value.labels.length, 'count');
      return;
    }
    const axes = bytes[3] === 3 ? 2 : 3;
    const sizes = Array.from({ length: axes + 1 }, (_, i) => view.getUint32(4 + 4 * i));
    expectSame(sizes[0], value.count, 'count');
    const pixels = value.shape.reduce((product, size) => product * size, value.count);
    expectSame(bytes.length, 8 + 4 * axes + pixels, 'length');
    expectSame(value.images.length, pixels, 'pixels');
    const sum = (list: Uint8Array) => list.reduce((total, byte) => total + byte, 0);
    expectSame(sum(value.images), sum(bytes.subarray(8 + 4 * axes)), 'sum of the pixels');
    if (axes === 2) expectSame([1, ...sizes.slice(1)], value.shape, 'shape');
  },
});

const large = idxImages(40, 28, 28);
const gzipSamples = [
  ...idxSamples.map((bytes) => gzipSync(bytes)),
  gzipSync(large),
  gzipSync(large, { level: 0 }),
  // two members, and a bomb that says it has one image
  Buffer.concat([gzipSync(large.subarray(0, 500)), gzipSync(large.subarray(500))]),
  gzipSync(Buffer.concat([idxImages(1, 2, 2), Buffer.alloc(2 ** 22)])),
];

const gzipTarget = fileTarget({
  name: 'gzip',
  runs: 1500,
  samples: gzipSamples,
  signatures: [
    [0x1f, 0x8b],
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
  ],
  async read({ bytes }) {
    const content = await unpack(bytes, 'f', (start) => idxByteLength(start, 'f'));
    return { content, value: readIdx(content) };
  },
  check({ content }, { bytes }) {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    expectSame(content, new Uint8Array(isPacked ? gunzipSync(bytes) : bytes), 'content');
  },
});

const picture = (width: number, height: number, channels: 1 | 3 | 4) =>
  sharp(
    Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37) & 255),
    { raw: { width, height, channels } },
  );
const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff'] as const;
const pictureSamples = await Promise.all([
  ...formats.map((format) => picture(9, 7, 3).toFormat(format).toBuffer()),
  picture(9, 7, 1).toColourspace('b-w').png().toBuffer(),
  picture(5, 6, 4).png({ compressionLevel: 0 }).toBuffer(),
  picture(5, 6, 4).png({ palette: true }).toBuffer(),
  picture(6, 5, 3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  picture(1, 1, 1).png().toBuffer(),
]);
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';

const pictureTarget = fileTarget({
  name: 'pictures',
  runs: 300,
  samples: [...pictureSamples, new TextEncoder().encode(SVG)],
  words: [
    'IHDR',
    'IDAT',
    'PLTE',
    'tRNS',
    'IEND',
    'acTL',
    'eXIf',
    'RIFF',
    'WEBPVP8X',
    'Exif\0\0',
    'NETSCAPE2.0',
    SVG,
  ],
  signatures: [
    [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    [0xff, 0xd8, 0xff, 0xe0],
    [0x47, 0x49, 0x46, 0x38, 0x39, 0x61],
    [0x49, 0x49, 0x2a, 0],
    [0x4d, 0x4d, 0, 0x2a],
    [0x42, 0x4d],
    [0x25, 0x50, 0x44, 0x46],
    [...new TextEncoder().encode('RIFF\0\0\0\0WEBP')],
    [...new TextEncoder().encode('\0\0\0\x1cftypavif')],
  ],
  async read({ bytes }) {
    const facts = await readPictureFacts(bytes, 'f');
    return { facts, pixels: await decodePicture(bytes, 'f', [6, 6], 3) };
  },
  check({ facts, pixels }) {
    expectSame(pixels.length, 108, 'pixels');
    for (const side of facts.size) if (!(side >= 1)) throw new Error(`a side of ${side}`);
  },
});

/** Files of one folder, which is written anew for each case. */
const folder = mkdtempSync(join(tmpdir(), 'convlet-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const csv = (lines: readonly string[], end = '\n') =>
  new TextEncoder().encode(lines.join(end) + end);
const rows = Array.from({ length: 12 }, (_, i) => `${i % 3},${i},${255 - i},7,${i * 20}`);
const csvSamples = [
  csv(rows),
  csv(['label,p0,p1,p2,p3', ...rows]),
  csv(['\ufeffp0;p1;class;p2;p3', ...rows.map((row) => row.replaceAll(',', ';'))], '\r\n'),
  csv(rows.map((row) => row.replace(/^(\d)/, '"c$1"').replace(',7,', ',0.5,'))),
  csv(['y\ta\tb\tc\td', ...rows.map((row) => row.replaceAll(',', '\t'))]),
];

/** Cells of a text without quotes, by a reader of two lines. */
function cellsOf(text: string): string[][] {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  return lines.filter((line) => line !== '').map((line) => line.split(/[,;\t]/));
}

const csvTarget = fileTarget({
  name: 'csv',
  runs: 500,
  samples: csvSamples,
  words: [
    ...'",;\t\r\n',
    '\r\n',
    '""',
    '"\n"',
    'label',
    ',,',
    '\ufeff',
    '1e999',
    '-0',
    'nan',
    '\u009b31m',
    '٣',
  ],
  read: ({ bytes }) => loadDataset(written('case.csv', bytes)),
  check({ train, test, classNames }, { bytes }) {
    const text = new TextDecoder().decode(bytes);
    const isMixed = /\r/.test(text) && /[\r\n]/.test(text.replaceAll('\r\n', ''));
    if (/["\0]/.test(text) || isMixed) return; // more than the reader here reads
    const cells = cellsOf(text);
    const numeric = (cell: string) => (cell.trim() === '' ? Number.NaN : Number(cell));
    const names = (cells[0] ?? []).filter((cell) => Number.isNaN(numeric(cell))).length;
    const body = names >= 2 || names === cells[0]?.length ? cells.slice(1) : cells;
    const count = train.labels.length + test.labels.length;
    expectSame(count, body.length, 'rows');
    if (!classNames.every((name) => Number.isFinite(numeric(name)))) return;
    const sum = (list: Iterable<number>) => {
      let total = 0;
      for (const value of list) total += Math.fround(value);
      return total;
    };
    const total = [train, test].map(({ images, labels }) => {
      return sum(images) + sum(Array.from(labels, (label) => Number(classNames[label])));
    });
    const got = sum(total);
    const expected = sum(body.map((row) => sum(row.map(numeric))));
    const size = sum(body.map((row) => sum(row.map((cell) => Math.abs(numeric(cell))))));
    if (!(Math.abs(got - expected) <= 1e-5 * size || !Number.isFinite(size))) {
      throw new Error(`wrongly taken: the cells add up to ${expected}, what was read to ${got}`);
    }
  },
});

const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const wide = (text: string, length: number) =>
  new Uint8Array(Uint32Array.from({ length }, (_, i) => text.codePointAt(i) ?? 0).buffer);
const npySamples = [
  npy('<f4', [2, 3], floats([1, 2, 3, 4, 5, Number.NaN])),
  npy('<f8', [3], new Uint8Array(Float64Array.of(1, 1e300, -0).buffer)),
  npy('|u1', [2, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
  npy('|u1', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6), true),
  npy('>i4', [4], Uint8Array.of(0, 0, 0, 1, 255, 255, 255, 255, 0, 1, 0, 0, 127, 255, 255, 255)),
  npy('<i8', [2], new Uint8Array(BigInt64Array.of(-1n, 2n ** 60n).buffer)),
  npy('<u2', [], Uint8Array.of(1, 2)),
  npy('|b1', [3], Uint8Array.of(0, 1, 7)),
  npy('<U3', [2], wide('catdog', 6)),
  npy('|S3', [2], strToU8('catdog')),
  npy('<f4', [0], new Uint8Array()),
  encodeNpy({ shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) }),
];
const NPY_WORDS = [
  "'<f4'",
  "'|S0'",
  "'<U0'",
  "'|O'",
  "'>f8'",
  "'<i1'",
  'True',
  'False',
  '(0,)',
  '(999999999,)',
  '()',
  "'shape': (",
  ', 4294967296',
  "'descr': '|V8'",
];

/** Throws unless an array is as large as its shape, and of f32 as it would be written. */
function checkArray({ shape, data }: NpyArray): void {
  const count = shape.reduce((product, side) => product * side, 1);
  expectSame(data.length, count, 'elements');
  if (data instanceof Float32Array && !shape.includes(0)) {
    expectSame(decodeNpy(encodeNpy({ shape, data }), 'f').data, data, 'numbers');
  }
}

const npyTarget = fileTarget({
  name: 'npy',
  runs: 2500,
  samples: npySamples,
  words: NPY_WORDS,
  signatures: [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]],
  read: ({ bytes }) => decodeNpy(bytes, 'f'),
  check(array, { bytes }) {
    checkArray(array);
    const kind = /'descr':\s*'([^']*)'/.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? '';
    const { data, shape } = array;
    if (kind === '<f4' && shape.length > 0) {
      // its own last element, in either order of axes
      const last = new DataView(bytes.buffer).getFloat32(Math.max(0, bytes.length - 4), true);
      if (data.length > 0) expectSame(data.at(-1), last, 'last number');
    }
  },
});

const parts = {
  'x_train.npy': npy(
    '|u1',
    [12, 2, 2],
    Uint8Array.from({ length: 48 }, (_, i) => i * 5),
  ),
  'y_train.npy': npy(
    '|u1',
    [12],
    Uint8Array.from({ length: 12 }, (_, i) => i % 3),
  ),
  'x_test.npy': npy(
    '|u1',
    [3, 2, 2],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  ),
  'y_test.npy': npy('|u1', [3], Uint8Array.of(0, 1, 2)),
};
const oneHot = {
  'images.npy': npy('<f4', [10, 2, 2], floats(Array.from({ length: 40 }, (_, i) => i / 40))),
  'labels.npy': npy(
    '<f4',
    [10, 2],
    floats(Array.from({ length: 20 }, (_, i) => ((i >> 1) + i) % 2)),
  ),
};
const npzSamples = [
  zipSync(parts, { level: 0 }),
  zipSync(parts, { level: 9 }),
  zipSync(oneHot, { level: 6 }),
  zipSync({ ...parts, 'note.txt': strToU8('x') }),
  zipSync({}),
];
const known = [...Object.values(parts), ...Object.values(oneHot)].map((bytes) =>
  decodeNpy(bytes, 'f'),
);

const npzTarget = fileTarget({
  name: 'npz',
  runs: 1000,
  samples: npzSamples,
  words: [
    'PK\x01\x02',
    'PK\x03\x04',
    'PK\x05\x06',
    'PK\x06\x06',
    '__proto__.npy',
    '../x.npy',
    'x_train.npy',
  ],
  signatures: [
    [0x50, 0x4b, 3, 4],
    [0x50, 0x4b, 5, 6, ...new Array(18).fill(0)],
  ],
  read: async ({ bytes }) => {
    const arrays = await decodeNpz(bytes, 'f');
    return { arrays, load: () => loadDataset(written('case.npz', bytes)) };
  },
  async check({ arrays, load }, { bytes }) {
    for (const array of arrays.values()) {
      checkArray(array);
      if (!known.some((other) => isDeepStrictEqual(other, array))) {
        throw new Error(`wrongly taken: an array that was not saved, of shape ${array.shape}`);
      }
    }
    if (!(bytes[0] === 0x50 && bytes[1] === 0x4b)) return; // to be found by looking
    const { train } = await load().catch((error: Error) => {
      if (
        /expected (arrays|one array|images and labels|a label|labels|numbers|rows|a file|at least|images)/.test(
          error.message,
        )
      )
        return { train: undefined };
      throw error;
    });
    if (train !== undefined) expectSame(train.images.length > 0, true, 'images');
  },
});

/** Arrays that are whole, under names and in shapes that may not fit together. */
const arrayChoices = [
  ...Object.values(parts),
  ...Object.values(oneHot),
  ...npySamples,
  npy('|u1', [12, 2, 2, 3], new Uint8Array(144).fill(9)),
  npy('|u1', [12, 4], new Uint8Array(48).fill(3)),
  npy('<f4', [12], floats(Array.from({ length: 12 }, (_, i) => i / 2))),
  npy('<U3', [12], wide('catdog'.repeat(6), 36)),
];
const arrayNames = [
  'x',
  'y',
  'x_train',
  'y_train',
  'x_test',
  'y_test',
  'trainImages',
  'labels',
  'x_val',
  'other',
];

const arraysTarget: Target<readonly (readonly [name: string, array: number])[]> = {
  name: 'arrays',
  runs: 500,
  inputs: fc.oneof(
    fc.uniqueArray(fc.tuple(fc.constantFrom(...arrayNames), fc.nat(arrayChoices.length - 1)), {
      maxLength: 5,
      selector: ([name]) => name,
    }),
    fc.tuple(
      fc
        .constantFrom(0, arrayChoices.length - 4, arrayChoices.length - 3)
        .map((n) => ['x_train', n] as const),
      fc.constantFrom(1, arrayChoices.length - 1).map((n) => ['y_train', n] as const),
      fc.tuple(fc.constantFrom(...arrayNames.slice(4)), fc.nat(arrayChoices.length - 1)),
    ),
  ),
  size: (list) => 200 * list.length,
  show: (list) => JSON.stringify(list),
  read(list) {
    const entries = list.map(([name, n]) => [`${name}.npy`, arrayChoices[n] ?? new Uint8Array()]);
    return loadDataset(written('arrays.npz', zipSync(Object.fromEntries(entries), { level: 0 })));
  },
  check(value) {
    const { train, test } = value as { readonly train: Dataset; readonly test: Dataset };
    for (const { images, labels, shape, classes } of [train, test]) {
      const length = shape.reduce((product, size) => product * size, 1);
      expectSame(images.length, labels.length * length, 'pixels');
      expectSame(
        labels.every((label) => label < classes),
        true,
        'labels below classes',
      );
    }
  },
};

/** A file of images and one of labels, as `parseIdxDataset` takes them. */
const pair = damaged(idxSamples, [], IDX_SIGNATURES);
const pairTarget: Target<readonly [Damaged, Damaged], Dataset> = {
  name: 'idx-pairs',
  runs: 1000,
  inputs: fc.oneof(
    fc.tuple(pair, pair),
    fc
      .tuple(
        damaged([idxImages(5, 3, 4), idxImages(20, 2, 2)]),
        damaged([idxLabels(5), idxLabels(20)]),
      )
      .filter(([images, labels]) => images.sample === labels.sample),
  ),
  size: ([images, labels]) => images.bytes.length + labels.bytes.length,
  show: ([images, labels]) => `${showBytes(images)} and ${showBytes(labels)}`,
  read: ([images, labels]) =>
    parseIdxDataset(
      { name: 'a', bytes: images.bytes },
      { name: 'b', bytes: labels.bytes },
      10,
      'n',
    ) as Dataset,
  check({ images, labels, shape }) {
    const length = shape.reduce((product, size) => product * size, 1);
    expectSame(images.length, labels.length * length, 'pixels');
    expectSame(
      labels.every((label) => label < 10),
      true,
      'labels below classes',
    );
  },
};

export const files: readonly Target[] = [
  idxTarget,
  gzipTarget,
  pictureTarget,
  csvTarget,
  npyTarget,
  npzTarget,
  arraysTarget,
  pairTarget,
] as readonly Target[];
