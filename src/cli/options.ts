/** Values from the command line, and checks of them. What the library checks is refused in its words. @module */
import { describe } from '../base/errors.ts';
import { parseStrictJson } from '../base/json.ts';
import type { OptionCheck } from '../base/options.ts';

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
      `${option}: expected a whole number from ${least} to ${most}, got ${describe(text)}.`,
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
    throw new UsageError(`${option}: expected a finite number above 0, got ${describe(text)}.`);
  };
}

/** Runs a check of the library. Its error becomes one of usage. */
export function asUsage<Value>(check: () => Value): Value {
  try {
    return check();
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

/** A parser of numbers that the library checks. */
export function numberOption(flag: string, check: OptionCheck): (text: string) => number {
  return (text) => {
    const value = numberOrText(text);
    asUsage(() => check(flag, 'the value', value));
    return Number(value);
  };
}

/** Options that are lists also if they have one element. */
const LISTS = ['at', 'classWeights', 'positiveWeights'];

/**
 * `HEAD,option=value,…`, each part of which may be missing, or JSON. The names of options may be in kebab case; the values are
 * numbers, true, false, texts, or lists with commas: `multiStep,factor=0.5,at=5,10`.
 * @param head The field that HEAD is the value of.
 * @throws {UsageError} if an option is given twice.
 */
export function parseFields(
  flag: string,
  text: string,
  head: string,
): Readonly<Record<string, unknown>> {
  if (/^\s*\{/.test(text)) return parseJson(flag, text) as Record<string, unknown>;
  const parts = text.split(/,(?=[A-Za-z][\w-]*=)/);
  const fields = parts.map((part): [string, unknown] => {
    const [, name = head, value = part] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(part) ?? [];
    return [camelCase(name), parseValue(flag, camelCase(name), value)];
  });
  const known = new Map<string, unknown>();
  for (const [name, value] of fields) {
    if (known.has(name)) {
      throw new UsageError(
        `${flag}: expected ${name} once, got ${describe(known.get(name))} and ${describe(value)}. Leave one of them out.`,
      );
    }
    known.set(name, value);
  }
  return Object.fromEntries(known);
}

/** A number, true, false, a list, or a text. */
export function parseValue(flag: string, name: string, text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\s*[{[]/.test(text)) return parseJson(flag, text);
  if (text.includes(',')) return text.split(',').map(numberOrText);
  const value = numberOrText(text);
  return typeof value === 'number' && LISTS.includes(name) ? [value] : value;
}

/** A number if the text is one, or else the text, which a check of numbers then refuses. */
function numberOrText(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

function parseJson(flag: string, text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (cause) {
    throw new UsageError(
      `${flag}: expected JSON, got ${describe(text)} (${(cause as Error).message}). Put names into double quotes, and the whole into single ones.`,
      { cause },
    );
  }
}

/** `minDelta` of `min-delta`. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `--batch-size` of `batchSize`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
