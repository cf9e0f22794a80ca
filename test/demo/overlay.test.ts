/** What the filters of the demo can show beside their weights, and how a filter of many kernels becomes a picture. */
import { describe, expect, it } from 'vitest';
import { mosaicOf, mosaicSize } from '../../demo/src/pictures/mosaic.ts';
import { changeSince, gradientOverlay, PLAIN } from '../../demo/src/pictures/overlay.ts';

const tensor = (shape: number[], ...numbers: number[]) => ({
  shape,
  data: Float32Array.from(numbers),
});

describe('overlays', () => {
  const now = tensor([2], 0.5, -1);

  it('show the weights as they are by default', () => {
    expect(PLAIN.tensorOf('0.weight', now)).toBe(now);
  });

  it('show the change since the start, and nothing of a parameter that was not there', () => {
    const overlay = changeSince(new Map([['0.weight', tensor([2], 0.25, 1)]]), 'the start');
    expect([...(overlay.tensorOf('0.weight', now)?.data ?? [])]).toEqual([0.25, -2]);
    expect(overlay.tensorOf('1.weight', now)).toBeUndefined();
  });

  it('show no gradient as long as none is known', () => {
    const gradient = tensor([2], 3, 4);
    expect(gradientOverlay(undefined, '').tensorOf('0.weight', now)).toBeUndefined();
    expect(gradientOverlay(() => gradient, '').tensorOf('0.weight', now)).toBe(gradient);
  });
});

describe('mosaicOf', () => {
  it('is the kernel itself if there is one', () => {
    const weight = tensor([2, 1, 1, 2], 1, 2, 3, 4);
    expect(mosaicSize(weight)).toEqual([1, 2]);
    expect([...Array.from(mosaicOf(weight, 1).values)]).toEqual([3, 4]);
  });

  it('has the kernels side by side with lines of 0 between them, and 0 where there is none', () => {
    const weight = tensor([1, 3, 2, 1], 1, 2, 3, 4, 5, 6);
    expect(mosaicSize(weight)).toEqual([5, 3]);
    const { width, height, values } = mosaicOf(weight, 0);
    expect([width, height]).toEqual([3, 5]);
    // kernel 1, line, kernel 2; a line; kernel 3
    expect(Array.from(values)).toEqual([1, 0, 3, 2, 0, 4, 0, 0, 0, 5, 0, 0, 6, 0, 0]);
  });
});
