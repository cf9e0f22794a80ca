/**
 * The model that users hold: a network, its weights, and what can be done with them.
 *
 * Every argument is checked here, once; below this file nothing is.
 * @module
 */

import { checkInteger } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { createRandom, INITIALISATION } from '../base/random.ts';
import { checkSameShape, elementCount, formatShape } from '../base/shape.ts';
import type { Dataset, Evaluation, Shape, Tensor } from '../base/types.ts';
import { fuse, type Step } from '../compile/fuse.ts';
import { inferNetwork, type Network, type Parameter, workOf } from '../compile/network.ts';
import { type Capacity, planMemory } from '../compile/plan.ts';
import { Program } from '../compile/program.ts';
import { canonicalJson, checkSpec, type ModelSpec } from '../compile/spec.ts';
import { checkDataset, checkPixels } from '../data/dataset.ts';
import { CATEGORICAL_CROSSENTROPY } from '../losses/categoricalCrossentropy.ts';
import { EvaluationSum } from '../metrics/confusion.ts';
import { optimizerOf } from '../optimizers/index.ts';
import type { Backend } from './backend.ts';
import {
  type Checkpoint,
  checkOptimizerState,
  type DataIdentity,
  identify,
  NOTHING_BEGUN,
} from './checkpoint.ts';
import {
  checkSame,
  checkSameData,
  DEFAULT_BATCH,
  type FitOptions,
  type FitSettings,
  fitSettings,
} from './fitOptions.ts';
import { type History, type Training, train } from './trainer.ts';

export interface ModelOptions {
  /** Of the initial weights and of the order of the images: a whole number below 2³²; 1 unless said otherwise. */
  readonly seed?: number;
  /** False runs every layer by a kernel of its own; true, unless said otherwise, fuses those that can be. */
  readonly fuse?: boolean;
}

/** One line of a model's summary. */
export interface LayerSummary {
  readonly type: string;
  /** Of one image, without the batch. */
  readonly output: Shape;
  readonly parameters: number;
}

/**
 * Makes a model with fresh weights: He-normal, of standard deviation √(2 / fan-in), and biases of 0 (He et al.,
 * "Delving deep into rectifiers", 2015, section 2.2).
 *
 * @throws {TypeError | RangeError | ShapeError} naming the layer where the spec does not fit.
 */
export function createModel(
  backend: Backend,
  spec: ModelSpec,
  { seed = 1, fuse = true }: ModelOptions = {},
): Model {
  checkInteger('createModel', 'seed', seed, 0, 2 ** 32 - 1);
  return new Model(backend, inferNetwork(checkSpec(spec)), seed, fuse);
}

/** Made by `createModel`. */
export class Model {
  readonly spec: ModelSpec;
  readonly seed: number;
  readonly parameterCount: number;
  readonly layers: readonly LayerSummary[];
  /** What runs, in order: the types of the layers, those that are fused joined by ` + `. */
  readonly steps: readonly string[];
  readonly #steps: readonly Step[];
  readonly #backend: Backend;
  readonly #network: Network;
  #program: Program | undefined;
  #epochsTrained = 0;
  #isTraining = false;

