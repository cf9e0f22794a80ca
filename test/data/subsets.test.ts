/** Subsets are a view of the first images, or two parts that share no image. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/base/types.ts';
import { splitDataset, takeFirst } from '../../src/data/subsets.ts';

/** Images of one pixel pair that tell their index. */
function numbered(labels: readonly number[], name?: string): Dataset {
  return {
    images: Uint8Array.from(labels.flatMap((_, i) => [i >> 8, i & 255])),
    labels: Uint8Array.from(labels),
    shape: [1, 1, 2],
    classes: 10,
    ...(name !== undefined && { name }),
  };
}

/** The index and label of every image. */
function contents({ images, labels }: Dataset): [index: number, label: number][] {
  return Array.from(labels, (label, n) => [
    (images[2 * n] ?? Number.NaN) * 256 + (images[2 * n + 1] ?? Number.NaN),
    label,
  ]);
}

describe('takeFirst', () => {
  it('returns a view of the first images, and says so in the name', () => {
    const data = numbered([3, 1, 4, 1, 5], 'digits');
    const part = takeFirst('trainSamples', data, 2);
    expect(contents(part)).toEqual([
      [0, 3],
      [1, 1],
    ]);
    expect(part.images.buffer).toBe(data.images.buffer);
    expect(part.name).toBe('digits, first 2');
    expect(takeFirst('trainSamples', numbered(new Array(1500).fill(0), 'd'), 1000).name).toBe(
      'd, first 1,000',
    );
    expect(takeFirst('trainSamples', numbered([1, 2]), 1)).not.toHaveProperty('name');
  });

  it('returns the data set itself for all images', () => {
    const data = numbered([3, 1], 'digits');
    expect(takeFirst('trainSamples', data, 2)).toBe(data);
  });

  it.each([
    [3, 'trainSamples: expected at most 2 images of digits, got 3. Ask for fewer.'],
    [0, 'trainSamples: expected a number of images to be a whole number from 1 to'],
    [1.5, 'got 1.5'],
    [Number.NaN, 'got NaN'],
  ])('refuses %d of 2 images', (count, message) => {
    const take = () => takeFirst('trainSamples', numbered([3, 1], 'digits'), count);
    expect(take).toThrow(RangeError);
    expect(take).toThrow(message);
  });
});

it('weights stay with their images', () => {
  const labels = Array.from({ length: 40 }, (_, i) => i % 2);
  const data = { ...numbered(labels), weights: Float32Array.from(labels, (_, i) => i / 8) };
  const { train, test } = splitDataset(data, 10, 1);
  for (const part of [train, test, takeFirst('f', data, 7)]) {
    const indices = contents(part).map(([index]) => index);
    expect([...(part.weights ?? [])]).toEqual(indices.map((index) => index / 8));
  }
});

it('parts keep the names of the classes', () => {
  const classNames = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  const data = { ...numbered([0, 0, 1, 1, 1]), classNames };
  const { train, test } = splitDataset(data, 2, 1);
  for (const part of [train, test, takeFirst('f', data, 3)])
    expect(part.classNames).toEqual(classNames);
});

describe('splitDataset', () => {
  const labels = Array.from({ length: 1000 }, (_, i) => (i * 7) % 10);

  it('divides the images, puts every class in both parts, and names the parts', () => {
    const { train, test } = splitDataset(numbered(labels, 'digits'), 100, 1);
    const all = [...contents(train), ...contents(test)].sort(([a], [b]) => a - b);
    expect(all).toEqual(labels.map((label, index) => [index, label]));
    expect(test.labels.length).toBe(100);
    expect(new Set(test.labels).size).toBe(10);
    expect(train).toMatchObject({ shape: [1, 1, 2], classes: 10, name: 'digits' });
    expect(test).toMatchObject({ shape: [1, 1, 2], classes: 10, name: 'digits, 100 held out' });
  });

  it('depends on the seed', () => {
    const split = (seed: number) => contents(splitDataset(numbered(labels), 100, seed).test);
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
  });

  it('mixes both parts, so that their first images have every class', () => {
    const sorted = numbered([...labels].sort());
    const { train, test } = splitDataset(sorted, 200, 1);
    expect(new Set(train.labels.subarray(0, 100)).size).toBe(10);
    expect(new Set(test.labels.subarray(0, 100)).size).toBe(10);
  });

  it('keeps floats as they are', () => {
    const floats = { ...numbered([0, 0, 0]), images: Float32Array.of(0.1, 1, 0.2, 2, 0.3, 3) };
    const { train, test } = splitDataset(floats, 1, 1);
    expect(test.images).toBeInstanceOf(Float32Array);
    expect([...train.images, ...test.images].sort()).toEqual([...floats.images].sort());
  });

  it('splits any labels that allow it', () => {
    const classes = fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 8 });
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(classes, u32, fc.double({ min: 0, max: 1, noNaN: true }), (counts, seed, at) => {
        const all = counts.flatMap((count, label) => new Array<number>(count).fill(label));
        const room = all.length - 2 * counts.length;
        const { train, test } = splitDataset(
          numbered(all),
          counts.length + Math.floor(at * room),
          seed,
        );
        expect(test.labels.length).toBe(counts.length + Math.floor(at * room));
        expect(new Set(train.labels).size).toBe(counts.length);
        expect(new Set(test.labels).size).toBe(counts.length);
        const indices = [...contents(train), ...contents(test)].map(([index]) => index);
        expect(new Set(indices).size).toBe(all.length);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each<[string, readonly number[], number, string]>([
    ['a class of one image', [0, 0, 1], 2, 'expected at least two images of each class'],
    [
      'fewer test images than classes',
      [0, 0, 1, 1],
      1,
      'expected testCount to be a whole number from 2',
    ],
    ['fewer training images than classes', [0, 0, 1, 1], 3, 'expected at least 2 training images'],
    ['more than there are', [0, 0, 1, 1], 5, 'got 4 images less 5. Hold out fewer.'],
    ['half an image', [0, 0, 1, 1], 2.5, 'got 2.5'],
  ])('refuses %s', (_name, all, testCount, message) => {
    const split = () => splitDataset(numbered(all), testCount, 1);
    expect(split).toThrow(RangeError);
    expect(split).toThrow(message);
  });
});
