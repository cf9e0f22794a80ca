/**
 * The model that users hold: a network, its weights, and what can be done with them.
 *
 * Every argument is checked here, once; below this file nothing is.
 * @module
 */

import { isTypedArray } from '../base/brands.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { checkMonitor, validationName } from '../base/monitor.ts';
import { checkOptions } from '../base/options.ts';
import { checkSameShape, elementCount } from '../base/shape.ts';
import type {
  Dataset,
  Evaluation,
  Preparation,
  Shape,
  TargetKind,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from '../base/types.ts';
import { fuse, type Step } from '../compile/fuse.ts';
import { inferNetwork, type Network, workOf } from '../compile/network.ts';
import { type Capacity, DEFAULT_SHARDS, planMemory } from '../compile/plan.ts';
import { Program } from '../compile/program.ts';
import { canonicalJson, checkSpec, layerName, type ModelSpec } from '../compile/spec.ts';
import { updateCount } from '../data/batches.ts';
import {
  checkDataset,
  checkPixels,
  checkValueDataset,
  imageCount,
  targetsOf,
} from '../data/dataset.ts';
import { splitForValidation } from '../data/validationSplit.ts';
import { DEFAULT_LOSS, type LossSpec, lossOf, readLoss, resolveLoss } from '../losses/registry.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import {
  allMetrics,
  defaultMetrics,
  type MetricName,
  metricsFor,
  readMetrics,
} from '../metrics/registry.ts';
import { optimizerOf } from '../optimizers/registry.ts';

