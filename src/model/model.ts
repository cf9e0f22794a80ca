/**
 * The model that users hold: a network, its weights, and what can be done with them.
 *
 * Every argument is checked here, once; below this file nothing is.
 * @module
 */

import { describe, ShapeError } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { checkSameShape, elementCount } from '../base/shape.ts';
import type {
  Dataset,
  Evaluation,
  Shape,
  TargetKind,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from '../base/types.ts';
import { fuse, type Step } from '../compile/fuse.ts';
import { inferNetwork, type Network, workOf } from '../compile/network.ts';
import { type Capacity, planMemory } from '../compile/plan.ts';
import { Program } from '../compile/program.ts';
import {
  canonicalJson,
  checkSpec,
  frozenCopy,
  layerName,
  type ModelSpec,
} from '../compile/spec.ts';
import {
  checkDataset,
  checkPixels,
  checkValueDataset,
  imageCount,
  targetsOf,
} from '../data/dataset.ts';
import { DEFAULT_LOSS, type LossSpec, lossOf, readLoss } from '../losses/registry.ts';
import {
  allMetrics,
  defaultMetrics,
  type MetricName,
  metricsFor,
  readMetrics,
} from '../metrics/registry.ts';
import { optimizerOf } from '../optimizers/registry.ts';
import { Backend } from './backend.ts';
import { type Checkpoint, type DataIdentity, identify, NOTHING_BEGUN } from './checkpoint.ts';
import { evaluateOn, measure } from './evaluation.ts';
import {
  checkSame,
  checkSameData,
  DEFAULT_BATCH,
  type FitOptions,
  type FitSettings,
  fitSettings,
  readFitOptions,
} from './fitOptions.ts';
import {
  type EvaluateOptions,
  evaluateChecks,
  type ModelOptions,
  modelChecks,
} from './modelOptions.ts';
import { type History, type Training, train } from './trainer.ts';
import { blockOf, initialBlock, readWeights, sha256Of } from './weights.ts';

/** One line of a model's summary. */
export interface LayerSummary {
  readonly type: string;
  readonly name?: string;
  /** Of one image, without the batch. */
  readonly output: Shape;
  /** Trained numbers. */
  readonly parameters: number;
}

/**
 * Makes a model with fresh weights; the layers say how each is drawn.
 *
 * @throws {TypeError | RangeError | ShapeError} naming the layer that does not fit.
 */
export function createModel(backend: Backend, spec: ModelSpec, options: ModelOptions = {}): Model {
  if (!Backend.isBackend(backend)) {
    throw new TypeError(
      `createModel: expected a backend, got ${describe(backend)}. Await createBackend().`,
    );
  }
  const { seed = 1, fuse = true } = checkOptions('createModel', options, modelChecks);
  return new Model(backend, inferNetwork(checkSpec(spec)), seed, fuse);
}

/** Made by `createModel`. */
export class Model {
  /** A copy of the model's own, which nothing can change. */
  readonly spec: ModelSpec;
  readonly seed: number;
  /** Trained numbers. */
  readonly parameterCount: number;
  readonly layers: readonly LayerSummary[];
  /** What runs, in order: the types of the layers, those that are fused joined by ` + `. */
  readonly steps: readonly string[];
  readonly #steps: readonly Step[];
  readonly #backend: Backend;
  readonly #network: Network;
  /** The parameters until there is a program, which holds them from then on. */
  #block: Float32Array | undefined;
  #program: Program | undefined;
  #isDisposed = false;
  #loss: LossSpec | undefined;
  #epochsTrained = 0;
  #isTraining = false;

  /** Use `createModel`. */
  constructor(backend: Backend, network: Network, seed: number, isFused: boolean) {
    this.spec = network.spec;
    this.seed = seed;
    this.parameterCount = network.trainedCount;
    const layers = network.layers.map(({ spec, output, parameters }) => ({
      type: spec.type,
      ...(spec.name !== undefined && { name: spec.name }),
      output,
      parameters: parameters
        .filter(({ role }) => role === 'trained')
        .reduce((total, { length }) => total + length, 0),
    }));
    this.layers = frozenCopy(layers);
    this.#steps = fuse(network, isFused);
    this.steps = frozenCopy(this.#steps.map(({ name }) => name));
    this.#backend = backend;
    this.#network = network;
    planMemory(network, this.#steps, SMALLEST, backend.kernels('createModel'), 1); // refuses what never fits
    this.#block = initialBlock(network, seed, backend.arena('createModel'));
  }

  /** What the last `fit` minimised; undefined before the first. */
  get loss(): LossSpec | undefined {
    return this.#loss;
  }

  /**
   * Trains on `dataset`. Resolves to the history when the epochs are done or `signal` has ended them.
   *
   * The order of an epoch follows from the seed and the number of epochs trained before, nothing else.
   *
   * @throws {TypeError | RangeError | ShapeError} before the first step, if an option or a data set does not fit.
   * @throws {DivergenceError} if the loss stops being a finite number, the weights are those before that step; or if the
   * weights are not finite at the end.
   */
  async fit(dataset: Dataset | ValueDataset, options: FitOptions = {}): Promise<History> {
    this.#checkLive('fit');
    const given = readFitOptions(options);
    const settings = fitSettings(given);
    const { validationData } = given;
    const targets = this.#checkData('fit: training data', dataset, settings.loss);
    if (validationData !== undefined) {
      this.#checkData('fit: validationData', validationData, settings.loss);
    }
    this.#checkBatches(imageCount(dataset), settings.batchSize);
    if (this.#isTraining) {
      throw new Error('fit: expected a model at rest, got one in training. Await the first fit.');
    }
    this.#isTraining = true;
    try {
      return await train(this.#prepare(dataset, targets, settings, given));
    } finally {
      this.#program?.leave();
      this.#isTraining = false;
    }
  }

  /**
   * Loss and metrics of a data set: with labels accuracy, top-5 accuracy and the confusion matrix, with values the mean
   * errors. @throws as `fit` does on options and data that do not fit.
   */
  evaluate(dataset: Dataset, options?: EvaluateOptions): Evaluation;
  evaluate(dataset: ValueDataset, options?: EvaluateOptions): ValueEvaluation;
  evaluate(
    dataset: Dataset | ValueDataset,
    options?: EvaluateOptions,
  ): Evaluation | ValueEvaluation {
    this.#checkLive('evaluate');
    const given = checkOptions('evaluate', options, evaluateChecks);
    const loss = readLoss('evaluate', given.loss ?? this.#loss ?? DEFAULT_LOSS);
    const targets = this.#checkData('evaluate', dataset, loss);
    const asked = readMetrics('evaluate', given.metrics ?? []);
    const metrics = metricsFor([...new Set([...allMetrics(targets), ...asked])], targets);
    const batchSize = given.batchSize ?? this.#capacity().batch;
    const program = this.#withCapacity('evaluate', { ...this.#needs(dataset), batch: batchSize });
    return evaluateOn(program, dataset, loss, metrics, batchSize);
  }

  /**
   * The outputs of the network for `N` images: bytes (pixel / 255), floats, or a tensor `[N, C, H, W]`.
   * @returns a tensor of its own, `[N, classes]` if the network ends in dense or softmax.
   */
  predict(images: Uint8Array | Float32Array | Tensor, ...none: readonly never[]): Tensor {
    this.#checkLive('predict');
    checkOptions('predict', none[0], {});
    const { inputShape } = this.spec;
    const pixels = checkPixels('predict', images, inputShape);
    const program = this.#withCapacity('predict', this.#capacity());
    const pixelCount = elementCount(inputShape);
    const count = pixels.length / pixelCount;
    const outputCount = elementCount(this.#network.output);
    const { batch } = program.plan.capacity;
    const data = new Float32Array(count * outputCount);
    for (let start = 0; start < count; start += batch) {
      const part = pixels.subarray(start * pixelCount, (start + batch) * pixelCount);
      data.set(program.predict(part, part.length / pixelCount), start * outputCount);
    }
    return { shape: [count, ...this.#network.output], data };
  }

  /** Copies of all parameters, by name: the trained ones in layer order, `0.weight`, `0.bias`, …, then the running ones. */
  weights(): Map<string, Tensor> {
    this.#checkLive('weights');
    return readWeights(this.#network, this.#settledBlock());
  }

  /**
   * Takes over the values of all parameters.
   * @throws {TypeError} if a name is missing or unknown. @throws {ShapeError} if a shape differs.
   * @throws {RangeError} if a value is not a finite number. Nothing is taken over then.
   */
  setWeights(weights: ReadonlyMap<string, Tensor>, ...none: readonly never[]): void {
    this.#checkLive('setWeights');
    checkOptions('setWeights', none[0], {});
    const block = blockOf('setWeights', this.#network, weights);
    this.#settledBlock().set(block);
    this.#program?.forgetUpdates();
  }

  /**
   * SHA-256 of all parameters as little-endian f32, in the order of `weights()`: 64 hexadecimal digits.
   * @throws {Error} in a page that is neither of https nor of localhost: it has no cryptography.
   */
  async weightsSha256(): Promise<string> {
    this.#checkLive('weightsSha256');
    return sha256Of(this.#settledBlock());
  }

  /** Bytes of linear memory that the model holds; asked before its first use, what it will hold. */
  get memoryBytes(): number {
    this.#checkLive('memoryBytes');
    return this.#withCapacity('memoryBytes', this.#capacity()).byteLength;
  }

  /** Gives the memory back. A running `fit` ends with an error. Twice does no harm. */
  dispose(): void {
    this.#program?.dispose();
    this.#program = undefined;
    this.#block = undefined;
    this.#isDisposed = true;
  }

  #checkLive(where: string): void {
    if (!this.#isDisposed) return;
    throw new Error(
      `${where}: expected a live model, got one that was disposed of. Create another.`,
    );
  }

  /** The parameters, live, after what other threads still do with them. */
  #settledBlock(): Float32Array {
    this.#program?.insist();
    const block = this.#program?.parameters ?? this.#block;
    if (block === undefined) throw new Error('internal: a live model without parameters');
    return block;
  }

  #capacity(): Capacity {
    return this.#program?.plan.capacity ?? SMALLEST;
  }

  /** What an evaluation on a data set needs beside its batch. */
  #needs(dataset: Dataset | ValueDataset): Capacity {
    return { ...SMALLEST, batch: 1, hasValues: targetsOf(dataset) === 'values' };
  }

  #compile(where: string, capacity: Capacity): Program {
    const kernels = this.#backend.kernels(where);
    const { module, pool } = this.#backend.programParts(
      where,
      workOf(this.#network) * capacity.batch,
    );
    const plan = planMemory(this.#network, this.#steps, capacity, kernels, pool?.size ?? 1);
    return new Program(module, plan, pool);
  }

  /** The program, compiled now if there is none or it lacks room. The weights stay. */
  #withCapacity(where: string, needed: Capacity): Program {
    const current = this.#program;
    const had = this.#capacity();
    if (current !== undefined && fits(needed, had)) return current;
    const program = this.#compile(where, {
      batch: Math.max(had.batch, needed.batch),
      imageBytes: Math.max(had.imageBytes, needed.imageBytes),
      targetBytes: Math.max(had.targetBytes, needed.targetBytes),
      hasValues: had.hasValues || needed.hasValues,
      stateBlocks: Math.max(had.stateBlocks, needed.stateBlocks),
    });
    if (current === undefined) program.parameters.set(this.#settledBlock());
    else {
      current.insist();
      program.takeOver(current);
      current.dispose();
    }
    this.#program = program;
    this.#block = undefined;
    return program;
  }

  /** Makes the program ready for `fit`, and says what its loop needs. */
  #prepare(
    dataset: Dataset | ValueDataset,
    targets: TargetKind,
    settings: FitSettings,
    options: FitOptions,
  ): Training {
    const { batchSize, optimizer, loss, shuffle, checkpointEvery, resume } = settings;
    const { validationData, onCheckpoint } = options;
    const count = imageCount(dataset);
    const names = settings.metrics ?? defaultMetrics(targets);
    const metrics = metricsFor(names, targets);
    const program = this.#withCapacity('fit', {
      batch: Math.min(batchSize, count),
      imageBytes: dataset.images.byteLength,
      targetBytes: targetBytesOf(dataset),
      hasValues: targets === 'values',
      stateBlocks: optimizerOf(optimizer).stateBlocks,
    });
    const data = resume || onCheckpoint ? identify(dataset) : undefined;
    if (resume !== undefined) this.#goOnFrom(resume, program, data);
    const epochsBefore = resume?.epochsBefore ?? this.#epochsTrained;
    this.#loss = loss;
    program.loadDataset(dataset);
    program.prepareLoss(loss);
    program.prepareUpdates(optimizer);
    program.enter();
    return {
      ...settings,
      program,
      count,
      metrics,
      classes: elementCount(this.#network.output),
      seed: this.seed,
      start: resume ?? { history: [], begun: NOTHING_BEGUN },
      beginEpoch: (epoch) => {
        this.#epochsTrained = epochsBefore + epoch;
        return this.#epochsTrained;
      },
      signal: options.signal,
      checkAlive: () => this.#checkLive('fit'),
      validate: validationData && (() => this.#validate(validationData, loss, names)),
      onStepEnd: options.onStepEnd,
      onEpochEnd: options.onEpochEnd,
      keepEvery: checkpointEvery,
      keep:
        data &&
        onCheckpoint &&
        ((progress) =>
          onCheckpoint({
            spec: this.spec,
            seed: this.seed,
            weights: this.weights(),
            loss,
            metrics: names,
            optimizer,
            state: program.optimizerState(),
            batchSize,
            shuffle,
            data,
            epochsBefore,
            ...progress,
          })),
    };
  }

  #validate(
    dataset: Dataset | ValueDataset,
    loss: LossSpec,
    names: readonly MetricName[],
  ): ReturnType<typeof measure> {
    this.#checkLive('fit');
    const program = this.#withCapacity('fit', this.#needs(dataset));
    const metrics = metricsFor(names, targetsOf(dataset));
    return measure(program, dataset, loss, metrics, program.plan.capacity.batch);
  }

  /** Takes over what a checkpoint holds. @throws if it is of another model or other data; nothing is taken over then. */
  #goOnFrom(checkpoint: Checkpoint, program: Program, data: DataIdentity | undefined): void {
    const { optimizer, state } = checkpoint;
    checkSame('network', canonicalJson(checkpoint.spec), canonicalJson(this.spec));
    checkSame('seed', checkpoint.seed, this.seed);
    checkSameData(checkpoint.data, data);
    this.setWeights(checkpoint.weights);
    program.restoreOptimizer(optimizer, state);
    this.#epochsTrained = checkpoint.epochsBefore + checkpoint.history.length;
  }

  /** Throws unless a data set fits the network and the loss. @returns what its targets are. */
  #checkData(where: string, dataset: Dataset | ValueDataset, loss: LossSpec): TargetKind {
    const { output } = this.#network;
    const { inputShape } = this.spec;
    const definition = lossOf(loss);
    const isObject = typeof dataset === 'object' && dataset !== null;
    const targets = isObject ? targetsOf(dataset) : 'classes';
    if (targets === 'values') checkValueDataset(where, dataset as ValueDataset, output);
    else checkDataset(where, dataset as Dataset);
    checkSameShape(`${where}: images`, inputShape, dataset.shape);
    if (definition.targets !== targets) {
      const [expected, got] =
        targets === 'values' ? ['labels', 'targets'] : ['targets: Float32Array', 'labels'];
      throw new TypeError(
        `${where}: expected ${expected} under the loss '${loss.type}', got ${got}. Give the loss that these need, such as loss: '${targets === 'values' ? 'meanSquaredError' : 'categoricalCrossentropy'}'.`,
      );
    }
    definition.checkOutput(where, output);
    if (targets === 'values') return targets;
    const { classes } = dataset as Dataset;
    const outputs = elementCount(output);
    if (classes === outputs) return targets;
    throw new ShapeError(
      `${where}: expected ${outputs} classes, as the network's last layer has, got ${classes}. Use as many units as classes.`,
    );
  }

  /** Throws if a layer cannot train on the smallest batch of an epoch. */
  #checkBatches(count: number, batchSize: number): void {
    const least = count % batchSize || Math.min(count, batchSize);
    for (const { index, spec, definition, inputShapes } of this.#network.layers) {
      definition.checkBatch?.(`fit: ${layerName(index, spec)}`, inputShapes, least);
    }
  }
}

/** What a model needs before anything is known of its use. */
const SMALLEST: Capacity = {
  batch: DEFAULT_BATCH,
  imageBytes: 0,
  targetBytes: 0,
  hasValues: false,
  stateBlocks: 0,
};

function fits(needed: Capacity, had: Capacity): boolean {
  return (
    needed.batch <= had.batch &&
    needed.imageBytes <= had.imageBytes &&
    needed.targetBytes <= had.targetBytes &&
    needed.stateBlocks <= had.stateBlocks &&
    (had.hasValues || !needed.hasValues)
  );
}

/** Bytes of the targets in linear memory: labels that are no bytes are kept as i32. */
function targetBytesOf(dataset: Dataset | ValueDataset): number {
  if (targetsOf(dataset) === 'values') return (dataset as ValueDataset).targets.byteLength;
  const { labels } = dataset as Dataset;
  return labels.BYTES_PER_ELEMENT === 1 ? labels.length : labels.length * 4;
}
