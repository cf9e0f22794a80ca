/**
 * The model that users hold: a network, its weights, and what can be done with them.
 *
 * Every argument is checked here, once, by this file and those beside it; below this room nothing is.
 * @module
 */

import { isTypedArray } from '../base/brands.ts';
import { describe } from '../base/errors.ts';
import { indexOfLargest } from '../base/largest.ts';
import { checkOptions } from '../base/options.ts';
import { elementCount } from '../base/shape.ts';
import type {
  Dataset,
  DatasetSource,
  Evaluation,
  Preparation,
  Shape,
  Tensor,
  ValueDataset,
  ValueDatasetSource,
  ValueEvaluation,
} from '../base/types.ts';
import { fuse } from '../compile/fuse.ts';
import { inferNetwork, type Network } from '../compile/network.ts';
import { checkSpec, frozenCopy, type ModelSpec } from '../compile/spec.ts';
import { checkPixels, imageCount } from '../data/dataset.ts';
import { type Origin, readOrigin } from '../data/origin.ts';
import { isSource } from '../data/source.ts';
import { DEFAULT_LOSS, type LossSpec, readLoss, resolveLoss } from '../losses/registry.ts';
import { allMetrics, readMetrics } from '../metrics/registry.ts';
import { checkAlike } from './distributed.ts';
import { evaluateOn } from './evaluation.ts';
import { type FitOptions, fitSettings, readFitOptions } from './fitOptions.ts';
import { layerOutputs, layersNamed } from './layerOutputs.ts';
import { ModelMemory } from './modelMemory.ts';
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
import { factsOf, type Past, prepareTraining } from './prepare.ts';
import { Runtime } from './runtime.ts';
import { summarize } from './summary.ts';
import { checkData, isBinary, metricsUnder, readTask } from './task.ts';
import { train } from './trainer.ts';
import type { History } from './training.ts';
import { fittingOf, readWeights, sha256Of } from './weights.ts';

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
  return new Model(
    backend,
    inferNetwork(checkSpec(spec)),
    seed,
    fuse,
    read,
    readOrigin('createModel', given),
  );
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
  readonly #memory: ModelMemory;
  readonly #past: Past;
  #isTraining = false;

  /** Use `createModel`. */
  constructor(
    backend: Runtime,
    network: Network,
    seed: number,
    isFused: boolean,
    loss: LossSpec | undefined,
    origin: Origin,
  ) {
    this.#past = { loss, origin, epochs: 0 };
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
    const steps = fuse(network, isFused);
    this.steps = frozenCopy(steps.map(({ name }) => name));
    this.#memory = new ModelMemory(backend, network, steps, seed);
  }

  /** What the last `fit` minimised, or the file of the model says; undefined if neither is. */
  get loss(): LossSpec | undefined {
    return this.#past.loss;
  }

  /** Names of the classes, as the data of the last `fit` or the file of the model gave them. */
  get classNames(): readonly string[] | undefined {
    return this.#past.origin.classNames;
  }

  /** How pictures became the images of the last `fit`; the file of the model keeps it. */
  get preparation(): Preparation | undefined {
    return this.#past.origin.preparation;
  }

  /**
   * Trains on `dataset`, or on a source, whose images are read while it trains: to the same bytes. Resolves to the history when
   * the epochs are done or `signal` has ended them.
   *
   * The images to train on are copied at the start; later changes of the arrays have no effect.
   *
   * The order of an epoch follows from the seed and the number of epochs trained before, nothing else.
   *
   * @throws {TypeError | RangeError | ShapeError} before the first step, if an option or a data set does not fit.
   * @throws {DivergenceError} if the loss stops being a finite number, the weights are those before that step; or if the
   * weights are not finite at the end. @throws {Error} if a source fails; the weights are those of the last whole step.
   */
  async fit(
    dataset: Dataset | ValueDataset | DatasetSource | ValueDatasetSource,
    options: FitOptions = {},
  ): Promise<History> {
    this.#memory.checkLive('fit');
    const given = readFitOptions(options);
    const memory = this.#memory;
    const settings = fitSettings(given);
    const { validationData: other } = given;
    const data = isSource(dataset)
      ? await memory.openStream('fit: training data', dataset)
      : dataset;
    const validation = isSource(other)
      ? await memory.openStream('fit: validationData', other)
      : other;
    memory.checkLive('fit');
    const task = readTask(memory.network, this.seed, data, settings, validation);
    if (this.#isTraining) {
      throw new Error('fit: expected a model at rest, got one in training. Await the first fit.');
    }
    this.#isTraining = true;
    try {
      const training = prepareTraining(memory, this.seed, this.#past, task, given);
      if (given.distributed && training.isDistributed) {
        await checkAlike(given.distributed, factsOf(this.seed, task, training));
      }
      return await train(training);
    } finally {
      memory.leave();
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
    this.#memory.checkLive('evaluate');
    const given = checkOptions('evaluate', options, evaluateChecks);
    const memory = this.#memory;
    const read = readLoss('evaluate', given.loss ?? this.#past.loss ?? DEFAULT_LOSS);
    const targets = checkData('evaluate', memory.network, dataset, read);
    const loss = resolveLoss(read, dataset as Dataset);
    const asked = readMetrics('evaluate', given.metrics ?? []);
    const all = allMetrics(targets, isBinary(loss));
    const metrics = metricsUnder(loss, [...new Set([...all, ...asked])], targets);
    const { batch } = memory.capacity;
    // the memory stays as it is while a fit works in it
    const most = this.#isTraining ? batch : Number.POSITIVE_INFINITY;
    const batchSize = Math.min(given.batchSize ?? batch, most, imageCount(dataset));
    const program = memory.programToEvaluate('evaluate', dataset, batchSize);
    const { usesAverage } = memory;
    return evaluateOn(program, dataset, { loss, metrics, batchSize, usesAverage });
  }

  /**
   * The outputs of the network for `N` images: bytes (pixel / 255), floats, or a tensor `[N, C, H, W]`. With the option
   * `outputs`, names of layers, also the outputs of these.
   * @returns a tensor of its own, `[N, classes]` if the network ends in dense or softmax; with the outputs by name, if asked.
   * @throws {TypeError | RangeError | ShapeError} if images or names do not fit.
   */
  predict(images: Uint8Array | Float32Array | Tensor): Tensor;
  predict(images: Uint8Array | Float32Array | Tensor, options: PredictOptions): Prediction;
  predict(
    images: Uint8Array | Float32Array | Tensor,
    options?: PredictOptions,
  ): Tensor | Prediction {
    this.#memory.checkLive('predict');
    const memory = this.#memory;
    const { network } = memory;
    const { outputs } = checkOptions('predict', options, predictChecks);
    const asked = layersNamed('predict', network, outputs ?? []);
    const { inputShape } = this.spec;
    const pixels = checkPixels('predict', images, inputShape);
    const program = memory.programFor('predict');
    const pixelCount = elementCount(inputShape);
    const count = pixels.length / pixelCount;
    const outputCount = elementCount(network.output);
    const { batch } = program.plan.capacity;
    const data = new Float32Array(count * outputCount);
    for (let start = 0; start < count; start += batch) {
      const part = pixels.subarray(start * pixelCount, (start + batch) * pixelCount);
      const images = part.length / pixelCount;
      data.set(program.predict(part, images, memory.usesAverage), start * outputCount);
    }
    const prediction = { shape: [count, ...network.output], data };
    if (options === undefined) return prediction;
    if (asked.length === 0) return { ...prediction, outputs: {} };
    const arena = memory.arena('predict');
    const weights = readWeights(network, memory.evaluatedParameters);
    const floats = floatsOf(pixels);
    return { ...prediction, outputs: layerOutputs(arena, network, weights, floats, asked) };
  }

  /**
   * The class of each image: its largest output, or, if the network has one output, whether that is above a half.
   * @throws as `predict` does.
   */
  predictClasses(images: Uint8Array | Float32Array | Tensor): Int32Array {
    const { data } = this.predict(images);
    const { layers, output } = this.#memory.network;
    const length = elementCount(output);
    const { loss } = this.#past;
    const isLogit = loss && isBinary(loss) && layers.at(-1)?.definition.type !== 'sigmoid';
    const half = isLogit ? 0 : 0.5;
    return Int32Array.from({ length: data.length / length }, (_, n) => {
      if (length === 1) return (data[n] ?? 0) > half ? 1 : 0;
      return indexOfLargest(data.subarray(n * length, (n + 1) * length));
    });
  }

  /** The layers as a table: type, name, output and parameters of each. */
  summary(): string {
    return summarize(this.spec.inputShape, this.layers, this.parameterCount);
  }

  /** Copies of all parameters, by name: the trained ones in layer order, `0.weight`, `0.bias`, …, then the running ones. */
  weights(): Map<string, Tensor> {
    this.#memory.checkLive('weights');
    return readWeights(this.#memory.network, this.#memory.parameters);
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
    this.#memory.checkLive('setWeights');
    const { strict = true } = checkOptions('setWeights', options, setWeightsChecks);
    const memory = this.#memory;
    const fitting = strict ? weights : fittingOf('setWeights', memory.network, weights);
    memory.setParameters('setWeights', fitting, strict);
    return strict ? [] : [...weights.keys()].filter((name) => !fitting.has(name));
  }

  /**
   * SHA-256 of all parameters as little-endian f32, in the order of `weights()`: 64 hexadecimal digits.
   * @throws {Error} in a page that is neither of https nor of localhost: it has no cryptography.
   */
  async weightsSha256(): Promise<string> {
    this.#memory.checkLive('weightsSha256');
    return sha256Of(this.#memory.parameters);
  }

  /** Bytes of linear memory that the model holds; asked before its first use, what it will hold. */
  get memoryBytes(): number {
    this.#memory.checkLive('memoryBytes');
    return this.#memory.programFor('memoryBytes').byteLength;
  }

  /** Gives the memory back. A running `fit` ends with an error. Twice does no harm. */
  dispose(): void {
    this.#memory.dispose();
  }
}

/** Pixels as the network reads them, before it normalises them. */
function floatsOf(pixels: Uint8Array | Float32Array): Float32Array {
  return isTypedArray(pixels, 'Uint8Array')
    ? Float32Array.from(pixels, (byte) => byte / 255)
    : pixels;
}
