/** What `npm run fuzz` (scripts/fuzz.js) asks the tests for. */

interface Asked {
  readonly runs?: number;
  readonly target?: string;
  readonly seed?: number;
  readonly path?: string;
}

const { CONVLET_FUZZ: text } = process.env;

/** Undefined in `npm test`. */
export const asked: Asked | undefined = text === undefined ? undefined : JSON.parse(text);

/** Whether a reader is to be fed: the one that is named, or all. */
export function isAsked(name: string): boolean {
  return asked?.target === undefined || asked.target === name;
}

/** Whether a test that takes longer a case is to run: in `npm test`, and if it is named. */
export function isNamed(name: string): boolean {
  return asked === undefined || asked.target === name;
}
