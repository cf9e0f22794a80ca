/** Checks of a file's content. Every message names the file. @module */
import { describe, FormatError } from '../../base/errors.ts';
import { parseStrictJson } from '../../base/json.ts';
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
    return parseStrictJson(text);
  } catch (cause) {
    throw new FormatError(
      `${where}: expected ${expected}, got ${describe(text)} (${(cause as Error).message}). Use a whole file.`,
      0,
    );
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
