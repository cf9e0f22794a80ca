/** The optimizer of a run: what the command line may say of it, and how it is written for people. @module */
import { describe } from '../base/errors.ts';
import { nearest } from '../base/options.ts';
import type { Schedule } from '../base/types.ts';
import { checkOptimizer } from '../model/rate.ts';
import * as optimizers from '../optimizers/index.ts';
import { isOptimizerType, type OptimizerSpec, type OptimizerType } from '../optimizers/registry.ts';
import * as schedules from '../schedules/index.ts';
import { readSchedule } from '../schedules/registry.ts';
import { withFirstRate } from './firstRate.ts';
import { defined, type FitFlags } from './fitFlags.ts';
import { asUsage, parseFields, UsageError } from './options.ts';

/** Names of the optimizers as papers write them. */
const NAMES: Readonly<Record<OptimizerType, string>> = {
  sgd: 'SGD',
  momentum: 'momentum',
  nesterov: 'Nesterov momentum',
  adam: 'Adam',
  adamw: 'AdamW',
  rmsprop: 'RMSprop',
  adagrad: 'Adagrad',
  adadelta: 'Adadelta',
};

/** An optimizer of the command line: its type, and options of its own. */
export interface GivenOptimizer {
  readonly type: OptimizerType;
  readonly [option: string]: unknown;
}

/** Options of the command line that say how weights are updated. */
export interface UpdateFlags extends FitFlags {
  readonly optimizer: GivenOptimizer;
  readonly learningRate?: number;
  readonly epochs: number;
}

/** The optimizer of these options. An option that is missing has the optimizer's default. @throws {UsageError} */
export function createOptimizer(flags: UpdateFlags): OptimizerSpec {
  const { optimizer, weightDecay, clipNorm, clipValue } = flags;
  const learningRate = rateOf(flags);
  const given = { ...optimizer, ...defined({ learningRate, weightDecay, clipNorm, clipValue }) };
  return asUsage(() => checkOptimizer('--optimizer', given));
}

/** The learning rate, or the schedule of it; undefined for the default. */
export function rateOf(flags: UpdateFlags): number | Schedule | undefined {
  const { optimizer, learningRate, schedule, warmup } = flags;
  if (schedule === undefined && warmup === undefined) return learningRate;
  const { [optimizer.type]: create } = optimizers;
  const first = learningRate ?? optimizer.learningRate ?? create().learningRate;
  const then = scheduleOf(schedule ?? { type: 'exponential', factor: 1 }, first, flags);
  if (warmup === undefined) return then;
  return asUsage(() => readSchedule('--warmup', { type: 'warmup', length: warmup, then }));
}

/** A schedule that begins at a rate, and after a warm-up ends with the run. */
function scheduleOf(
  given: Readonly<Record<string, unknown>>,
  first: unknown,
  { optimizer, learningRate, warmup, epochs }: UpdateFlags,
): Schedule {
  const ofOptimizer = optimizer.learningRate === undefined ? undefined : '--optimizer learningRate';
  const flag = learningRate === undefined ? ofOptimizer : '--learning-rate';
  const built = withFirstRate(given, first, flag);
  const schedule = asUsage(() => readSchedule('--schedule', built));
  if (warmup === undefined) return schedule;
  if (!(warmup < epochs)) {
    throw new UsageError(
      `--warmup: expected less than the epochs of the run, ${epochs}, got ${warmup}. Lower it, or train longer.`,
    );
  }
  const { [schedule.type]: create } = schedules;
  const { options } = create.definition;
  const lacksLength = 'length' in options && !('length' in given) && given.unit !== 'step';
  return lacksLength ? withLength(schedule, epochs - warmup) : schedule;
}

function withLength(schedule: Schedule, length: number): Schedule {
  const longer = { ...schedule, length };
  return longer;
}

/** `Adam, learning rate 0.001, beta1 0.9, …` */
export function formatOptimizer({ type, ...options }: OptimizerSpec): string {
  return [NAMES[type], formatFields(options)].filter((text) => text !== '').join(', ');
}

/** `step, from 0.1, factor 0.5, every 10`: a type in words, and options. Those within options are in brackets. */
export function formatFields(fields: object): string {
  const settings = Object.entries(fields).map(([name, value]) => {
    if (name === 'type') return inWords(String(value));
    if (Array.isArray(value)) return `${inWords(name)} ${value.join(' ')}`;
    return `${inWords(name)} ${typeof value === 'object' ? `(${formatFields(value)})` : value}`;
  });
  return settings.join(', ');
}

/** `learningRate` as people write it: `learning rate`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Parses `NAME,option=value,…`. */
export function parseOptimizer(text: string): GivenOptimizer {
  const fields = parseFields('--optimizer', text, 'type');
  const { type } = fields;
  if (isOptimizerType(type)) {
    asUsage(() => checkOptimizer('--optimizer', fields));
    return { ...fields, type };
  }
  const names = Object.keys(optimizers);
  throw new UsageError(
    `--optimizer: expected ${names.join(', ')}, got ${describe(type)}. ${nearest(String(type), names, 'Use one of these.')}`,
  );
}

/** The default learning rates of the optimizers: `0.01 for sgd, momentum; 0.001 for adam`. */
export function describeRates(): string {
  const specs = Object.values(optimizers).map((create) => create());
  const rates = [...new Set(specs.map(({ learningRate }) => learningRate))];
  return rates
    .map((rate) => {
      const names = specs.filter(({ learningRate }) => learningRate === rate);
      return `${rate} for ${names.map(({ type }) => type).join(', ')}`;
    })
    .join('; ');
}
