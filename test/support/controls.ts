/** Tasks and options of `fit` at random, for tests that a run is the same however it is run. */
import {
  type Dataset,
  type EpochEvent,
  type FitOptions,
  type LayerSpec,
  layers,
  losses,
  type ModelSpec,
  optimizers,
  type Schedule,
  schedules,
  type ValueDataset,
} from 'convlet';
import fc from 'fast-check';
import { strokes } from './digits.ts';
import { testRandom, uniform } from './random.ts';

const IMAGES = 33;
const VALUES = 3;

type Data = Dataset | ValueDataset;

/** What is trained on what, by the kind of the targets. */
export interface Task {
  readonly spec: ModelSpec;
  readonly data: Data;
  readonly test: Data;
  readonly loss: FitOptions['loss'];
  readonly metrics: FitOptions['metrics'];
}

export interface Case {
  readonly task: Task;
  readonly options: FitOptions;
  /** How many steps each part of the run takes at most. */
  readonly parts: readonly number[];
  /** Whether a part ends as a process that dies, after its last checkpoint, or by `maxSteps`. */
  readonly dies: readonly boolean[];
}

/** Convolutions, normalisation and dropout in two branches, and an end. */
function specOf(end: readonly LayerSpec[], isFrozen: boolean): ModelSpec {
  const trainable = !isFrozen;
  return {
    inputShape: [1, 12, 12],
    normalize: { mean: [0.1], deviation: [0.4] },
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, strides: 3, trainable }),
      layers.batchNorm({ trainable }),
      layers.relu({ name: 'left' }),
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 1 }),
      layers.batchNorm({ momentum: 0.3, name: 'right' }),
      layers.add({ inputs: ['left', 'right'] }),
      layers.dropout({ rate: 0.2, perChannel: true }),
      layers.groupNorm({ groups: 3 }),
      layers.flatten(),
      layers.dropout({ rate: 0.1 }),
      ...end,
    ],
  };
}

/** As bytes, or as the same pixels from 0 to 1. */
const imagesOf = (count: number, seed: number, areFloats: boolean): Dataset => {
  const data = strokes(count, seed);
  return areFloats
    ? { ...data, images: Float32Array.from(data.images, (byte) => byte / 255) }
    : data;
};

const labelled = (count: number, seed: number, weighted: boolean, areFloats: boolean): Dataset => {
  const data = imagesOf(count, seed, areFloats);
  const weights = Float32Array.from({ length: count }, (_, i) => (i % 5) / 2);
  return weighted ? { ...data, weights } : data;
};

const valued = (count: number, seed: number, areFloats: boolean): ValueDataset => {
  const { images, shape } = imagesOf(count, seed, areFloats);
  return { images, shape, targets: uniform(testRandom(seed), count * VALUES).map(Math.abs) };
};

const ofLabels = fc
  .record({
    loss: fc.constantFrom(
      losses.categoricalCrossentropy(),
      losses.categoricalCrossentropy({ labelSmoothing: 0.1, classWeights: 'balanced' }),
      losses.categoricalCrossentropy({ classWeights: [1, 2, 0.5, 1, 3, 1, 1, 0.2, 1, 1] }),
    ),
    metrics: fc.subarray(['accuracy', 'top5', 'macroF1'] as const, { minLength: 1 }),
    isWeighted: fc.boolean(),
    isFrozen: fc.boolean(),
    areFloats: fc.boolean(),
  })
  .map(
    ({ loss, metrics, isWeighted, isFrozen, areFloats }): Task => ({
      spec: specOf([layers.dense({ units: 10 }), layers.softmax()], isFrozen),
      data: labelled(IMAGES, 1, isWeighted, areFloats),
      test: labelled(20, 2, isWeighted, areFloats),
      loss,
      metrics,
    }),
  );

const ofValues = fc
  .record({
    loss: fc.constantFrom(
      losses.meanSquaredError(),
      losses.meanAbsoluteError(),
      losses.huber({ delta: 0.3 }),
      losses.binaryCrossentropy({ positiveWeights: 2 }),
    ),
    metrics: fc.subarray(['meanAbsoluteError', 'meanSquaredError'] as const, { minLength: 1 }),
    areFloats: fc.boolean(),
  })
  .map(
    ({ loss, metrics, areFloats }): Task => ({
      spec: specOf([layers.dense({ units: VALUES })], false),
      data: valued(IMAGES, 1, areFloats),
      test: valued(20, 2, areFloats),
      loss,
      metrics,
    }),
  );

type Rate = number | Schedule;

/** Rates, by the figure that one of them follows. */
const rates = fc.constantFrom<(monitor: string) => Rate>(
  () => 0.05,
  () => schedules.warmup({ length: 0.7, then: schedules.cosine({ from: 0.1, length: 3 }) }),
  () => schedules.oneCycle({ peak: 0.1 }),
  () => schedules.step({ from: 0.1, factor: 0.5, every: 3, unit: 'step' }),
  () => schedules.multiStep({ from: 0.1, factor: 0.5, at: [0.5, 2] }),
  () => schedules.exponential({ from: 0.1, factor: 0.8 }),
  () => schedules.linear({ from: 0.1, to: 0.01 }),
  () => schedules.polynomial({ from: 0.1, to: 0.01, power: 2 }),
  (monitor) => schedules.reduceOnPlateau({ from: 0.1, patience: 0, minDelta: 0.1, monitor }),
  (monitor) => {
    const rest = { patience: 0, minDelta: 0.3, cooldown: 1, least: 0.001, monitor };
    return schedules.warmup({
      length: 2,
      unit: 'step',
      then: schedules.reduceOnPlateau({ from: 0.1, ...rest }),
    });
  },
);

