/** Batches: whole ones, then the rest. */
import { describe, expect, it } from 'vitest';
import { batchCount, batchLength } from '../../src/data/batches.ts';

describe('batches', () => {
  it.each([
    [1, 1, [1]],
    [5, 1, [1, 1, 1, 1, 1]],
    [5, 2, [2, 2, 1]],
    [6, 2, [2, 2, 2]],
    [5, 128, [5]],
    [0, 128, []],
  ])('%i images in batches of %i', (count, batchSize, lengths) => {
    const steps = batchCount(count, batchSize);
    const got = Array.from({ length: steps }, (_, index) => batchLength(count, batchSize, index));
    expect(got).toEqual(lengths);
  });

  it('the thesis trains on 78 whole batches and one of 16', () => {
    expect(batchCount(10_000, 128)).toBe(79);
    expect(batchLength(10_000, 128, 78)).toBe(16);
  });
});
