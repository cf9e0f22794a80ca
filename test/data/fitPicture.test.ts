/** Sizes made equal by the stated rule. */
import { describe, expect, it } from 'vitest';
import { commonSize, fittedSize, layInto } from '../../src/data/fitPicture.ts';
import { reshapeImages } from '../../src/data/reshapeImages.ts';

describe('commonSize', () => {
  it.each<[readonly (readonly [number, number])[], readonly [number, number]]>([
    [[[32, 32]], [32, 32]],
    [
      [
        [20, 20],
        [30, 30],
        [40, 40],
      ],
      [30, 30],
    ],
    [
      [
        [20, 50],
        [30, 40],
        [90, 30],
      ],
      [30, 40],
    ],
    [
      [
        [20, 20],
        [30, 30],
      ],
      [30, 30],
    ],
    [[[3000, 4000]], [72, 96]],
    [[[96, 97]], [95, 96]],
    [[[1, 1000]], [1, 96]],
  ])('of %j is %j', (sizes, expected) => {
    expect(commonSize(sizes)).toEqual(expected);
  });
});

it('fittedSize keeps proportions, and at least a pixel', () => {
  expect(fittedSize([10, 20], [8, 8])).toEqual([4, 8]);
  expect(fittedSize([10, 20], [40, 60])).toEqual([30, 60]);
  expect(fittedSize([1, 1000], [8, 8])).toEqual([1, 8]);
});

it('layInto centres, the odd pixel at the end, and fills with the median of the border of each channel', () => {
  const to = new Uint8Array(2 * 2 * 4);
  layInto(to, [2, 4], Uint8Array.of(5, 6, 7, 8, 1, 1, 9, 9), [2, 2, 2]);
  expect([...to]).toEqual([7, 5, 6, 7, 7, 7, 8, 7, 9, 1, 1, 9, 9, 9, 9, 9]);
  const odd = new Uint8Array(3);
  layInto(odd, [1, 3], Uint8Array.of(4, 4), [1, 1, 2]);
  expect([...odd]).toEqual([4, 4, 4]);
  // the inner pixel is not of the border
  const large = new Uint8Array(4 * 3).fill(99);
  layInto(large, [4, 3], Uint8Array.of(1, 1, 1, 1, 200, 1, 1, 1, 1), [1, 3, 3]);
  expect([...large]).toEqual([1, 1, 1, 1, 200, 1, 1, 1, 1, 1, 1, 1]);
});

describe('reshapeImages', () => {
  it('returns the same pixels if nothing is to change', () => {
    const images = Uint8Array.of(1, 2, 3, 4);
    expect(reshapeImages({ images, shape: [1, 2, 2] }, [2, 2], 1).images).toBe(images);
  });

  it('halves by means, rounded for bytes', () => {
    const shape = [1, 2, 4];
    const pixels = [0, 10, 1, 2, 20, 30, 3, 5];
    const halved = { shape: [1, 1, 2] };
    expect(reshapeImages({ images: Uint8Array.from(pixels), shape }, [1, 2], undefined)).toEqual({
      ...halved,
      images: Uint8Array.of(15, 3),
    });
    expect(reshapeImages({ images: Float32Array.from(pixels), shape }, [1, 2], undefined)).toEqual({
      ...halved,
      images: Float32Array.of(15, 2.75),
    });
  });

  it('makes grey of RGB, and RGB of grey', () => {
    const images = Uint8Array.of(255, 0, 0, 255, 0, 255); // a red pixel, then one of green and blue
    expect(reshapeImages({ images, shape: [3, 1, 2] }, undefined, 1)).toEqual({
      images: Uint8Array.of(76, 179),
      shape: [1, 1, 2],
    });
    expect(reshapeImages({ images: Uint8Array.of(7, 8), shape: [1, 1, 2] }, undefined, 3)).toEqual({
      images: Uint8Array.of(7, 8, 7, 8, 7, 8),
      shape: [3, 1, 2],
    });
  });
});
