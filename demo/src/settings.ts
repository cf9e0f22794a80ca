/** What can be set on the page, its bounds, and its way into the address and back. @module */
import {
  type AugmentOptions,
  type OptimizerSpec,
  optimizers,
  type Schedule,
  schedules,
} from 'convlet';

export type OptimizerType = OptimizerSpec['type'];

/** `slow` and `steady` leave time to look; `full` is as fast as the machine goes. */
export type Pace = 'slow' | 'steady' | 'full';

export interface Settings {
  /** Of a schedule the one that it begins with; of `oneCycle` the largest. */
  readonly learningRate: number;
  /** One of `SCHEDULES`; a checkpoint may have any of Convlet's. */
  readonly schedule: string;
  readonly batchSize: number;
  readonly optimizer: OptimizerType;
  readonly seed: number;
  readonly epochs: number;
  /** Most pixels by which a training picture is moved. */
  readonly shift: number;
  /** Most degrees by which it is turned. */
  readonly rotate: number;
  /** Epochs without a smaller test loss after which training ends; 0: never. */
  readonly patience: number;
  /** Pictures that it learns from, of those that there are; 0: all. */
  readonly samples: number;
  /** As `networkOf` takes it. */
  readonly network: string;
  readonly pace: Pace;
}

/** The thesis's network, and what it is trained with. */
export const THESIS: Settings = {
  learningRate: 0.01,
  schedule: 'constant',
  batchSize: 128,
  optimizer: 'sgd',
  seed: 1,
  epochs: 20,
  shift: 0,
  rotate: 0,
  patience: 0,
  samples: 0,
  network: 'reference',
  pace: 'steady',
};

/**
 * What the page opens with: two convolutions that read what a visitor draws, within seconds.
 * Measured on 800 drawn digits that are in neither part of the data: 97.9 % after 12 epochs, which take over ten
 * seconds on two cores; of the first 200 it reads 194 after 8, 196 after 12. The thesis's network reads 90.5 % of the 800 after 20.
 */
export const DEFAULTS: Settings = {
  ...THESIS,
  learningRate: 0.006,
  schedule: 'oneCycle',
  batchSize: 64,
  optimizer: 'adam',
  epochs: 8,
  shift: 1,
  rotate: 15,
  network: 'conv16x5-conv24',
  pace: 'full',
};

/** What settings are unless an address says otherwise: the page's own for its own network, the thesis's for any other. */
export function defaultsFor(network: string): Settings {
  return network === DEFAULTS.network ? DEFAULTS : { ...THESIS, network };
}

const LEARNING_RATES = { least: 0.0001, most: 1 } as const;
const BATCH_SIZES = { least: 1, most: 2048 } as const;
const EPOCHS = { least: 1, most: 1000 } as const;
const SEEDS = { least: 0, most: 2 ** 32 - 1 } as const;
const SHIFTS = { least: 0, most: 14 } as const;
const TURNS = { least: 0, most: 180 } as const;
const PATIENCES = { least: 0, most: 1000 } as const;
const SAMPLES = { least: 0, most: 1_000_000 } as const;
const PACES: readonly Pace[] = ['slow', 'steady', 'full'];

/** Learning rates over the run, by the name of the schedule. */
const SCHEDULES: Readonly<Record<string, (rate: number) => number | Schedule>> = {
  constant: (rate) => rate,
  cosine: (from) => schedules.cosine({ from }),
  oneCycle: (peak) => schedules.oneCycle({ peak }),
  step: (from) => schedules.step({ from, factor: 0.5, every: 5 }),
};

/**
 * The optimizer that the settings ask for. Options that the page has no field for are Convlet's defaults, or those of the
 * optimizer `before` if it is of the same type; so are those of its schedule.
 */
export function optimizerOf(
  { optimizer, learningRate, schedule }: Settings,
  before?: OptimizerSpec,
): OptimizerSpec {
  const isScheduled = before !== undefined && scheduleOf(before) === schedule;
  const rate = isScheduled
    ? withRate(before.learningRate, learningRate)
    : (SCHEDULES[schedule]?.(learningRate) ?? learningRate);
  if (before?.type === optimizer) return { ...before, learningRate: rate };
  return optimizers[optimizer]({ learningRate: rate });
}

/** The name of the schedule that an optimizer follows. */
export function scheduleOf({ learningRate }: OptimizerSpec): string {
  return typeof learningRate === 'number' ? 'constant' : learningRate.type;
}

/** The learning rate that the page shows for an optimizer. */
export function learningRateOf({ learningRate }: OptimizerSpec): number {
  return baseOf(learningRate) ?? DEFAULTS.learningRate;
}

/** What schedules have, one or another. */
interface Rates extends Schedule {
  readonly from?: number;
  readonly peak?: number;
  readonly then?: Schedule;
}

