/** Checks of values from the command line. @module */

/** A wrong value on the command line: the command ends with exit code 2. */
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

/** A parser of a number of threads: a whole number from 1 to `most`, or `auto`. */
export function threadCount(option: string, most: number): (text: string) => number | 'auto' {
  const number = wholeNumber(option, 1, most);
  return (text) => {
    if (text === 'auto') return text;
    try {
      return number(text);
    } catch (cause) {
      throw new UsageError((cause as Error).message.replace('expected', 'expected auto or'));
    }
  };
}

/** A parser of finite numbers above 0, also when rounded to single precision. */
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
