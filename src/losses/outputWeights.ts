/** Weights of the outputs of a network, one each, as options of losses. @module */
import { checkNotNegative, wrongKind } from '../base/checks.ts';
import { ShapeError } from '../base/errors.ts';
import type { OptionCheck } from '../base/options.ts';

/** Bounds of a weight. Beyond them, a weight or its product with a gradient can be 0 or infinite in single precision. */
const [LEAST, MOST] = [1e-30, 1e30];

/** A list of numbers that are 0 or within the bounds, not all of them 0. */
export const weightList: OptionCheck = (where, name, value) => {
  if (!Array.isArray(value)) throw wrongKind(where, name, 'a list of numbers', value);
  for (const weight of value) {
    checkNotNegative(where, `a number in ${name}`, weight);
    if (weight === 0 || (weight >= LEAST && weight <= MOST)) continue;
    throw new RangeError(
      `${where}: expected a number in ${name} to be 0 or from ${LEAST} to ${MOST}, got ${weight}. Use a number in this range.`,
    );
  }
  if (value.some((weight) => weight > 0)) return;
  throw new RangeError(
    `${where}: expected ${name} with a number above 0, got none. Use one at least.`,
  );
};

/** Throws unless there is a weight for each of so many outputs. */
export function checkWeightCount(
  where: string,
  name: string,
  weights: readonly number[],
  count: number,
): void {
  if (weights.length === count) return;
  throw new ShapeError(
    `${where}: expected ${count} ${name}, one an output of the network, got ${weights.length}. Use as many.`,
  );
}