import {
  type Checkpoint,
  checkOptimizerState,
  type DataIdentity,
  identify,
  NOTHING_BEGUN,
} from './checkpoint.ts';
import { EarlyStopper } from './earlyStopping.ts';
import { classesOf, evaluateOn, measure } from './evaluation.ts';
import {
  checkSame,
  checkSameData,
  checkSameLoss,
  DEFAULT_BATCH,
  type FitOptions,
  type FitSettings,
  fitSettings,
  readFitOptions,
} from './fitOptions.ts';
import { layerOutputs, layersNamed } from './layerOutputs.ts';
import {
  type EvaluateOptions,
  evaluateChecks,
  type ModelOptions,
  modelChecks,
  type Prediction,
  type PredictOptions,
  predictChecks,
  type SetWeightsOptions,
  setWeightsChecks,
} from './modelOptions.ts';
import { Rate } from './rate.ts';
import { Runtime } from './runtime.ts';
import { summarize } from './summary.ts';
import { type History, RATE, STOPPING, type Training, train } from './trainer.ts';
import { Warner } from './warnings.ts';
import { blockOf, fittingOf, initialBlock, readWeights, sha256Of } from './weights.ts';

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
export function createModel(backend: Runtime, spec: ModelSpec, options: ModelOptions = {}): Model {
  if (!Runtime.isRuntime(backend)) {
    throw new TypeError(
      `createModel: expected a backend, got ${describe(backend)}. Await createBackend().`,
    );
  }
  const given = checkOptions('createModel', options, modelChecks);
  const { seed = 1, fuse = true, loss } = given;
  const read = loss === undefined ? undefined : readLoss('createModel', loss);
  return new Model(backend, inferNetwork(checkSpec(spec)), seed, fuse, read, given);
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
  readonly #runtime: Runtime;
  readonly #network: Network;
  /** The parameters until there is a program, which holds them from then on. */
  #block: Float32Array | undefined;
  #program: Program | undefined;
  #isDisposed = false;
  #loss: LossSpec | undefined;
  #origin: Origin;
  #epochsTrained = 0;
  #isTraining = false;
  /** While a fit keeps an average of the weights. */
  #usesAverage = false;

  /** Use `createModel`. */
  constructor(
    backend: Runtime,
    network: Network,
    seed: number,
    isFused: boolean,
    loss: LossSpec | undefined,
    origin: Origin,
  ) {
    this.#loss = loss;
    this.#origin = originOf(origin);
    this.spec = network.spec;
    this.seed = seed;
    this.parameterCount = network.trainedCount;
    this.layers = network.layers.map(({ spec, output, parameters }) => ({
      type: spec.type,
      ...(spec.name !== undefined && { name: spec.name }),
      output: [...output],
      parameters: parameters
        .filter(({ role }) => role === 'trained')
        .reduce((total, { length }) => total + length, 0),
    }));
    this.#steps = fuse(network, isFused);
    this.steps = this.#steps.map(({ name }) => name);
    this.#runtime = backend;
    this.#network = network;
    planMemory(network, this.#steps, SMALLEST, backend.kernels('createModel'), 1); // refuses what never fits
    this.#block = initialBlock(network, seed, backend.arena('createModel'));
  }

  /** What the last `fit` minimised, or the file of the model says; undefined if neither is. */
  get loss(): LossSpec | undefined {
    return this.#loss;
  }

  /** Names of the classes, as the data of the last `fit` or the file of the model gave them. */
  get classNames(): readonly string[] | undefined {
    return this.#origin.classNames;
  }

  /** How pictures became the images of the last `fit`; the file of the model keeps it. */
  get preparation(): Preparation | undefined {
    return this.#origin.preparation;
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
    const asked = fitSettings(given);
    const { validationData, resume } = given;
    const targets = this.#checkData('fit: training data', dataset, asked.loss);
    if (validationData !== undefined) {
      this.#checkData('fit: validationData', validationData, asked.loss);
    }
    const { train: data, validation = validationData } = this.#split(dataset, asked);
    const settings = { ...asked, loss: resolveLoss(asked.loss, data as Dataset) };
    if (resume !== undefined) checkSameLoss(resume.loss, settings.loss);
    const names = settings.metrics ?? defaultMetrics(targets);
    const metrics = metricsUnder(settings.loss, names, targets);
    const rate = rateOf(settings, imageCount(data), resume);
    for (const [name, monitor] of [
      ['earlyStopping', settings.earlyStopping?.monitor],
      ['learningRate', rate.monitor],
    ]) {
      if (monitor === undefined) continue;
      const ofValidation = validation && metricsUnder(settings.loss, names, targetsOf(validation));
      const known = figuresOf(metrics, ofValidation);
      checkMonitor(`fit: ${name}`, monitor, known);
    }
    this.#checkBatches(imageCount(data), settings.batchSize);
    if (this.#isTraining) {
      throw new Error('fit: expected a model at rest, got one in training. Await the first fit.');
    }
    this.#isTraining = true;
    try {
      const task = { whole: dataset, data, validation, targets, names, metrics, rate };
      return await train(this.#prepare(task, settings, given));
    } finally {
      this.#program?.leave();
      this.#isTraining = false;
      this.#usesAverage = false;
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
    const read = readLoss('evaluate', given.loss ?? this.#loss ?? DEFAULT_LOSS);
    const targets = this.#checkData('evaluate', dataset, read);
    const loss = resolveLoss(read, dataset as Dataset);
    const asked = readMetrics('evaluate', given.metrics ?? []);
    const all = allMetrics(targets, isBinary(loss));
    const metrics = metricsUnder(loss, [...new Set([...all, ...asked])], targets);
    const { batch } = this.#capacity();
    // the memory stays as it is while a fit works in it
    const batchSize = Math.min(given.batchSize ?? batch, this.#isTraining ? batch : MOST_BATCH);
    const program = this.#withCapacity('evaluate', { ...this.#needs(dataset), batch: batchSize });
    return evaluateOn(program, dataset, loss, metrics, batchSize, this.#usesAverage);
  }

  /**
   * The outputs of the network for `N` images: bytes (pixel / 255), floats, or a tensor `[N, C, H, W]`.
   * @param options `outputs`: names of layers whose outputs are wanted too.
   * @returns a tensor of its own, `[N, classes]` if the network ends in dense or softmax; with the outputs by name, if asked.
   * @throws {TypeError | RangeError | ShapeError} if images or names do not fit.
   */
  predict(images: Uint8Array | Float32Array | Tensor): Tensor;
  predict(images: Uint8Array | Float32Array | Tensor, options: PredictOptions): Prediction;
  predict(
    images: Uint8Array | Float32Array | Tensor,
    options?: PredictOptions,
  ): Tensor | Prediction {
    this.#checkLive('predict');
    const { outputs } = checkOptions('predict', options, predictChecks);
    const asked = layersNamed('predict', this.#network, outputs ?? []);
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
      const images = part.length / pixelCount;
      data.set(program.predict(part, images, this.#usesAverage), start * outputCount);
    }
    const prediction = { shape: [count, ...this.#network.output], data };
    if (options === undefined) return prediction;
    if (asked.length === 0) return { ...prediction, outputs: {} };
    const arena = this.#runtime.arena('predict');
    const weights = readWeights(this.#network, this.#evaluatedBlock());
    const floats = floatsOf(pixels);
    return { ...prediction, outputs: layerOutputs(arena, this.#network, weights, floats, asked) };
  }

  /**
   * The class of each image: its largest output, or, if the network has one output, whether that is above a half.
   * @throws as `predict` does.
   */
  predictClasses(images: Uint8Array | Float32Array | Tensor): Int32Array {
    const { data } = this.predict(images);
    const length = elementCount(this.#network.output);
    const isLogit = this.#loss !== undefined && isBinary(this.#loss) && !this.#endsInSigmoid;
    const half = isLogit ? 0 : 0.5;
    return Int32Array.from({ length: data.length / length }, (_, n) => {
      if (length === 1) return (data[n] ?? 0) > half ? 1 : 0;
      const row = data.subarray(n * length, (n + 1) * length);
      return row.indexOf(Math.max(...row)); // the first of equal ones, as training counts
    });
  }

  get #endsInSigmoid(): boolean {
    return this.#network.layers.at(-1)?.definition.type === 'sigmoid';
  }

  /** The layers as a table: type, name, output and parameters of each. */
  summary(): string {
    return summarize(this.spec.inputShape, this.layers, this.parameterCount);
  }

  /** Copies of all parameters, by name: the trained ones in layer order, `0.weight`, `0.bias`, …, then the running ones. */
  weights(): Map<string, Tensor> {
    this.#checkLive('weights');
    return readWeights(this.#network, this.#settledBlock());
  }

  /**
   * Takes over the values of all parameters.
   *
   * @param options `strict`: false takes those that fit by name and shape, and leaves the others as they are, as for the
   * weights of a network with other classes. True by default.
   * @returns the names in `weights` that were not taken: none if strict.
   * @throws {TypeError} if a name is missing or unknown. @throws {ShapeError} if a shape differs.
   * @throws {RangeError} if a value is not a finite number. Nothing is taken over then.
   */
  setWeights(weights: ReadonlyMap<string, Tensor>, options: SetWeightsOptions = {}): string[] {
    this.#checkLive('setWeights');
    const { strict = true } = checkOptions('setWeights', options, setWeightsChecks);
    const live = this.#settledBlock();
    const fitting = strict ? weights : fittingOf('setWeights', this.#network, weights);
    live.set(blockOf('setWeights', this.#network, fitting, strict ? undefined : live));
    this.#program?.forgetUpdates();
    return strict ? [] : [...weights.keys()].filter((name) => !fitting.has(name));
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

  /** The parameters that evaluation and prediction use. */
  #evaluatedBlock(): Float32Array {
    const block = this.#settledBlock().slice();
    if (this.#usesAverage && this.#program !== undefined) block.set(this.#program.average);
    return block;
  }

  #capacity(): Capacity {
    return this.#program?.plan.capacity ?? SMALLEST;
  }

  /** What an evaluation on a data set needs beside its batch. */
  #needs(dataset: Dataset | ValueDataset): Capacity {
    const { shards } = this.#capacity();
    return { ...SMALLEST, batch: 1, hasValues: targetsOf(dataset) === 'values', shards };
  }

  #compile(where: string, capacity: Capacity): Program {
    const kernels = this.#runtime.kernels(where);
    const parts = this.#runtime.programParts(where, workOf(this.#network) * capacity.batch);
    const threads = parts.pool?.size ?? 1;
    return new Program(planMemory(this.#network, this.#steps, capacity, kernels, threads), parts);
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
      shards: needed.shards,
      hasAverage: had.hasAverage || needed.hasAverage,
      hasGroups: had.hasGroups || needed.hasGroups,
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
  #prepare(task: Task, settings: FitSettings, options: FitOptions): Training {
    const { whole, data: dataset, validation, targets, names, metrics, rate } = task;
    const { batchSize, optimizer, loss, shuffle, checkpointEvery, accumulate, shards } = settings;
    const { averageWeights, earlyStopping, validationSplit } = settings;
    const { resume, onCheckpoint, onWarning } = options;
    const count = imageCount(dataset);
    const program = this.#withCapacity('fit', {
      batch: Math.min(batchSize, count),
      imageBytes: dataset.images.byteLength,
      targetBytes: targetBytesOf(dataset),
      hasValues: targets === 'values',
      stateBlocks: optimizerOf(optimizer).initialState(optimizer).length,
      shards,
      hasAverage: averageWeights !== undefined,
      hasGroups: accumulate > 1,
    });
    const data = resume || onCheckpoint ? identify(whole) : undefined;
    if (resume !== undefined) this.#goOnFrom(resume, program, data);
    const epochsBefore = resume?.epochsBefore ?? this.#epochsTrained;
    this.#loss = loss;
    this.#origin = { ...this.#origin, ...originOf(whole as Dataset) };
    program.loadDataset(dataset);
    program.prepareLoss(loss);
    program.prepareUpdates(optimizer, averageWeights !== undefined);
    if (resume !== undefined) this.#restoreBlocks(resume, program);
    this.#usesAverage = averageWeights !== undefined;
    const best = resume?.best && blockOf('fit: checkpoint: best', this.#network, resume.best);
    const stopper =
      earlyStopping && new EarlyStopper(earlyStopping, resume?.controls?.[STOPPING], best);
    const history = resume?.history ?? [];
    const warner = onWarning && new Warner(onWarning, dataset, this.#network.output, loss, history);
    program.enter();
    return {
      ...settings,
      program,
      count,
      metrics,
      rate,
      stopper,
      warner,
      classes: classesOf(dataset, this.#network),
      seed: this.seed,
      start: resume ?? { history: [], begun: NOTHING_BEGUN },
      beginEpoch: (epoch) => {
        this.#epochsTrained = epochsBefore + epoch;
        return this.#epochsTrained;
      },
      signal: options.signal,
      checkAlive: () => this.#checkLive('fit'),
      validate: validation && (() => this.#validate(validation, loss, names)),
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
            ...(validationSplit !== undefined && { validationSplit }),
            ...(accumulate > 1 && { accumulate }),
            ...(shards !== DEFAULT_SHARDS && { shards }),
            ...(progress.begun.step % accumulate > 0 && { group: program.group.slice() }),
            ...(averageWeights && { averageWeights, average: this.#trained(program.average) }),
            ...(earlyStopping && { earlyStopping }),
            ...(stopper?.bestParameters && {
              best: readWeights(this.#network, stopper.bestParameters),
            }),
            data,
            epochsBefore,
            ...this.#origin,
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
    const metrics = metricsUnder(loss, names, targetsOf(dataset));
    const { batch } = program.plan.capacity;
    return measure(program, dataset, loss, metrics, batch, this.#usesAverage);
  }

  /** Takes over what a checkpoint holds. @throws if it is of another model or other data; nothing is taken over then. */
  #goOnFrom(checkpoint: Checkpoint, program: Program, data: DataIdentity | undefined): void {
    const { optimizer, state } = checkpoint;
    checkSame('network', canonicalJson(checkSpec(checkpoint.spec)), canonicalJson(this.spec));
    checkSame('seed', checkpoint.seed, this.seed);
    checkSameData(checkpoint.data, data);
    checkOptimizerState('fit: checkpoint', optimizer, state, this.#network.trainedCount);
    this.setWeights(checkpoint.weights);
    program.restoreOptimizer(optimizer, state);
    this.#epochsTrained = checkpoint.epochsBefore + checkpoint.history.length;
  }

  /** The training data, and what is held out of them for validation. */
  #split(
    dataset: Dataset | ValueDataset,
    { validationSplit }: FitSettings,
  ): { readonly train: Dataset | ValueDataset; readonly validation?: Dataset | ValueDataset } {
    if (validationSplit === undefined) return { train: dataset };
    return splitForValidation('fit', dataset, validationSplit, this.seed);
  }

  /** Copies of a block of trained parameters, by name. */
  #trained(block: Float32Array): Map<string, Tensor> {
    const { parameters } = this.#network;
    const trained = parameters.filter(({ role }) => role === 'trained');
    return readWeights({ ...this.#network, parameters: trained }, block);
  }

  /** Takes over the average and the gradient of a group from a checkpoint. */
  #restoreBlocks({ average, group }: Checkpoint, program: Program): void {
    const { parameters, trainedCount } = this.#network;
    if (average !== undefined) {
      const trained = parameters.filter(({ role }) => role === 'trained');
      const network = { ...this.#network, parameters: trained, blockLength: trainedCount };
      program.average.set(blockOf('fit: checkpoint: average', network, average));
    }
    if (group !== undefined) {
      checkSame('length of the gradient', group.length, trainedCount);
      program.group.set(group);
    }
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
    if (!definition.targets.includes(targets)) {
      const [expected, got] =
        targets === 'values' ? ['labels', 'targets'] : ['targets: Float32Array', 'labels'];
      throw new TypeError(
        `${where}: expected ${expected} under the loss '${loss.type}', got ${got}. Give the loss that these need, such as loss: '${targets === 'values' ? 'meanSquaredError' : 'categoricalCrossentropy'}'.`,
      );
    }
    definition.checkOutput(where, loss, output, targets);
    if (targets === 'values') {
      definition.checkValues?.(where, (dataset as ValueDataset).targets);
      return targets;
    }
    const { classes } = dataset as Dataset;
    const isHalved = definition.prediction === 'half';
    const expected = isHalved ? 2 : elementCount(output);
    if (classes === expected) return targets;
    throw new ShapeError(
      `${where}: expected ${expected} classes, as ${isHalved ? 'an output of yes or no' : "the network's last layer"} has, got ${classes}.`,
    );
  }

  /** Throws if a layer cannot train on the smallest batch of an epoch. */
  #checkBatches(count: number, batchSize: number): void {
    const least = count % batchSize || Math.min(count, batchSize);
    for (const { index, spec, definition, inputShapes } of this.#network.layers) {
      definition.checkBatch?.(`fit: ${layerName(index, spec)}`, spec, inputShapes, least);
    }
  }
}

/** What is known of the data that a model was trained on. */
type Origin = Pick<ModelOptions, 'classNames' | 'preparation'>;

/** A copy, without what is not known. */
function originOf({ classNames, preparation }: Origin): Origin {
  return {
    ...(classNames && { classNames: [...classNames] }),
    ...(preparation && { preparation }),
  };
}

/** What a fit trains on and measures, checked. */
interface Task {
  /** As it was given. */
  readonly whole: Dataset | ValueDataset;
  /** Without what is held out. */
  readonly data: Dataset | ValueDataset;
  readonly validation: Dataset | ValueDataset | undefined;
  readonly targets: TargetKind;
  readonly names: readonly MetricName[];
  /** Those of the names that suit the data. */
  readonly metrics: readonly MetricDefinition[];
  readonly rate: Rate;
}

/** The learning rate of a run on so many images. */
function rateOf(
  { optimizer, epochs, batchSize, accumulate }: FitSettings,
  count: number,
  resume: Checkpoint | undefined,
): Rate {
  const stepsPerEpoch = updateCount(count, batchSize, accumulate);
  return new Rate(optimizer, { epochs, stepsPerEpoch }, resume?.controls?.[RATE]);
}

/** Whether each output is an answer of yes or no. */
function isBinary(loss: LossSpec): boolean {
  return lossOf(loss).prediction === 'half';
}

/** Those of the names that can be told of such targets under a loss. */
function metricsUnder(
  loss: LossSpec,
  names: readonly MetricName[],
  targets: TargetKind,
): readonly MetricDefinition[] {
  return metricsFor(names, targets, isBinary(loss));
}

/** Names of the figures that the events of epochs will have. */
function figuresOf(
  metrics: readonly MetricDefinition[],
  ofValidation: readonly MetricDefinition[] | undefined,
): readonly string[] {
  const names = (list: readonly MetricDefinition[]) => ['loss', ...list.map(({ name }) => name)];
  return [...names(metrics), ...(ofValidation ? names(ofValidation).map(validationName) : [])];
}

/** Most images of a chunk. */
const MOST_BATCH = 2 ** 31 - 1;

/** Pixels as the network reads them, before it normalises them. */
function floatsOf(pixels: Uint8Array | Float32Array): Float32Array {
  return isTypedArray(pixels, 'Uint8Array')
    ? Float32Array.from(pixels, (byte) => byte / 255)
    : pixels;
}

/** What a model needs before anything is known of its use. */
const SMALLEST: Capacity = {
  batch: DEFAULT_BATCH,
  imageBytes: 0,
  targetBytes: 0,
  hasValues: false,
  stateBlocks: 0,
  shards: DEFAULT_SHARDS,
  hasAverage: false,
  hasGroups: false,
};

function fits(needed: Capacity, had: Capacity): boolean {
  return (
    needed.batch <= had.batch &&
    needed.imageBytes <= had.imageBytes &&
    needed.targetBytes <= had.targetBytes &&
    needed.stateBlocks <= had.stateBlocks &&
    needed.shards === had.shards &&
    (had.hasValues || !needed.hasValues) &&
    (had.hasAverage || !needed.hasAverage) &&
    (had.hasGroups || !needed.hasGroups)
  );
}

/** Bytes of the targets in linear memory: labels that are no bytes are kept as i32. */
function targetBytesOf(dataset: Dataset | ValueDataset): number {
  if (targetsOf(dataset) === 'values') return (dataset as ValueDataset).targets.byteLength;
  const { labels } = dataset as Dataset;
  return labels.BYTES_PER_ELEMENT === 1 ? labels.length : labels.length * 4;
}
