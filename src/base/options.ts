/**
 * Options as users write them, checked at the public boundary: an option that is not known is refused by name, with the
 * nearest right one; a value of a wrong kind is a `TypeError`, another wrong value a `RangeError`. `undefined` counts as absent.
 * @module
 */
import {
  checkDecay,
  checkInteger,
  checkNotNegative,
  checkPositive,
  checkRecord,
  wrongKind,
} from './checks.ts';
import { describe } from './errors.ts';

/** Throws unless `value` fits; `where` begins the message, `name` is the option. */
export interface OptionCheck {
  (where: string, name: string, value: unknown): void;
  /** True if the option must be given. */
  readonly isRequired?: true;
}

/** A check for every option of a list of options. */
export type OptionChecks<Options> = { readonly [Name in keyof Options]-?: OptionCheck };

/**
 * The options without those that are `undefined`, a copy.
 * @throws {TypeError} on anything but an object, an unknown option, or a missing one. @throws what the checks throw.
 */
export function checkOptions<Options>(
  where: string,
  given: unknown,
  checks: OptionChecks<Options>,
): Options {
  const options = optionsOf(where, given);
  const known = Object.entries<OptionCheck>(checks);
  const names = known.map(([name]) => name);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) delete options[name];
    else if (!names.includes(name)) throw unknownOption(where, name, names);
  }
  for (const [name, check] of known) {
    if (options[name] !== undefined) check(where, name, options[name]);
    else if (check.isRequired) {
      throw new TypeError(`${where}: expected the option ${name}, got none. Give it a value.`);
    }
  }
  return options as Options; // of these names, each as its check wants it
}

/** A copy of options of any name; none if nothing is given. @throws {TypeError} on anything but an object. */
export function optionsOf(where: string, given: unknown): Record<string, unknown> {
  if (given === undefined) return {};
  return checkRecord(where, given, 'an object of options', 'Leave it out, or name the options.');
}

/** The same check of an option that must be given. */
export function required(check: OptionCheck): OptionCheck {
  const strict: OptionCheck = (where, name, value) => check(where, name, value);
  return Object.assign(strict, { isRequired: true } as const);
}

/** A whole number. */
export function whole(least: number, most?: number): OptionCheck {
  return (where, name, value) => checkInteger(where, name, value, least, most);
}

/** A finite number above 0. */
export const positive: OptionCheck = (where, name, value) => checkPositive(where, name, value);

/** A finite number of at least 0. */
export const notNegative: OptionCheck = (where, name, value) =>
  checkNotNegative(where, name, value);

/** A number from 0 to below 1. */
export const decay: OptionCheck = (where, name, value) => checkDecay(where, name, value);

/** A number from 0 to 1. */
export const share: OptionCheck = (where, name, value) => {
  checkNotNegative(where, name, value);
  if (value <= 1) return;
  throw new RangeError(
    `${where}: expected ${name} to be a number from 0 to 1, got ${value}. Use a number in this range.`,
  );
};

/** A number above 0 and below 1. */
export const openShare: OptionCheck = (where, name, value) => {
  if (typeof value !== 'number') throw wrongKind(where, name, 'a number', value);
  if (value > 0 && value < 1) return;
  throw new RangeError(
    `${where}: expected ${name} to be above 0 and below 1, got ${value}. Use a number in this range.`,
  );
};

/** True or false. */
export const flag: OptionCheck = (where, name, value) => {
  if (typeof value !== 'boolean') throw wrongKind(where, name, 'true or false', value);
};

/** A function. */
export const listener: OptionCheck = (where, name, value) => {
  if (typeof value !== 'function') throw wrongKind(where, name, 'a function', value);
};

/** Left to a check elsewhere. */
export const anything: OptionCheck = () => {};

/** What an unknown option is refused with. */
export function unknownOption(where: string, name: string, known: readonly string[]): TypeError {
  const expected = known.length === 0 ? 'no options' : `options of ${known.join(', ')}`;
  const advice =
    name === 'activation' ? 'Add layers.relu() after it.' : nearest(name, known, 'Leave it out.');
  return new TypeError(`${where}: expected ${expected}, got ${describe(name)}. ${advice}`);
}

/** Names of other libraries, and what they are called here: the first that there is. */
const FOREIGN: Readonly<Record<string, string | readonly string[]>> = {
  lr: 'learningRate',
  rate: 'learningRate',
  alpha: ['rho', 'negativeSlope'],
  slope: 'negativeSlope',
  beta: 'momentum',
  mu: 'momentum',
  eps: 'epsilon',
  p: 'rate',
  pad: 'padding',
  bias: 'useBias',
  stride: 'strides',
  size: ['kernelSize', 'poolSize'],
  kernel: 'kernelSize',
  outchannels: 'filters',
  outfeatures: 'units',
  batch: 'batchSize',
  numthreads: 'threads',
  workers: 'threads',
  validation: 'validationData',
  callbacks: 'onEpochEnd',
  onbatchend: 'onStepEnd',
  augmentation: 'augment',
  degrees: 'rotate',
  rotation: 'rotate',
  translate: 'shift',
  gradclip: 'clipNorm',
  maxnorm: 'clipNorm',
  path: 'data',
  folder: 'data',
  posweight: 'positiveWeights',
  weight: 'classWeights',
  gamma: 'factor',
  stepsize: 'every',
  milestones: 'at',
  etamin: 'to',
  tmax: 'length',
  totalsteps: 'length',
  totaliters: 'length',
  maxlr: 'peak',
  pctstart: 'rise',
  divfactor: 'start',
  finaldivfactor: 'end',
  minlr: 'least',
  threshold: 'minDelta',
};

/** Longer names are no misspellings. */
const LONGEST = 40;

/** Which of the known names to use in the place of another. @param otherwise The advice if none is near. */
export function nearest(name: string, known: readonly string[], otherwise: string): string {
  const plain = simplify(name.slice(0, LONGEST));
  const foreign = [FOREIGN[plain] ?? []].flat().find((other) => known.includes(other));
  if (foreign !== undefined) return `Use ${foreign}.`;
  const [first] = known
    .map((candidate) => ({ candidate, distance: editDistance(plain, simplify(candidate)) }))
    .filter(({ distance }) => distance <= Math.max(2, plain.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return first === undefined ? otherwise : `Use ${first.candidate}.`;
}

/** `batch_size` and `batchSize` alike. */
function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Letters to insert, delete or replace (Levenshtein 1966; the rows of Wagner & Fischer 1974). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
