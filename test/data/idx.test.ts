/** Whole IDX files are read; others are refused by name before their sizes are used. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/base/errors.ts';
import {
  idxByteLength,
  parseIdxDataset,
  parseIdxImages,
  parseIdxLabels,
} from '../../src/data/idx.ts';
import { idx, idxImages, idxLabels } from '../support/idx.ts';

/** The FormatError that `read` ends with, checked to be of one line. */
function refusal(read: () => unknown): FormatError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(/^[^\n]+\.$/);
    return error as FormatError;
  }
  throw new Error('expected a FormatError, got none');
}

describe('parseIdxImages and parseIdxLabels', () => {
  it('return views of the data', () => {
    const bytes = idxImages(3, 2, 4);
    const { images, shape, count } = parseIdxImages(bytes, 'f');
    expect(shape).toEqual([1, 2, 4]);
    expect(count).toBe(3);
    expect([...images]).toEqual(Array.from({ length: 24 }, (_, i) => (i * 7) % 256));
    expect(images.buffer).toBe(bytes.buffer);
    expect([...parseIdxLabels(idxLabels(12), 'f')]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  });

  it('read a file that lies in the middle of a buffer', () => {
    const bytes = idxImages(2, 3, 3);
    const buffer = new Uint8Array(bytes.length + 9);
    buffer.set(bytes, 5);
    const { images } = parseIdxImages(buffer.subarray(5, 5 + bytes.length), 'f');
    expect([...images]).toEqual([...bytes.subarray(16)]);
  });

  it('idxByteLength tells the length of the file from its start', () => {
    expect(idxByteLength(idxImages(3, 5, 7).subarray(0, 16), 'f')).toBe(16 + 105);
    expect(idxByteLength(idxLabels(9).subarray(0, 16), 'f')).toBe(8 + 9);
  });

  it.each<[string, Uint8Array, number, string]>([
    [
      'an empty file',
      new Uint8Array(0),
      0,
      'f: expected an IDX header of 16 bytes, got a file of 0.',
    ],
    ['three bytes', new Uint8Array(3), 3, 'got a file of 3'],
    ['ten bytes', idxImages(1, 2, 2).subarray(0, 10), 10, 'got a file of 10'],
    [
      'no pixels',
      idxImages(2, 3, 3).subarray(0, 16),
      16,
      'f: expected 18 bytes after the header (2×3×3 images), got 0. The file is cut short; fetch it again.',
    ],
    [
      'the last pixel missing',
      idxImages(2, 3, 3).subarray(0, 33),
      33,
      'expected 18 bytes after the header (2×3×3 images), got 17.',
    ],
    [
      'a byte too many',
      Uint8Array.of(...idxImages(2, 3, 3), 0),
      34,
      'got 19. The file is longer than it should be',
    ],
    ['labels', idxLabels(20), 0, 'f: expected IDX images, got IDX labels. Exchange the files'],
    [
      'the least byte first',
      Uint8Array.of(3, 8, 0, 0, ...new Uint8Array(12)),
      0,
      'that begins with 0x03080000.',
    ],
    ['zeros', new Uint8Array(32), 0, 'that begins with 0x00000000.'],
    ['floats', idx([0xd03, 1, 1, 1], new Uint8Array(4)), 0, '0x00000d03'],
    ['five axes', idx([0x805, 1, 1, 1, 1, 1], new Uint8Array(1)), 0, '0x00000805'],
    ['a web page', new TextEncoder().encode('<!doctype html><html>…'), 0, '0x3c21646f'],
    [
      'no images',
      idxImages(0, 28, 28),
      4,
      'expected at least one image and no size of 0, got 0×28×28.',
    ],
    ['no rows', idx([0x803, 1, 0, 28], new Uint8Array(0)), 8, 'got 1×0×28'],
    ['no columns', idx([0x803, 1, 28, 0], new Uint8Array(0)), 12, 'got 1×28×0'],
    ['2³² − 1 images', idx([0x803, 2 ** 32 - 1, 28, 28], new Uint8Array(784)), 800, 'got 784'],
    [
      'sizes whose 32-bit product is 0',
      idx([0x803, 65536, 65536, 65536], new Uint8Array(0)),
      16,
      'expected 281474976710656 bytes',
    ],
    [
      'sizes whose product is rounded',
      idx([0x803, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], new Uint8Array(1)),
      17,
      'e+28 bytes',
    ],
  ])('images: refuse %s', (_name, bytes, byteOffset, message) => {
    const error = refusal(() => parseIdxImages(bytes, 'f'));
    expect(error.message).toContain(message);
    expect(error.byteOffset).toBe(byteOffset);
  });

  it.each<[string, Uint8Array, number, string]>([
    ['images', idxImages(1, 2, 2), 0, 'f: expected IDX labels, got IDX images.'],
    [
      'a label missing',
      idxLabels(5).subarray(0, 12),
      12,
      'expected 5 bytes after the header (5 labels), got 4.',
    ],
    ['a label too many', Uint8Array.of(...idxLabels(5), 1), 13, 'got 6'],
    ['no labels', idxLabels(0), 4, 'expected at least one label'],
    [
      'a cut header',
      idxLabels(5).subarray(0, 7),
      7,
      'expected an IDX header of 8 bytes, got a file of 7.',
    ],
  ])('labels: refuse %s', (_name, bytes, byteOffset, message) => {
    const error = refusal(() => parseIdxLabels(bytes, 'f'));
    expect(error.message).toContain(message);
    expect(error.byteOffset).toBe(byteOffset);
  });

  it('any damage to a file gives a valid result or a named error', () => {
    const whole = idxImages(4, 3, 5);
    const mutation = fc.record({
      at: fc.nat(whole.length - 1),
      value: fc.nat(255),
      length: fc.nat(whole.length + 4),
    });
    let refused = 0;
    fc.assert(
      fc.property(mutation, ({ at, value, length }) => {
        const bytes = new Uint8Array(length);
        bytes.set(whole.subarray(0, length));
        if (at < length) bytes[at] = value;
        try {
          const { images, shape, count } = parseIdxImages(bytes, 'f');
          expect(shape.reduce((product, size) => product * size, count)).toBe(images.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        }
      }),
      { seed: 1, numRuns: 20_000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });
});

it('any damage to two files gives a valid data set or a named error', () => {
  const files = [idxImages(6, 2, 3), idxLabels(6)] as const;
  const change = fc.record({
    file: fc.nat(1),
    at: fc.nat(60),
    cut: fc.nat(8),
    insert: fc.uint8Array({ maxLength: 8 }),
  });
  let [read, refused] = [0, 0];
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const damaged = files.map((bytes) => [...bytes]);
      for (const { file, at, cut, insert } of changes) damaged[file]?.splice(at, cut, ...insert);
      const [images = [], labels = []] = damaged;
      try {
        const dataset = parseIdxDataset(
          { name: 'i', bytes: Uint8Array.from(images) },
          { name: 'l', bytes: Uint8Array.from(labels) },
          10,
          'digits',
        );
        const [, rows = 0, columns = 0] = dataset.shape;
        expect(dataset.images.length).toBe(dataset.labels.length * rows * columns);
        expect(Math.max(...dataset.labels)).toBeLessThan(10);
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
    }),
    { seed: 1, numRuns: 10_000 },
  );
  expect(read).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(5000);
});

describe('parseIdxDataset', () => {
  const images = { name: 'i', bytes: idxImages(20, 2, 2) };

  it('joins images and labels', () => {
    const dataset = parseIdxDataset(images, { name: 'l', bytes: idxLabels(20) }, 10, 'digits');
    expect(dataset).toMatchObject({ shape: [1, 2, 2], classes: 10, name: 'digits' });
    expect(dataset.images.length).toBe(80);
    expect(dataset.labels.length).toBe(20);
  });

  it.each<[string, Uint8Array, number, string]>([
    [
      '19 labels for 20 images',
      idxLabels(19),
      4,
      'l: expected a label for each of the 20 images of i, got 19 labels.',
    ],
    [
      'label 10 of 10 classes',
      idx([0x801, 20], new Uint8Array(20).fill(10, 17)),
      25,
      'l: expected labels below 10, got 10 at image 17.',
    ],
    ['label 255', idx([0x801, 20], new Uint8Array(20).fill(255)), 8, 'got 255 at image 0'],
  ])('refuses %s', (_name, bytes, byteOffset, message) => {
    const error = refusal(() => parseIdxDataset(images, { name: 'l', bytes }, 10, 'digits'));
    expect(error.message).toContain(message);
    expect(error.byteOffset).toBe(byteOffset);
  });
});
