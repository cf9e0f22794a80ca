/** Comparisons that fail for NaN and for empty arrays. */
import { expect } from 'vitest';

/** Throws unless `|got − expected| <= tolerance·max(1, largest |expected|)` at every place. */
export function expectClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number = 1e-6,
): void {
  expect(got.length).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  let compared = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs((got[i] ?? Number.NaN) - (expected[i] ?? Number.NaN));
    if (!(error <= tolerance * largest)) {
      expect.fail(
        `at ${i}: expected ${expected[i]}, got ${got[i]} (tolerance ${tolerance * largest})`,
      );
    }
    compared++;
  }
  expect(compared).toBe(expected.length);
}
