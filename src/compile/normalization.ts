/** How a model takes pixels: `(pixel − mean) / deviation`, on pixels in 0 … 1. Part of the model and of its exports. @module */
import { checkRecord, wrongKind } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import { unknownOption } from '../base/options.ts';

/** What happens to pixels before the first layer: `(pixel − mean) / deviation`, by channel. */
export interface Normalization {
  /** One number a channel, or one for all. */
  readonly mean: readonly number[];
  /** The same, above 0. */
  readonly deviation: readonly number[];
}

const FIELDS: readonly (keyof Normalization)[] = ['mean', 'deviation'];

/** Takes any value for a normalisation of images with so many channels. @throws {TypeError | RangeError} naming what is wrong. */
export function readNormalization(where: string, value: unknown, channels: number): Normalization {
  const { mean, deviation, ...rest } = checkRecord(where, value);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw unknownOption(where, unknown, FIELDS);
  return {
    mean: readNumbers(where, 'mean', mean, channels, Number.NEGATIVE_INFINITY),
    deviation: readNumbers(where, 'deviation', deviation, channels, 0),
  };
}

/** Means and deviations of all channels, one after another. */
export function perChannel({ mean, deviation }: Normalization, channels: number): Float32Array {
  const all = (numbers: readonly number[]) =>
    Array.from({ length: channels }, (_, c) => numbers[c % numbers.length] ?? 0);
  return Float32Array.from([...all(mean), ...all(deviation)]);
}

function readNumbers(
  where: string,
  name: string,
  value: unknown,
  channels: number,
  above: number,
): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? [...value] : []; // holes too
  if (!list.every((number) => typeof number === 'number') || list.length === 0) {
    throw wrongKind(where, name, 'a list of numbers, one a channel', value);
  }
  const numbers = list as readonly number[];
  const isRight = (number: number) =>
    Number.isFinite(Math.fround(number)) && Math.fround(number) > above;
  if (![1, channels].includes(numbers.length) || !numbers.every(isRight)) {
    throw new RangeError(
      `${where}: expected ${name} to be 1 or ${channels} finite numbers${above === 0 ? ' above 0' : ''}, got ${describe(value)}. Use such numbers.`,
    );
  }
  return numbers;
}