const optimizer = fc
  .record({
    make: fc.constantFrom(
      optimizers.sgd,
      optimizers.momentum,
      optimizers.nesterov,
      optimizers.adam,
      optimizers.adamw,
      optimizers.rmsprop,
      (options: object) => optimizers.rmsprop({ ...options, momentum: 0.5 }),
      optimizers.adagrad,
      optimizers.adadelta,
    ),
    rate: rates,
    rest: fc.record(
      {
        weightDecay: fc.constant(0.01),
        decayBiases: fc.boolean(),
        clipNorm: fc.constant(0.5),
        clipValue: fc.constant(0.1),
      },
      { requiredKeys: [] },
    ),
  })
  .map(
    ({ make, rate, rest }) =>
      (monitor: string) =>
        (make as (options: object) => NonNullable<FitOptions['optimizer']>)({
          learningRate: rate(monitor),
          ...rest,
        }),
  );

const augment = fc.record(
  {
    shift: fc.constant(1.5),
    rotate: fc.constant(10),
    zoom: fc.constant(0.1),
    shear: fc.constant(5),
    flip: fc.constantFrom('horizontal', 'vertical', 'both'),
    fill: fc.constant(0.2),
  },
  { requiredKeys: [] },
);

const controls = fc.record(
  {
    batchSize: fc.constantFrom(5, 8, 11),
    shuffle: fc.boolean(),
    accumulate: fc.integer({ min: 1, max: 4 }),
    shards: fc.constantFrom(1, 3, 8),
    averageWeights: fc.record(
      { decay: fc.constantFrom(0.5, 0.9), warmup: fc.boolean() },
      { requiredKeys: [] },
    ),
    augment,
    checkpointEvery: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['batchSize'] },
);

const stopping = fc.record(
  {
    patience: fc.integer({ min: 1, max: 2 }),
    minDelta: fc.constantFrom(0, 0.2),
    restoreBest: fc.boolean(),
  },
  { requiredKeys: ['patience'] },
);

/** Any task under any controls, and how the run is interrupted. */
export const cases: fc.Arbitrary<Case> = fc
  .record({
    task: fc.oneof(ofLabels, ofValues),
    epochs: fc.integer({ min: 2, max: 5 }),
    optimizer,
    controls,
    validation: fc.constantFrom('none', 'data', 'split'),
    stopping: fc.option(stopping, { nil: undefined }),
    parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }),
    dies: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  })
  .map(({ task, epochs, optimizer, controls, validation, stopping, parts, dies }): Case => {
    const monitor = validation === 'none' ? 'loss' : 'validationLoss';
    const options: FitOptions = {
      epochs,
      optimizer: optimizer(monitor),
      loss: task.loss ?? 'meanSquaredError',
      metrics: task.metrics ?? [],
      ...controls,
      ...(validation === 'data' && { validationData: task.test }),
      ...(validation === 'split' && { validationSplit: 0.3 }),
      ...(stopping && { earlyStopping: { ...stopping, monitor } }),
    };
    return { task, options, parts, dies };
  });

/** What a run may combine, by name. */
const features = {
  schedule: ({ optimizer }: FitOptions) => typeof optimizer?.learningRate === 'object',
  reduceOnPlateau: ({ optimizer }: FitOptions) =>
    JSON.stringify(optimizer?.learningRate).includes('reduceOnPlateau'),
  clipNorm: ({ optimizer }: FitOptions) => optimizer?.clipNorm !== undefined,
  clipValue: ({ optimizer }: FitOptions) => optimizer?.clipValue !== undefined,
  averageWeights: ({ averageWeights }: FitOptions) => averageWeights !== undefined,
  accumulate: ({ accumulate = 1 }: FitOptions) => accumulate > 1,
  restoreBest: ({ earlyStopping }: FitOptions) =>
    earlyStopping !== undefined && earlyStopping.restoreBest !== false,
  validationData: ({ validationData }: FitOptions) => validationData !== undefined,
  validationSplit: ({ validationSplit }: FitOptions) => validationSplit !== undefined,
  augment: ({ augment }: FitOptions) => augment !== undefined && Object.keys(augment).length > 0,
  classWeights: ({ loss }: FitOptions) => JSON.stringify(loss).includes('classWeights'),
  positiveWeights: ({ loss }: FitOptions) => JSON.stringify(loss).includes('positiveWeights'),
  checkpointEvery: ({ checkpointEvery }: FitOptions) => checkpointEvery !== undefined,
} satisfies Record<string, (options: FitOptions) => boolean>;

/** All of them, beside batch normalisation and dropout, which every network here has. */
export const FEATURES: readonly string[] = Object.keys(features);

/** What a run combines. */
export function featuresOf({ options }: Case): string[] {
  return Object.entries(features)
    .filter(([, has]) => has(options))
    .map(([name]) => name);
}

/** Of many runs a few that combine everything between them, those with the most first. */
export function coveringAll(many: readonly Case[]): Case[] {
  const missing = new Set(FEATURES);
  const chosen: Case[] = [];
  const gainOf = (given: Case) => featuresOf(given).filter((name) => missing.has(name)).length;
  while (missing.size > 0) {
    const best = many.reduce((a, b) => (gainOf(b) > gainOf(a) ? b : a));
    if (gainOf(best) === 0) throw new Error(`internal: no run with ${[...missing].join(', ')}`);
    chosen.push(best);
    for (const name of featuresOf(best)) missing.delete(name);
  }
  return chosen;
}

/** The figures of an epoch that follow from its seed and data alone. */
export function untimed({ seconds: _, imagesPerSecond: __, ...figures }: EpochEvent) {
  return figures;
}
