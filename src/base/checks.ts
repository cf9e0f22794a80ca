/** Checks of single values, for the public boundary: `where` begins the message, `name` is the option. NaN fails. @module */
import { isPromise, isRecord, isTypedArray } from './brands.ts';
import { describe } from './errors.ts';

/** What a value of another kind is refused with. */
export function wrongKind(where: string, name: string, expected: string, got: unknown): TypeError {
  const quoted = typeof got === 'string' && /^(true|false|[-+.\d]+)$/.test(got);
  const advice = isPromise(got) ? 'Await it' : quoted ? 'Leave out the quotes' : `Use ${expected}`;
  return new TypeError(
    `${where}: expected ${name} to be ${expected}, got ${describe(got)}. ${advice}.`,
  );
}

/** Throws a `RangeError` unless `value` is a whole number from `least` to `most`. NaN fails. */
export function checkInteger(
  where: string,
  name: string,
  value: unknown,
  least: number,
  most: number = 2 ** 31 - 1,
): asserts value is number {
  if (typeof value !== 'number') {
    throw wrongKind(where, name, 'a number', value);
  }
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(
      `${where}: expected ${name} to be a whole number from ${least} to ${most}, got ${value}. Use a number in this range.`,
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
    throw wrongKind(where, name, 'a number', value);
  }
  if (!(Math.fround(value) > 0 && Math.fround(value) < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `${where}: expected ${name} to be a finite number above 0 (in single precision), got ${value}. Use a number in this range.`,
    );
  }
}

/** Throws unless `value` is a number from 0 to below 1, as a decay is, still below 1 as an f32. NaN fails. */
export function checkDecay(where: string, name: string, value: unknown): asserts value is number {
  checkNotNegative(where, name, value);
  if (!(Math.fround(value) < 1)) {
    throw new RangeError(
      `${where}: expected ${name} to be a number from 0 to below 1 (in single precision), got ${value}. Use a number in this range.`,
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
    throw wrongKind(where, name, 'a number', value);
  }
  if (!(value >= 0 && Math.fround(value) < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `${where}: expected ${name} to be a finite number of at least 0, got ${value}. Use a number in this range.`,
    );
  }
}

/** Throws unless `value` is a text. */
export function checkText(where: string, name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw wrongKind(where, name, 'a text', value);
}

/** Throws unless `value` is the bytes of a file. */
export function checkBytes(where: string, value: unknown): asserts value is Uint8Array {
  if (isTypedArray(value, 'Uint8Array')) return;
  const advice = isPromise(value) ? 'Await it' : 'Use new Uint8Array(buffer)';
  throw new TypeError(
    `${where}: expected bytes as a Uint8Array, got ${describe(value)}. ${advice}.`,
  );
}

/** A copy of the fields of an object as `{ … }` makes it. @throws {TypeError} on anything else. */
export function checkRecord(
  where: string,
  value: unknown,
  expected: string = 'an object',
  advice: string = 'Use a plain object.',
): Record<string, unknown> {
  if (isRecord(value)) return { ...value };
  throw new TypeError(
    `${where}: expected ${expected}, got ${describe(value)}. ${isPromise(value) ? 'Await it.' : advice}`,
  );
}
