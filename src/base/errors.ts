/**
 * The errors Convlet throws on purpose. Every message reads
 * `<where>: expected <what>, got <what>. <what to do>.`
 * A wrong kind is a `TypeError`, a wrong value a `RangeError`; the two below say the rest.
 * @module
 */

/** Shapes that do not fit together. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** A file or a byte sequence that is not what it should be. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  /** Where in the file it was noticed. */
  readonly byteOffset: number;

  constructor(message: string, byteOffset: number) {
    super(message);
    this.byteOffset = byteOffset;
  }
}

/** Training met a loss that is not a finite number; the weights are no longer of use. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
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

/** Longest text, and most values of a list, that are shown whole. */
const SHOWN_CHARACTERS = 60;
const SHOWN_VALUES = 8;

/** A short name for any value, for messages: one line, and short whatever a stranger's file holds. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(
      value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value,
    );
  }
  if (Array.isArray(value)) {
    const isShown = value.length <= SHOWN_VALUES && value.every((item) => typeof item === 'number');
    return isShown ? `[${value.join(', ')}]` : `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && name !== 'Object' ? name : 'an object';
  }
  return String(value);
}
