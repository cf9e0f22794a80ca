/** The public boundary accepts valid data sets, and refuses others with a clear message. */
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/base/errors.ts';
import type { Dataset, Tensor, ValueDataset } from '../../src/base/types.ts';
import {
  checkDataset,
  checkPixels,
  checkValueDataset,
  classNamesOf,
} from '../../src/data/dataset.ts';

/** Four images of 1×2×3 in three classes. */
function small(): Dataset {
  return {
    images: Uint8Array.from({ length: 24 }, (_, i) => i * 10),
    labels: Uint8Array.of(0, 1, 2, 1),
    shape: [1, 2, 3],
    classes: 3,
  };
}

it('names classes by their numbers unless the data set has names', () => {
  const classNames = ['cat', 'dog', 'owl'];
  checkDataset('fit', { ...small(), classNames });
  expect(classNamesOf({ ...small(), classNames })).toEqual(classNames);
  expect(classNamesOf(small())).toEqual(['0', '1', '2']);
});

describe('checkDataset', () => {
  it('accepts bytes and floats, one image, one class, 256 classes', () => {
    checkDataset('fit', small());
    checkDataset('fit', small(), [1, 2, 3]);
    checkDataset('fit', { ...small(), images: new Float32Array(24).fill(-1e30) });
    checkDataset('fit', {
      images: new Uint8Array(1),
      labels: Uint8Array.of(0),
      shape: [1, 1, 1],
      classes: 1,
    });
    checkDataset('fit', { ...small(), labels: Uint8Array.of(255, 0, 1, 2), classes: 256 });
  });

  const detached = new Uint8Array(24);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const nan = new Float32Array(24);
  nan[17] = Number.NaN;

  it.each<[string, unknown, new (...args: never[]) => Error, string]>([
    ['nothing', undefined, TypeError, '{ images, targets: Float32Array, shape }, got undefined.'],
    ['null', null, TypeError, 'got null.'],
    ['floats of f64', { images: new Float64Array(24) }, TypeError, 'got images Float64Array and'],
    ['a plain list', { images: [1, 2, 3] }, TypeError, 'got images Array and labels Uint8Array.'],
    ['labels of f32', { labels: new Float32Array(4) }, TypeError, 'and labels Float32Array.'],
    ['a label below 0', { labels: Int32Array.of(0, -1, 0, 0) }, RangeError, 'got -1 at image 1.'],
    ['no shape', { shape: undefined }, ShapeError, 'fit: shape: expected a list of 3 sizes'],
    ['a flat shape', { shape: [6] }, ShapeError, 'expected a list of 3 sizes, got [6].'],
    ['a size of 0', { shape: [1, 0, 3] }, RangeError, 'expected size 1 to be a whole number'],
    ['a half size', { shape: [1, 2, 1.5] }, RangeError, 'got 1.5'],
    ['axes exchanged', { shape: [1, 3, 2] }, ShapeError, 'expected shape 1×2×3, got 1×3×2.'],
    [
      'a name of a class',
      { classNames: 'cat' },
      TypeError,
      'classNames as a list of texts, got "cat".',
    ],
    ['names as numbers', { classNames: [1, 2, 3] }, TypeError, 'list of texts, got [1, 2, 3].'],
    ['a name too few', { classNames: ['a', 'b'] }, ShapeError, 'each of 3 classes, got 2 names.'],
    ['no classes', { classes: undefined }, TypeError, 'expected classes to be a number'],
    ['0 classes', { classes: 0 }, RangeError, 'whole number from 1 to 16777216, got 0.'],
    ['2²⁵ classes', { classes: 2 ** 25 }, RangeError, 'got 33554432.'],
    [
      'half an image',
      { images: new Uint8Array(27) },
      ShapeError,
      'multiple of 6 pixels for images 1×2×3, got 27.',
    ],
    [
      'an image too few',
      { images: new Uint8Array(18) },
      ShapeError,
      'label for each of 3 images, got 4 labels.',
    ],
    [
      'no images',
      { images: new Uint8Array(0), labels: new Uint8Array(0) },
      RangeError,
      'expected at least one image, got none.',
    ],
    ['a detached buffer', { images: detached }, RangeError, 'got none.'],
    [
      'targets too',
      { targets: new Float32Array(4) },
      TypeError,
      'expected labels, got targets too. Leave out one of them.',
    ],
    ['a source', { read: () => {} }, TypeError, 'expected a data set in memory, got a source.'],
    [
      'a label too high',
      { labels: Uint8Array.of(0, 1, 2, 3) },
      RangeError,
      'expected labels below 3, got 3 at image 3.',
    ],
    [
      'NaN',
      { images: nan },
      RangeError,
      'expected finite pixels, got NaN at place 17, in image 2.',
    ],
    [
      'infinity',
      { images: new Float32Array(24).fill(Number.POSITIVE_INFINITY) },
      RangeError,
      'got Infinity at place 0, in image 0.',
    ],
  ])('refuses %s', (_name, change, error, message) => {
    const value = change === undefined || change === null ? change : { ...small(), ...change };
    const check = () => checkDataset('fit', value as Dataset, [1, 2, 3]);
    expect(check).toThrow(error);
    expect(check).toThrow(message);
    expect(check).toThrow(/^fit: [^\n]*\.$/);
  });
});

