/** What a model remembers of its data: the names of the classes, and how pictures became images. @module */
import { wrongKind } from '../base/checks.ts';
import type { OptionCheck } from '../base/options.ts';
import type { Preparation } from '../base/types.ts';

export interface Origin {
  /** Names of the classes, if the data had some. */
  readonly classNames?: readonly string[];
  /** How pictures became the images, if the data said so. */
  readonly preparation?: Preparation;
}

/** A list of texts. */
export const namesCheck: OptionCheck = (where, name, value) => {
  if (Array.isArray(value) && [...value].every((item) => typeof item === 'string')) return;
  throw wrongKind(where, name, 'a list of texts', value);
};

/** `'digit'` or `'picture'`. */
export const preparationCheck: OptionCheck = (where, name, value) => {
  if (value === 'digit' || value === 'picture') return;
  throw wrongKind(where, name, "'digit' or 'picture'", value);
};

/** A copy of what any fields say of the data; undefined counts as absent. @throws {TypeError} naming the field. */
export function readOrigin(
  where: string,
  { classNames, preparation }: { readonly [Name in keyof Origin]?: unknown },
): Origin {
  if (classNames !== undefined) namesCheck(where, 'classNames', classNames);
  if (preparation !== undefined) preparationCheck(where, 'preparation', preparation);
  const known = { classNames, preparation } as Origin; // as seen
  return {
    ...(known.classNames && { classNames: [...known.classNames] }),
    ...(known.preparation && { preparation: known.preparation }),
  };
}
