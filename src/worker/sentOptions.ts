/**
 * Options on their way to the worker, which checks them as it does every value: the page need not know what they may be.
 * Functions cannot be sent. Their names are, so that the worker refuses each of them as what it is.
 * @module
 */
import { optionsOf } from '../base/options.ts';

export interface SentOptions<Options> {
  /** All but functions. */
  readonly values: Options;
  /** Names of the functions. */
  readonly functions: readonly string[];
}

/** @throws {TypeError} on anything but an object or `undefined`. */
export function sendOptions<Options>(where: string, given: Options): SentOptions<Options> {
  const entries = Object.entries(optionsOf(where, given));
  const isFunction = ([, value]: [string, unknown]) => typeof value === 'function';
  return {
    values: Object.fromEntries(entries.filter((entry) => !isFunction(entry))) as Options, // less what cannot be sent
    functions: entries.filter(isFunction).map(([name]) => name),
  };
}

export function receiveOptions<Options>({ values, functions }: SentOptions<Options>): Options {
  return { ...values, ...Object.fromEntries(functions.map((name) => [name, () => {}])) };
}