function baseOf(rate: number | Schedule): number | undefined {
  if (typeof rate === 'number') return rate;
  const { from, peak, then }: Rates = rate;
  return from ?? peak ?? (then && baseOf(then));
}

/** The same schedule with another rate. */
function withRate(rate: number | Schedule, base: number): number | Schedule {
  if (typeof rate === 'number') return base;
  const { from, peak, then }: Rates = rate;
  return {
    ...rate,
    ...(from !== undefined && { from: base }),
    ...(peak !== undefined && { peak: base }),
    ...(then && { then: withRate(then, base) }),
  };
}

/** How training pictures are moved; undefined if they are not. */
export function augmentOf({ shift, rotate }: Settings): AugmentOptions | undefined {
  if (shift === 0 && rotate === 0) return undefined;
  return { ...(shift > 0 && { shift }), ...(rotate > 0 && { rotate }) };
}

/** The learning rate that Convlet gives an optimizer by default. */
export function usualLearningRate(type: OptimizerType): number {
  return learningRateOf(optimizers[type]({}));
}

/** Every optimizer that Convlet has. */
export const OPTIMIZERS = Object.keys(optimizers) as OptimizerType[];

/** Whether going from one to the other means fresh weights; the rest changes training on its way. */
export function restartsTraining(settings: Settings, before: Settings): boolean {
  const keys = ['batchSize', 'optimizer', 'seed', 'network', 'shift', 'rotate', 'samples'] as const;
  return keys.some((key) => settings[key] !== before[key]);
}

/** The settings of an address; what is missing or makes no sense there is as it is by default. */
export function parseSettings(search: string): Settings {
  const query = new URLSearchParams(search);
  const usual = defaultsFor(query.get('network') ?? DEFAULTS.network);
  const optimizer = query.get('optimizer');
  const pace = query.get('pace');
  const schedule = query.get('schedule') ?? '';
  return {
    learningRate: numberOf(query.get('lr'), LEARNING_RATES) ?? usual.learningRate,
    schedule: Object.hasOwn(SCHEDULES, schedule) ? schedule : usual.schedule,
    batchSize: wholeOf(query.get('batch'), BATCH_SIZES) ?? usual.batchSize,
    optimizer: isOptimizer(optimizer) ? optimizer : usual.optimizer,
    seed: wholeOf(query.get('seed'), SEEDS) ?? usual.seed,
    epochs: wholeOf(query.get('epochs'), EPOCHS) ?? usual.epochs,
    shift: wholeOf(query.get('shift'), SHIFTS) ?? usual.shift,
    rotate: wholeOf(query.get('rotate'), TURNS) ?? usual.rotate,
    patience: wholeOf(query.get('patience'), PATIENCES) ?? usual.patience,
    samples: wholeOf(query.get('samples'), SAMPLES) ?? usual.samples,
    network: usual.network,
    pace: PACES.find((name) => name === pace) ?? usual.pace,
  };
}

/** What settings are called in an address; the network stands before them. */
const NAMES = {
  lr: 'learningRate',
  schedule: 'schedule',
  batch: 'batchSize',
  optimizer: 'optimizer',
  seed: 'seed',
  epochs: 'epochs',
  shift: 'shift',
  rotate: 'rotate',
  patience: 'patience',
  samples: 'samples',
  pace: 'pace',
} as const;

/** `lr=0.02&seed=7`: the network unless it is the page's own, and what differs from what is usual for it. */
export function formatSettings(settings: Settings): URLSearchParams {
  const usual = defaultsFor(settings.network);
  const query = new URLSearchParams();
  if (settings.network !== DEFAULTS.network) query.set('network', settings.network);
  for (const [name, key] of Object.entries(NAMES)) {
    if (settings[key] !== usual[key]) query.set(name, String(settings[key]));
  }
  return query;
}

/** Every setting, whatever is usual: an address that means the same for good. */
export function spellSettings(settings: Settings): URLSearchParams {
  const rest = Object.entries(NAMES).map(([name, key]) => [name, String(settings[key])]);
  return new URLSearchParams([['network', settings.network], ...rest]);
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
export const parseField = {
  batchSize: (text: string): number | undefined => wholeOf(text, BATCH_SIZES),
  seed: (text: string): number | undefined => wholeOf(text, SEEDS),
  epochs: (text: string): number | undefined => wholeOf(text, EPOCHS),
  shift: (text: string): number | undefined => wholeOf(text, SHIFTS),
  rotate: (text: string): number | undefined => wholeOf(text, TURNS),
  patience: (text: string): number | undefined => wholeOf(text, PATIENCES),
  samples: (text: string): number | undefined => wholeOf(text, SAMPLES),
};
