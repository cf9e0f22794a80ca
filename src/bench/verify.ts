/** Only right results are timed: each side of a case is compared with the oracle after one call. @module */
import type { Case, Prepared, Side } from './case.ts';

/** Relative to the largest expected value, or to 1: the single-precision error of a sum of thousands of products. */
const TOLERANCE = 1e-5;

/** @returns what is wrong with a case, or undefined. */
export function verify(
  { start = Number.NaN }: Pick<Case, 'start'>,
  { kernel, plain, expected }: Prepared,
): string | undefined {
  const oracle = expected();
  return check('kernel', kernel, oracle, start) ?? check('plain JavaScript', plain, oracle, start);
}

function check(
  name: string,
  side: Side,
  oracle: readonly ArrayLike<number>[],
  start: number,
): string | undefined {
  for (const result of side.results) {
    result.fill(result instanceof Int32Array && Number.isNaN(start) ? -1 : start);
  }
  side.run();
  if (side.results.length !== oracle.length || oracle.length === 0) {
    return `${name}: expected ${oracle.length} results, got ${side.results.length}`;
  }
  for (const [index, expected] of oracle.entries()) {
    const wrong = difference(side.results[index], expected);
    if (wrong !== undefined) return `${name}: result ${index}: ${wrong}`;
  }
  return undefined;
}

function difference(got: ArrayLike<number>, expected: ArrayLike<number>): string | undefined {
  if (got.length !== expected.length || expected.length === 0) {
    return `expected ${expected.length} numbers, got ${got.length}`;
  }
  let largest = 1;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    // written so that a NaN fails
    if (!(Math.abs(got[i] - expected[i]) <= TOLERANCE * largest)) {
      return `at ${i}: expected ${expected[i]}, got ${got[i]}`;
    }
  }
  return undefined;
}
