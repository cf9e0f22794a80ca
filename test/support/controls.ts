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

/** Convolutions, batch normalisation and dropout in two branches, and an end. */
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
      layers.dropout({ rate: 0.2 }),
      layers.flatten(),
      ...end,
    ],
  };
}

const labelled = (count: number, seed: number, weighted: boolean): Dataset => {
  const data = strokes(count, seed);
  const weights = Float32Array.from({ length: count }, (_, i) => (i % 5) / 2);
  return weighted ? { ...data, weights } : data;
};

const valued = (count: number, seed: number): ValueDataset => {
  const { images, shape } = strokes(count, seed);
  return { images, shape, targets: uniform(testRandom(seed), count * VALUES).map(Math.abs) };
};

const ofLabels = fc
  .record({
    loss: fc.constantFrom(
      losses.categoricalCrossentropy(),
      losses.categoricalCrossentropy({ labelSmoothing: 0.1, classWeights: 'balanced' }),
    ),
    metrics: fc.subarray(['accuracy', 'top5', 'macroF1'] as const, { minLength: 1 }),
    isWeighted: fc.boolean(),
    isFrozen: fc.boolean(),
  })
  .map(
    ({ loss, metrics, isWeighted, isFrozen }): Task => ({
      spec: specOf([layers.dense({ units: 10 }), layers.softmax()], isFrozen),
      data: labelled(IMAGES, 1, isWeighted),
      test: labelled(20, 2, isWeighted),
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
  })
  .map(
    ({ loss, metrics }): Task => ({
      spec: specOf([layers.dense({ units: VALUES })], false),
      data: valued(IMAGES, 1),
      test: valued(20, 2),
      loss,
      metrics,
    }),
  );

const rates = fc.constantFrom(
  0.05,
  schedules.warmup({ length: 0.7, then: schedules.cosine({ from: 0.1, length: 3 }) }),
  schedules.oneCycle({ peak: 0.1 }),
  schedules.step({ from: 0.1, factor: 0.5, every: 3, unit: 'step' }),
  schedules.reduceOnPlateau({ from: 0.1, patience: 0, minDelta: 0.1, monitor: 'loss' }),
  schedules.warmup({
    length: 2,
    unit: 'step',
    then: schedules.reduceOnPlateau({ from: 0.1, patience: 0, minDelta: 0.3, monitor: 'loss' }),
  }),
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
      optimizers.adagrad,
      optimizers.adadelta,
    ),
    learningRate: rates,
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
  .map(({ make, learningRate, rest }) =>
    (make as (options: object) => NonNullable<FitOptions['optimizer']>)({ learningRate, ...rest }),
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
      optimizer,
      loss: task.loss ?? 'meanSquaredError',
      metrics: task.metrics ?? [],
      ...controls,
      ...(validation === 'data' && { validationData: task.test }),
      ...(validation === 'split' && { validationSplit: 0.3 }),
      ...(stopping && { earlyStopping: { ...stopping, monitor } }),
    };
    return { task, options, parts, dies };
  });

/** The figures of an epoch that follow from its seed and data alone. */
export function untimed({ seconds: _, imagesPerSecond: __, ...figures }: EpochEvent) {
  return figures;
}
