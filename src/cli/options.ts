/** Values as the command line gives them, checked. @module */

/** A value that cannot be: the command ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A parser of whole numbers from `least` to `most`. */
export function wholeNumber(
  option: string,
  least: number,
  most: number = 2 ** 31 - 1,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UsageError(
      `${option}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}.`,
    );
  };
}

/** A parser of numbers above 0, also in single precision. */
export function positiveNumber(option: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const single = Math.fround(value);
    if (single > 0 && single < Number.POSITIVE_INFINITY) return value;
    throw new UsageError(
      `${option}: expected a finite number above 0, got ${JSON.stringify(text)}.`,
    );
  };
}
