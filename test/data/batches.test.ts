import { expect, it } from 'vitest';
import { batchCount } from '../../src/data/batches.ts';

it.each([
  [10_000, 128, 79],
  [128, 128, 1],
  [129, 128, 2],
  [1, 128, 1],
])('%i images in batches of %i make %i steps', (count, batchSize, steps) => {
  expect(batchCount(count, batchSize)).toBe(steps);
});
