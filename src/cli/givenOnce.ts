/** Options of `convlet train` that are also options of another one: each is given in one of the two places. @module */
import { describe } from '../base/errors.ts';
import type { FitFlags } from './fitFlags.ts';
import { flagOf, UsageError } from './options.ts';

/** What may be given on the command line twice. */
interface Given extends FitFlags {
  readonly optimizer?: object;
  readonly learningRate?: number;
}

/** The options that hold others, and which. */
const WITHIN = {
  optimizer: ['learningRate', 'weightDecay', 'clipNorm', 'clipValue'],
  loss: ['labelSmoothing', 'classWeights'],
} as const;

/**
 * Throws if an option is given by itself and within another one, as `--weight-decay` beside `--optimizer adamw,weightDecay=…`.
 * @param given The command line without a recipe: its options replace parts of those of a recipe.
 */
export function checkGivenOnce(given: Given): void {
  for (const outer of ['optimizer', 'loss'] as const) {
    const fields: Readonly<Record<string, unknown>> = { ...given[outer] };
    for (const name of WITHIN[outer]) {
      if (given[name] === undefined || fields[name] === undefined) continue;
      throw new UsageError(
        `${flagOf(name)}: expected none, as ${flagOf(outer)} has ${name}, got ${describe(given[name])}. Leave one of them out.`,
      );
    }
  }
}
