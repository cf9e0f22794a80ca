/** Checks of single values, for the public boundary: `where` begins the message, `name` is the option. NaN fails. @module */
import { describe } from './errors.ts';

/** Throws a `RangeError` unless `value` is a whole number from `least` to `most`. NaN fails. */
export function checkInteger(
  where: string,
  name: string,
  value: unknown,
  least: number,
  most: number = 2 ** 31 - 1,
): asserts value is number {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: expected ${name} to be a number, got ${describe(value)}.`);
  }
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(
      `${where}: expected ${name} to be a whole number from ${least} to ${most}, got ${value}.`,
    );
  }
}

/** Throws unless `value` is a number above 0 that is still above 0 and finite as an f32. NaN fails. */
export function checkPositive(
  where: string,
  name: string,
  value: unknown,
): asserts value is number {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: expected ${name} to be a number, got ${describe(value)}.`);
  }
  if (!(Math.fround(value) > 0 && Math.fround(value) < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `${where}: expected ${name} to be a finite number above 0 (in single precision), got ${value}.`,
    );
  }
}

/** Throws unless `value` is a number from 0 to below 1, as a decay is, still below 1 as an f32. NaN fails. */
export function checkDecay(where: string, name: string, value: unknown): asserts value is number {
  checkNotNegative(where, name, value);
  if (!(Math.fround(value) < 1)) {
    throw new RangeError(
      `${where}: expected ${name} to be a number from 0 to below 1 (in single precision), got ${value}.`,
    );
  }
}

/** Throws unless `value` is a finite number of at least 0. NaN fails. */
export function checkNotNegative(
  where: string,
  name: string,
  value: unknown,
): asserts value is number {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: expected ${name} to be a number, got ${describe(value)}.`);
  }
  if (!(value >= 0 && Math.fround(value) < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `${where}: expected ${name} to be a finite number of at least 0, got ${value}.`,
    );
  }
}

/** A copy of an object's own fields. @throws {TypeError} where `value` is none, or a list. */
export function checkRecord(where: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new TypeError(`${where}: expected an object, got ${describe(value)}.`);
}