describe('checkValueDataset', () => {
  /** Four images of 1×2×3 with two values each. */
  const values = () => ({
    images: new Uint8Array(24),
    shape: [1, 2, 3],
    targets: new Float32Array(8),
  });

  it('accepts as many values an image as the network puts out, or any', () => {
    checkValueDataset('fit', values(), [2]);
    checkValueDataset('fit', values());
    checkValueDataset('fit', { ...values(), targets: new Float32Array(4) });
  });

  it.each<[string, object, new (...args: never[]) => Error, string, boolean?]>([
    ['labels too', { labels: new Uint8Array(4) }, TypeError, 'labels or targets, got both.'],
    ['targets of f64', { targets: new Float64Array(8) }, TypeError, 'and targets Float64Array.'],
    ['a list of pixels', { images: Array(24).fill(0) }, TypeError, 'got images Array and targets'],
    ['a source', { read: () => {} }, TypeError, 'expected a data set in memory, got a source.'],
    ['no targets', { targets: new Float32Array(0) }, ShapeError, 'got 0 numbers.', true],
    ['half a target', { targets: new Float32Array(6) }, ShapeError, 'Use a multiple of 4.', true],
    ['a value too few', { targets: new Float32Array(4) }, ShapeError, 'targets 4×2, 8 numbers as'],
    [
      'a target of NaN',
      { targets: new Float32Array(8).fill(Number.NaN, 5) },
      RangeError,
      'expected finite targets, got NaN at place 5, in image 2.',
    ],
    [
      'a pixel of NaN',
      { images: new Float32Array(24).fill(Number.NaN, 23) },
      RangeError,
      'expected finite pixels, got NaN at place 23, in image 3.',
    ],
    ['a weight too few', { weights: new Float32Array(3) }, ShapeError, 'weight for each of 4'],
  ])('refuses %s', (_name, change, error, message, isAny) => {
    const dataset = { ...values(), ...change } as ValueDataset;
    const check = () => checkValueDataset('fit', dataset, isAny ? undefined : [2]);
    expect(check).toThrow(error);
    expect(check).toThrow(message);
    expect(check).toThrow(/^fit: [^\n]*\.$/);
  });
});

describe('checkPixels', () => {
  const shape = [1, 2, 3];

  it('accepts bytes, floats and tensors, and copies none', () => {
    const bytes = new Uint8Array(12);
    const floats = new Float32Array(6);
    expect(checkPixels('predict', bytes, shape)).toBe(bytes);
    expect(checkPixels('predict', floats, shape)).toBe(floats);
    expect(checkPixels('predict', { shape: [1, 1, 2, 3], data: floats }, shape)).toBe(floats);
  });

  it.each<[string, unknown, string]>([
    ['half an image', new Uint8Array(9), 'predict: expected a multiple of 6 pixels'],
    ['no image', new Float32Array(0), 'predict: expected at least one image, got none.'],
    ['NaN', new Float32Array(6).fill(Number.NaN), 'predict: expected finite pixels'],
    ['a plain list', [1, 2, 3, 4, 5, 6], 'predict: expected a tensor'],
    ['one image without its batch', { shape, data: new Float32Array(6) }, 'a list of 4 sizes'],
    [
      'axes exchanged',
      { shape: [1, 1, 3, 2], data: new Float32Array(6) },
      'predict: images: expected shape 1×2×3, got 1×3×2.',
    ],
    [
      'NaN in a tensor',
      { shape: [1, 1, 2, 3], data: new Float32Array(6).fill(Number.NaN) },
      'finite',
    ],
    ['nothing', undefined, 'predict: expected a tensor'],
  ])('refuses %s', (_name, images, message) => {
    expect(() => checkPixels('predict', images as Tensor, shape)).toThrow(message);
  });
});
