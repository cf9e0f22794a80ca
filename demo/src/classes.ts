/** What the classes of a data set are called on the page. @module */
import type { Dataset } from 'convlet';

/** By their number: their names, or their numbers if they have none. */
export function namesOf({ classNames, classes }: Dataset): readonly string[] {
  return classNames ?? Array.from({ length: classes }, (_, label) => String(label));
}

/** In a sentence: `7`, or in quotes if it is a word: `“Ankle boot”`. */
export function quoted(name: string | undefined = ''): string {
  return isNumber(name) ? name : `“${name}”`;
}

/** One of the class: `a 7`, `“Ankle boot”`. */
export function oneOf(name: string | undefined = ''): string {
  return isNumber(name) ? `a ${name}` : quoted(name);
}

function isNumber(name: string): boolean {
  return /^[\d.-]+$/.test(name);
}
