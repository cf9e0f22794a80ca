/** The optimizer of a run: what the command line may say of it, and how it is written for people. @module */
import type { Schedule } from '../base/types.ts';
import * as optimizers from '../optimizers/index.ts';
import { isOptimizerType, type OptimizerSpec, type OptimizerType } from '../optimizers/registry.ts';
import { UsageError } from './options.ts';

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

/** The optimizer of these options. An option that is missing has the optimizer's default. */
export function createOptimizer(options: {
  readonly optimizer: OptimizerType;
  readonly learningRate?: number;
}): OptimizerSpec {
  const { optimizer, learningRate } = options;
  const { [optimizer]: create } = optimizers;
  return create(learningRate === undefined ? {} : { learningRate });
}

/** `Adam, learning rate 0.001, beta1 0.9, …` */
export function formatOptimizer({ type, ...options }: OptimizerSpec): string {
  const settings = Object.entries(options).map(
    ([name, value]) =>
      `${inWords(name)} ${typeof value === 'object' ? formatSchedule(value) : value}`,
  );
  return [NAMES[type], ...settings].join(', ');
}

/** `step from 0.1, factor 0.5, every 10` */
function formatSchedule({ type, ...options }: Schedule): string {
  const settings = Object.entries(options).map(
    ([name, value]) => `${inWords(name)} ${isSchedule(value) ? formatSchedule(value) : value}`,
  );
  return `${inWords(type)} ${settings.join(', ')}`;
}

/** The schedule that a warm-up leads to; lists of times are none. */
function isSchedule(value: unknown): value is Schedule {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** `learningRate` as people write it: `learning rate`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A parser of the names that there are. */
export function optimizerType(name: string): OptimizerType {
  if (isOptimizerType(name)) return name;
  throw new UsageError(
    `--optimizer: expected ${Object.keys(optimizers).join(', ')}, got ${JSON.stringify(name)}.`,
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
