/** Lists in lists of numbers. @module */
import { isPromise } from '../base/brands.ts';
import { describe, ShapeError } from '../base/errors.ts';
import type { Shape } from '../base/types.ts';

/** Numbers as lists in lists, or flat in any typed array. */
export type Numbers = ArrayLike<number> | readonly Numbers[];

/** Numbers in one row, and the lengths of the lists that they were in. */
export interface Flat {
  readonly numbers: ArrayLike<number>;
  readonly sizes: Shape;
}

/** Deeper lists are no images, or hold themselves. */
const MOST_AXES = 8;

/** Lists in lists as one list. All lists of an axis must be equally long. */
export function flatten(where: string, name: string, nested: Numbers): Flat {
  if (ArrayBuffer.isView(nested) && 'length' in nested) {
    return { numbers: asNumbers(nested as ArrayLike<number>), sizes: [nested.length] };
  }
  if (!Array.isArray(nested)) {
    throw new TypeError(
      `${where}: expected ${name} as lists in lists or as a typed array, got ${describe(nested)}. ${isPromise(nested) ? 'Await it' : 'Use one of these'}.`,
    );
  }
  const numbers: number[] = [];
  const sizes: number[] = [];
  add(nested, 0);
  return { numbers, sizes };

  function add(part: unknown, axis: number): void {
    const list = listOf(part);
    if (list === undefined) {
      if (typeof part === 'number' && axis === sizes.length) {
        numbers.push(part);
        return;
      }
      throw new TypeError(
        `${where}: expected ${name} of numbers, got ${describe(part)} after ${numbers.length} numbers. Put numbers alone into the lists, all of them equally deep.`,
      );
    }
    if (axis === MOST_AXES) {
      throw new ShapeError(
        `${where}: expected ${name} in lists at most ${MOST_AXES} deep, got deeper ones. Use [image][row][column], or [image][channel][row][column].`,
      );
    }
    if (numbers.length === 0 && axis === sizes.length) sizes.push(list.length);
    if (list.length !== sizes[axis]) {
      throw new ShapeError(
        `${where}: expected ${name} in lists of one length, got ${list.length} and ${sizes[axis]} on axis ${axis}. Give all lists the same length.`,
      );
    }
    for (let i = 0; i < list.length; i++) add(list[i], axis + 1);
  }
}

function listOf(value: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && 'length' in value
    ? (value as unknown as ArrayLike<unknown>)
    : undefined;
}

/** Numbers also of arrays of BigInt. */
function asNumbers(array: ArrayLike<number | bigint>): ArrayLike<number> {
  return typeof array[0] === 'bigint' ? Array.from(array, Number) : (array as ArrayLike<number>);
}
