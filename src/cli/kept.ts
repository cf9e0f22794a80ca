/**
 * What `--resume` goes on with: what the checkpoint keeps. An option that is given again must have the same value, unless another
 * value makes no other run of it: the learning rate of an optimizer without a schedule, early stopping, and metrics.
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { describe } from '../base/errors.ts';
import { DEFAULT_SHARDS } from '../compile/plan.ts';
import type { LossSpec } from '../losses/registry.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { FitOptions } from '../model/fitOptions.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import { controlsOf, defined, type FitFlags } from './fitFlags.ts';
import type { GivenOptimizer } from './optimizer.ts';
import { flagOf, UsageError } from './options.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Throws unless the value of a flag is the one in the checkpoint. A flag that is undefined was not given. */
export function checkKept(flag: string, kept: unknown, given: unknown, file: string): void {
  if (given === undefined || isDeepStrictEqual(given, kept)) return;
  throw new UsageError(
    `${flag}: expected ${text(kept ?? 'none')}, as ${file} has, got ${text(given)}. Leave it out, or --resume.`,
  );
}

function text(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : describe(value);
}

/** The flags that say how weights are updated, those alone that were given. */
export interface GivenUpdate extends FitFlags {
  readonly optimizer?: GivenOptimizer;
  readonly learningRate?: number;
}

/** The optimizer of the checkpoint, with another learning rate if one is given. @throws {UsageError} */
export function keptOptimizer(
  given: GivenUpdate,
  { optimizer: kept }: Checkpoint,
  file: string,
): OptimizerSpec {
  const { optimizer, learningRate } = given;
  checkFields('--optimizer', kept, optimizer, file);
  for (const name of ['weightDecay', 'clipNorm', 'clipValue'] as const) {
    checkKept(flagOf(name), kept[name], given[name], file);
  }
  checkSchedule(given, kept.learningRate, file);
  return typeof kept.learningRate === 'number' && learningRate !== undefined
    ? { ...kept, learningRate }
    : kept;
}

function checkSchedule(
  given: GivenUpdate,
  kept: OptimizerSpec['learningRate'],
  file: string,
): void {
  const outer: Fields = typeof kept === 'number' ? {} : { ...kept };
  const isWarm = outer.type === 'warmup' && given.schedule?.type !== 'warmup';
  const schedule = isWarm ? (outer.then as Fields) : outer;
  checkKept('--warmup', isWarm ? outer.length : undefined, given.warmup, file);
  checkFields('--schedule', schedule, given.schedule, file);
  if (typeof kept === 'number') return;
  checkKept('--learning-rate', schedule.peak ?? schedule.from, given.learningRate, file);
}

/** The same of a type with options, of which some may be given. */
function checkFields(flag: string, kept: object, given: object | undefined, file: string): void {
  for (const [name, value] of Object.entries(given ?? {})) {
    checkKept(name === 'type' ? flag : `${flag} ${name}`, (kept as Fields)[name], value, file);
  }
}

/** What is given to `fit` beside the checkpoint. @throws {UsageError} */
export function keptControls(given: FitFlags, checkpoint: Checkpoint, file: string): FitOptions {
  const { loss, labelSmoothing, classWeights } = given;
  const kept: Fields = { ...checkpoint.loss };
  checkFields('--loss', kept, loss, file);
  checkKept('--label-smoothing', kept.labelSmoothing, labelSmoothing, file);
  const isBalanced = classWeights === 'balanced'; // fit counts, and compares
  if (!isBalanced) checkKept('--class-weights', kept.classWeights, classWeights, file);
  const { metrics, earlyStopping, ...fixed } = controlsOf(given);
  const { accumulate = 1, shards = DEFAULT_SHARDS, validationSplit, averageWeights } = checkpoint;
  const before: Fields = { accumulate, shards, validationSplit, averageWeights };
  for (const [name, value] of Object.entries(fixed)) {
    checkKept(flagOf(name), before[name], value, file);
  }
  const balanced = isBalanced ? ({ ...kept, classWeights } as LossSpec) : undefined;
  return defined({ metrics, earlyStopping, loss: balanced });
}
