/**
 * The errors Convlet throws on purpose. Every message reads
 * `<where>: expected <what>, got <what>. <what to do>.`
 * A wrong kind is a `TypeError`, a wrong value a `RangeError`; the two below say the rest.
 * @module
 */
import { printable } from './printable.ts';

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

/** Longest text, and most values of a list, that are shown whole. */
const SHOWN_CHARACTERS = 60;
const SHOWN_VALUES = 8;

/** A text in quotes, cut after `most` characters: on one line, and without what a terminal obeys. */
export function quote(text: string, most: number = SHOWN_CHARACTERS): string {
  return printable(JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text));
}

/** A short name for any value, for messages: one line, and short whatever a stranger's file holds. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) {
    const isShown =
      value.length <= SHOWN_VALUES && [...value].every((item) => typeof item === 'number');
    return isShown ? `[${value.join(', ')}]` : `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) {
    const name: unknown = value.constructor?.name; // JSON may hold anything under `constructor`
    const isName = typeof name === 'string' && /^[A-Z]\w{1,40}$/.test(name);
    return isName && name !== 'Object' ? name : 'an object';
  }
  return /^(function|symbol|bigint)$/.test(typeof value) ? `a ${typeof value}` : String(value);
}
