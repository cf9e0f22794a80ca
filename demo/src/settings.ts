/** What can be set on the page, its bounds, and its way into the address and back. @module */
import { learningRateAt, type OptimizerSpec, optimizers } from 'convlet';

export type OptimizerType = OptimizerSpec['type'];

/** `slow` and `steady` leave time to look; `full` is as fast as the machine goes. */
export type Pace = 'slow' | 'steady' | 'full';

export interface Settings {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerType;
  readonly seed: number;
  readonly epochs: number;
  /** As `networkOf` takes it. */
  readonly network: string;
  readonly pace: Pace;
}

export const DEFAULTS: Settings = {
  learningRate: 0.01,
  batchSize: 128,
  optimizer: 'sgd',
  seed: 1,
  epochs: 20,
  network: 'reference',
  pace: 'steady',
};

export const LEARNING_RATES = { least: 0.0001, most: 1 } as const;
const BATCH_SIZES = { least: 1, most: 2048 } as const;
const EPOCHS = { least: 1, most: 1000 } as const;
const SEEDS = { least: 0, most: 2 ** 32 - 1 } as const;
const PACES: readonly Pace[] = ['slow', 'steady', 'full'];

/**
 * The optimizer that the settings ask for. Options that the page has no field for are Convlet's defaults, or those of the
 * optimizer `before` if it is of the same type. Its schedule is kept, too, until the reader sets another learning rate.
 */
export function optimizerOf(
  { optimizer, learningRate }: Settings,
  before?: OptimizerSpec,
): OptimizerSpec {
  if (before?.type !== optimizer) return optimizers[optimizer]({ learningRate });
  return learningRate === learningRateOf(before) ? before : { ...before, learningRate };
}

/** The learning rate that the page shows for an optimizer: of a schedule, the first one. */
export function learningRateOf({ learningRate }: OptimizerSpec): number {
  if (typeof learningRate === 'number') return learningRate;
  try {
    return learningRateAt(learningRate, 0, { stepsPerEpoch: 1 }) || DEFAULTS.learningRate;
  } catch {
    return DEFAULTS.learningRate; // a rate that follows from the run
  }
}

/** The learning rate that Convlet gives an optimizer by default. */
export function usualLearningRate(type: OptimizerType): number {
  return learningRateOf(optimizers[type]({}));
}

/** Every optimizer that Convlet has. */
export const OPTIMIZERS = Object.keys(optimizers) as OptimizerType[];

/** Whether going from one to the other means fresh weights; the rest changes training on its way. */
export function restartsTraining(settings: Settings, before: Settings): boolean {
  const keys = ['batchSize', 'optimizer', 'seed', 'network'] as const;
  return keys.some((key) => settings[key] !== before[key]);
}

/** The settings of an address; what is missing or makes no sense there is as it is by default. */
export function parseSettings(search: string): Settings {
  const query = new URLSearchParams(search);
  const optimizer = query.get('optimizer');
  const pace = query.get('pace');
  return {
    learningRate: numberOf(query.get('lr'), LEARNING_RATES) ?? DEFAULTS.learningRate,
    batchSize: wholeOf(query.get('batch'), BATCH_SIZES) ?? DEFAULTS.batchSize,
    optimizer: isOptimizer(optimizer) ? optimizer : DEFAULTS.optimizer,
    seed: wholeOf(query.get('seed'), SEEDS) ?? DEFAULTS.seed,
    epochs: wholeOf(query.get('epochs'), EPOCHS) ?? DEFAULTS.epochs,
    network: query.get('network') ?? DEFAULTS.network,
    pace: PACES.find((name) => name === pace) ?? DEFAULTS.pace,
  };
}

/** `?lr=0.02&seed=7`: what differs from the defaults; empty where nothing does. */
export function formatSettings(settings: Settings): string {
  const names = {
    lr: 'learningRate',
    batch: 'batchSize',
    optimizer: 'optimizer',
    seed: 'seed',
    epochs: 'epochs',
    network: 'network',
    pace: 'pace',
  } as const;
  const query = new URLSearchParams();
  for (const [name, key] of Object.entries(names)) {
    if (settings[key] !== DEFAULTS[key]) query.set(name, String(settings[key]));
  }
  return query.size === 0 ? '' : `?${query}`;
}

export function isOptimizer(name: string | null): name is OptimizerType {
  return name !== null && Object.hasOwn(optimizers, name);
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

function numberOf(text: string | null, { least, most }: Bounds): number | undefined {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value >= least && value <= most ? value : undefined;
}

function wholeOf(text: string | null, bounds: Bounds): number | undefined {
  const value = numberOf(text, bounds);
  return Number.isInteger(value) ? value : undefined;
}

/** What a field of the page holds, as a whole number within bounds, or undefined. */
export const parseBatchSize = (text: string): number | undefined => wholeOf(text, BATCH_SIZES);
export const parseSeed = (text: string): number | undefined => wholeOf(text, SEEDS);
export const parseEpochs = (text: string): number | undefined => wholeOf(text, EPOCHS);