  /** Use `createModel`. */
  constructor(backend: Backend, network: Network, seed: number, isFused: boolean) {
    this.spec = network.spec;
    this.seed = seed;
    this.parameterCount = network.parameterCount;
    this.layers = network.layers.map(({ spec, output, parameters }) => ({
      type: spec.type,
      output,
      parameters: parameters.reduce((total, { length }) => total + length, 0),
    }));
    this.#steps = fuse(network.layers, isFused);
    this.steps = this.#steps.map(({ name }) => name);
    this.#backend = backend;
    this.#network = network;
    this.#program = this.#compile('createModel', {
      batch: DEFAULT_BATCH,
      imageBytes: 0,
      imageCount: 0,
      stateBlocks: 0,
    });
    this.#initialise(this.#program);
  }

  /**
   * Trains on `dataset`. Resolves to the history when the epochs are done or `signal` has ended them.
   *
   * The order of an epoch follows from the seed and the number of epochs trained before, nothing else.
   *
   * @throws {TypeError | RangeError | ShapeError} before the first step, where an option or a data set does not fit.
   * @throws {DivergenceError} where the loss stops being a finite number; the weights are those before that step.
   */
  async fit(dataset: Dataset, options: FitOptions = {}): Promise<History> {
    this.#live('fit');
    const settings = fitSettings(options);
    this.#checkLearning(options.loss ?? CATEGORICAL_CROSSENTROPY);
    this.#checkLabelled('fit: training data', dataset);
    if (options.validationData !== undefined) {
      this.#checkLabelled('fit: validationData', options.validationData);
    }
    if (this.#isTraining) {
      throw new Error('fit: expected a model at rest, got one in training. Await the first fit.');
    }
    this.#isTraining = true;
    try {
      return await train(this.#prepare(dataset, settings, options));
    } finally {
      this.#program?.leave();
      this.#isTraining = false;
    }
  }

  /** Mean loss, accuracy and confusion matrix on labelled images. @throws as `fit` does on data that do not fit. */
  evaluate(dataset: Dataset): Evaluation {
    const program = this.#live('evaluate');
    this.#checkLearning(CATEGORICAL_CROSSENTROPY);
    this.#checkLabelled('evaluate', dataset);
    const { images, labels, classes } = dataset;
    const { batch } = program.plan.capacity;
    const pixelCount = elementCount(this.spec.inputShape);
    const total = new EvaluationSum(classes);
    for (let start = 0; start < labels.length; start += batch) {
      const part = labels.subarray(start, start + batch);
      program.evaluate(images.subarray(start * pixelCount, (start + batch) * pixelCount), part);
      total.add(program.losses, program.predictions, program.labels, part.length);
    }
    return total.result();
  }

  /**
   * The outputs of the network for `N` images: bytes (pixel / 255), floats, or a tensor `[N, C, H, W]`.
   * @returns a tensor of its own, `[N, classes]` where the network ends in dense or softmax.
   */
  predict(images: Uint8Array | Float32Array | Tensor): Tensor {
    const program = this.#live('predict');
    const { inputShape } = this.spec;
    const pixels = checkPixels('predict', images, inputShape);
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

  /** Copies of all parameters, by name: `0.weight`, `0.bias`, … in layer order. */
  weights(): Map<string, Tensor> {
    const program = this.#live('weights');
    program.insist('update');
    const { parameters } = program;
    return new Map(
      this.#parameters().map(({ key, shape, offset, length }) => [
        key,
        { shape, data: parameters.slice(offset, offset + length) },
      ]),
    );
  }

  /**
   * Takes over the values of all parameters.
   * @throws {TypeError} where a name is missing or unknown. @throws {ShapeError} where a shape differs.
   * @throws {RangeError} where a value is not a finite number. Nothing is taken over then.
   */
  setWeights(weights: ReadonlyMap<string, Tensor>): void {
    const program = this.#live('setWeights');
    const own = this.#parameters();
    const keys = own.map(({ key }) => key);
    for (const key of weights.keys()) {
      if (!keys.includes(key)) {
        throw new TypeError(
          `setWeights: expected parameters ${keys.join(', ')}, got ${describe(key)}.`,
        );
      }
    }
    const values = own.map((parameter) => ({
      parameter,
      data: checkWeight(parameter, weights.get(parameter.key)),
    }));
    program.insist('gradients', 'update');
    for (const { parameter, data } of values) program.parameters.set(data, parameter.offset);
    program.forgetUpdates();
  }

  /**
   * SHA-256 of all parameters as little-endian f32, in layer order, weight before bias: 64 hexadecimal digits.
   * @throws {Error} in a page that is neither of https nor of localhost: it has no cryptography.
   */
  async weightsSha256(): Promise<string> {
    const program = this.#live('weightsSha256');
    if (crypto.subtle === undefined) {
      throw new Error(
        'weightsSha256: expected a secure context, got a page without. Serve it by https, or from localhost.',
      );
    }
    program.insist('update');
    const digest = await crypto.subtle.digest('SHA-256', program.parameters.slice());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    );
  }

  /** Bytes of linear memory that the model holds. */
  get memoryBytes(): number {
    return this.#live('memoryBytes').byteLength;
  }

  /** Gives the memory back. A running `fit` ends with an error. Twice does no harm. */
  dispose(): void {
    this.#program?.dispose();
    this.#program = undefined;
  }

  #live(where: string): Program {
    if (this.#program === undefined) {
      throw new Error(
        `${where}: expected a live model, got one that was disposed of. Create another.`,
      );
    }
    return this.#program;
  }

  #parameters(): readonly Parameter[] {
    return this.#network.layers.flatMap(({ parameters }) => parameters);
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

  /** The program, compiled anew where it lacks room. The weights stay. */
  #withCapacity(where: string, needed: Capacity): Program {
    const current = this.#live(where);
    const { batch, imageBytes, imageCount, stateBlocks } = current.plan.capacity;
    if (
      needed.batch <= batch &&
      needed.imageBytes <= imageBytes &&
      needed.imageCount <= imageCount &&
      needed.stateBlocks <= stateBlocks
    ) {
      return current;
    }
    const program = this.#compile(where, {
      batch: Math.max(batch, needed.batch),
      imageBytes: Math.max(imageBytes, needed.imageBytes),
      imageCount: Math.max(imageCount, needed.imageCount),
      stateBlocks: Math.max(stateBlocks, needed.stateBlocks),
    });
    program.takeOver(current);
    current.dispose();
    this.#program = program;
    return program;
  }

  /** Makes the program ready for `fit`, and says what its loop needs. */
  #prepare(dataset: Dataset, settings: FitSettings, options: FitOptions): Training {
    const { batchSize, optimizer, shuffle, checkpointEvery } = settings;
    const { resume, validationData, onCheckpoint } = options;
    const { images, labels } = dataset;
    const program = this.#withCapacity('fit', {
      batch: Math.min(batchSize, labels.length),
      imageBytes: images.byteLength,
      imageCount: labels.length,
      stateBlocks: optimizerOf(optimizer).stateBlocks,
    });
    const data = resume || onCheckpoint ? identify(dataset) : undefined;
    if (resume !== undefined) this.#goOnFrom(resume, program, data);
    const epochsBefore = resume?.epochsBefore ?? this.#epochsTrained;
    program.loadDataset(dataset);
    program.prepareUpdates(optimizer);
    program.enter();
    return {
      ...settings,
      program,
      count: labels.length,
      shuffleSeed: shuffle ? this.seed : undefined,
      start: resume ?? { history: [], begun: NOTHING_BEGUN },
      beginEpoch: (epoch) => {
        this.#epochsTrained = epochsBefore + epoch;
        return this.#epochsTrained;
      },
      signal: options.signal,
      checkAlive: () => this.#live('fit'),
      validate: validationData && (() => this.evaluate(validationData)),
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

  /** Takes over what a checkpoint holds. @throws where it is of another model or other data; nothing is taken over then. */
  #goOnFrom(checkpoint: Checkpoint, program: Program, data: DataIdentity | undefined): void {
    const { optimizer, state } = checkpoint;
    checkSame('network', canonicalJson(checkpoint.spec), canonicalJson(this.spec));
    checkSame('seed', checkpoint.seed, this.seed);
    checkSameData(checkpoint.data, data);
    checkOptimizerState('fit: checkpoint', optimizer, state, this.parameterCount);
    this.setWeights(checkpoint.weights);
    program.restoreOptimizer(optimizer, state);
    this.#epochsTrained = checkpoint.epochsBefore + checkpoint.history.length;
  }

  #initialise(program: Program): void {
    for (const [index, { initializer, offset, length, fanIn }] of this.#parameters().entries()) {
      if (initializer === 'zeros') continue; // fresh memory is 0
      const random = createRandom(this.seed, INITIALISATION, index);
      program.drawNormal(offset, length, Math.sqrt(2 / fanIn), (bits) => random.fill(bits));
    }
  }

  #checkLearning(loss: unknown): void {
    if (loss !== CATEGORICAL_CROSSENTROPY) {
      throw new TypeError(
        `fit: expected loss '${CATEGORICAL_CROSSENTROPY}', got ${describe(loss)}.`,
      );
    }
    const last = this.spec.layers.at(-1);
    if (last?.type !== 'softmax') {
      throw new ShapeError(
        `fit: expected softmax as the last layer under '${CATEGORICAL_CROSSENTROPY}', got ${last?.type}. Add layers.softmax().`,
      );
    }
  }

  #checkLabelled(where: string, dataset: Dataset): void {
    checkDataset(where, dataset);
    checkSameShape(`${where}: images`, this.spec.inputShape, dataset.shape);
    const [classes = 0] = this.#network.output;
    if (dataset.classes !== classes) {
      throw new ShapeError(
        `${where}: expected ${classes} classes, as the network's last layer has, got ${dataset.classes}.`,
      );
    }
  }
}

function checkWeight({ key, shape }: Parameter, tensor: Tensor | undefined): Float32Array {
  if (tensor === undefined) throw new TypeError(`setWeights: expected parameter ${key}, got none.`);
  checkSameShape(`setWeights: ${key}`, shape, tensor.shape);
  if (!(tensor.data instanceof Float32Array && tensor.data.length === elementCount(shape))) {
    throw new TypeError(
      `setWeights: ${key}: expected ${elementCount(shape)} f32 for shape ${formatShape(shape)}, got ${describe(tensor.data)}.`,
    );
  }
  if (!tensor.data.every(Number.isFinite)) {
    throw new RangeError(`setWeights: ${key}: expected finite numbers, got NaN or Infinity.`);
  }
  return tensor.data;
}
