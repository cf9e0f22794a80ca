/** Checks of a file's content. Every message names the file. @module */
import { describe, FormatError } from '../../base/errors.ts';
import { checkSameShape } from '../../base/shape.ts';
import type { Preparation, Tensor } from '../../base/types.ts';
import type { Parameter } from '../../compile/network.ts';
import { checkSpec, type ModelSpec } from '../../compile/spec.ts';
import { type LossSpec, readLoss } from '../../losses/registry.ts';
import { PREPROCESSING } from './source.ts';

/** A spec from its JSON text. @throws {FormatError} if the text is no spec. */
export function parseSpec(text: string, where: string): ModelSpec {
  const value = parseJson(text, 'a model as JSON', where);
  return inFile(where, () => checkSpec(value));
}

/** The value of a JSON text. @throws {FormatError} if the text is not JSON. */
export function parseJson(text: string, expected: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = (cause as Error).message.replaceAll(/\p{Cc}/gu, ' '); // the message quotes the text
    throw new FormatError(`${where}: expected ${expected}, got ${describe(text)} (${reason}).`, 0);
  }
}

/** Runs `check`. Adds the file's name to an error. */
export function inFile<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw new FormatError(`${where}: ${(cause as Error).message}`, 0);
  }
}

/** A loss from its JSON text. @throws {FormatError} if the text is no loss. */
export function parseLoss(text: string, where: string): LossSpec {
  const value = parseJson(text, 'a loss as JSON', where);
  return inFile(where, () => readLoss('loss', value));
}

/** A seed from its text. @throws {FormatError} unless it is a whole number below 2³². */
export function parseSeed(text: string, where: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new FormatError(
    `${where}: expected a whole number below 2³² under convlet.seed, got ${describe(text)}. Leave it out.`,
    8,
  );
}

/** What is known of the data that a model was trained on. */
export interface Origin {
  readonly classNames?: readonly string[];
  readonly preparation?: Preparation;
}

/** Throws unless these are names of classes, and a way to prepare pictures. What is undefined is left out. */
export function checkOrigin(given: { readonly [Name in keyof Origin]: unknown }): Origin {
  const { classNames, preparation } = given;
  const areTexts =
    Array.isArray(classNames) && classNames.every((name) => typeof name === 'string');
  if (classNames !== undefined && !areTexts) {
    throw new TypeError(`expected classNames as a list of texts, got ${describe(classNames)}.`);
  }
  if (preparation !== undefined && preparation !== 'digit' && preparation !== 'picture') {
    throw new TypeError(
      `expected the preparation 'digit' or 'picture', got ${describe(preparation)}.`,
    );
  }
  return {
    ...(areTexts && { classNames }),
    ...(preparation !== undefined && { preparation }),
  };
}

/** The version that is written, and the version before it, which is read too. */
export const FORMAT = '2';
export const FIRST = '1';

/** Throws unless the file has a version that is read here. @returns the version. */
export function checkVersion(kind: string, given: string, where: string): string {
  if (given === FORMAT || given === FIRST) return given;
  throw new FormatError(
    `${where}: expected ${kind} of version ${FIRST} or ${FORMAT}, got ${describe(given)}. Use the convlet that wrote it.`,
    8,
  );
}

/** Throws unless the weights expect pixels prepared as Convlet prepares them. */
export function checkPreprocessing(given: string, where: string): void {
  if (given === PREPROCESSING) return;
  throw new FormatError(
    `${where}: expected preprocessing ${PREPROCESSING}, got ${describe(given)}. Train it on pixels prepared so.`,
    8,
  );
}

/** Throws unless these are the values of the parameters, all of them finite. */
export function checkWeights(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, Tensor>,
): void {
  const keys = new Set(parameters.map(({ key }) => key));
  for (const key of tensors.keys()) {
    if (!keys.has(key)) {
      const first = [...keys].slice(0, 8).join(', ');
      throw new TypeError(
        `expected the network's ${keys.size} tensors (${first}${keys.size > 8 ? ', …' : ''}), got ${describe(key)} too.`,
      );
    }
  }
  for (const { key, shape } of parameters) {
    const tensor = tensors.get(key);
    if (tensor === undefined) throw new TypeError(`expected a tensor ${key}, got none.`);
    checkSameShape(key, shape, tensor.shape);
    if (!tensor.data.every(Number.isFinite)) {
      throw new RangeError(`${key}: expected finite numbers, got NaN or Infinity.`);
    }
  }
}
