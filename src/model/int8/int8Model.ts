/** A model that computes in whole numbers. @module */
import { isTypedArray } from '../../base/brands.ts';
import { checkOptions } from '../../base/options.ts';
import { checkSameShape, elementCount } from '../../base/shape.ts';
import type {
  Dataset,
  Evaluation,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from '../../base/types.ts';
import { inferNetwork, type Network } from '../../compile/network.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import { checkDataset, checkPixels, checkValueDataset, targetsOf } from '../../data/dataset.ts';
import { fieldsOf } from '../../data/fields.ts';
import { readOrigin } from '../../data/origin.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import { layersNamed } from '../layerOutputs.ts';
import { createModel, Model } from '../model.ts';
import {
  type EvaluateOptions,
  type ModelOptions,
  type Prediction,
  type PredictOptions,
  predictChecks,
} from '../modelOptions.ts';
import type { Runtime } from '../runtime.ts';
import { groupsOf } from './grids.ts';
import { integerNetwork } from './integerNetwork.ts';
import type { IntegerNetwork } from './operations.ts';
import { dequantized, type Quantization } from './quantization.ts';
import { IntegerRun, type Numbers } from './run.ts';

/** What `quantizeModel` and the file of such a model know. */
export interface Int8Content extends Omit<ModelOptions, 'fuse'> {
  readonly spec: ModelSpec;
  readonly quantization: Quantization;
}

/**
 * Made by `quantizeModel`, or from a file. It predicts and is evaluated in whole numbers, on one thread: bytes as they are,
 * floats rounded to bytes (0 … 1 is 0 … 255). `weights()` are the numbers that its whole numbers stand for. It does not train.
 */
export class Int8Model extends Model {
  readonly quantization: Quantization;
  /** What it computes. */
  readonly integers: IntegerNetwork;
  readonly #network: Network;
  /** Takes the output of the whole numbers as its image: a last softmax, the losses and the metrics are those of any model. */
  readonly #head: Model;

  /** Use `quantizeModel` or `loadModel`. @throws {RangeError} naming a layer that is not served. */
  constructor(backend: Runtime, { spec, quantization, ...options }: Int8Content) {
    const network = inferNetwork(spec);
    const { seed = 1 } = options;
    const head = createModel(backend, headOf(network), options);
    super(backend, network, seed, true, head.loss, readOrigin('int8', options));
    this.integers = integerNetwork(network, quantization);
    this.quantization = quantization;
    this.#network = network;
    this.#head = head;
    super.setWeights(dequantized(network, quantization));
  }

  override predict(images: Uint8Array | Float32Array | Tensor): Tensor;
  override predict(images: Uint8Array | Float32Array | Tensor, options: PredictOptions): Prediction;
  override predict(
    images: Uint8Array | Float32Array | Tensor,
    options?: PredictOptions,
  ): Tensor | Prediction {
    const { outputs = [] } = checkOptions('predict', options, predictChecks);
    const asked = layersNamed('predict', this.#network, outputs);
    for (const { spec, index } of asked) checkOwnOutput(this.#network, spec.name, index);
    const pixels = checkPixels('predict', images, this.spec.inputShape);
    const named = asked.map((): number[][] => []);
    const before = this.#run(pixels, (numbersOf) => {
      for (const [i, { index }] of asked.entries()) named[i]?.push(numbersOf(index + 1));
    });
    const prediction = this.#head.predict(before);
    if (options === undefined) return prediction;
    const [count = 0] = prediction.shape;
    const entries = asked.map(({ spec, index, output }, i): [string, Tensor] => {
      const isLast = index === this.#network.layers.length - 1;
      const data = isLast ? prediction.data.slice() : Float32Array.from(named[i]?.flat() ?? []);
      return [spec.name ?? '', { shape: [count, ...output], data }];
    });
    return { ...prediction, outputs: Object.fromEntries(entries) };
  }

  override evaluate(dataset: Dataset, options?: EvaluateOptions): Evaluation;
  override evaluate(dataset: ValueDataset, options?: EvaluateOptions): ValueEvaluation;
  override evaluate(
    dataset: Dataset | ValueDataset,
    options?: EvaluateOptions,
  ): Evaluation | ValueEvaluation {
    const { inputShape } = this.spec;
    if (targetsOf(dataset) === 'classes') checkDataset('evaluate', dataset as Dataset);
    else checkValueDataset('evaluate', dataset as ValueDataset, this.#network.output);
    checkSameShape('evaluate: images', inputShape, dataset.shape);
    const pixels = checkPixels('evaluate', dataset.images, inputShape);
    const before = this.#run(pixels);
    const outputs = { ...fieldsOf(dataset), images: before, shape: this.#head.spec.inputShape };
    return this.#head.evaluate(outputs as Dataset, options);
  }

  /** @throws {Error} in any case: whole numbers have no gradient. */
  override fit(): Promise<never> {
    return Promise.reject(
      new Error(
        'fit: expected a model in single precision, got one in int8. Train that, and quantize it again.',
      ),
    );
  }

  /** @throws {Error} in any case: the whole numbers would not follow. */
  override setWeights(): never {
    throw new Error(
      'setWeights: expected a model in single precision, got one in int8. Use createModel and quantizeModel.',
    );
  }

  override dispose(): void {
    this.#head.dispose();
    super.dispose();
  }

  /** The outputs before a last softmax or sigmoid, image by image. */
  #run(
    pixels: Uint8Array | Float32Array,
    look: (numbersOf: (value: number) => number[]) => void = () => {},
  ): Float32Array {
    const { inputShape } = this.spec;
    const { scales, zeros } = this.quantization;
    const bytes = isTypedArray(pixels, 'Uint8Array') ? pixels : bytesOf(pixels);
    const pixelCount = elementCount(inputShape);
    const run = new IntegerRun(this.integers);
    const length = this.integers.lengths[this.integers.output] ?? 0;
    const outputs = new Float32Array((bytes.length / pixelCount) * length);
    for (let n = 0; n * pixelCount < bytes.length; n++) {
      outputs.set(run.run(bytes.subarray(n * pixelCount, (n + 1) * pixelCount)), n * length);
      look((value) => floatsOf(run.value(value), scales[value] ?? 0, zeros[value] ?? 0));
    }
    return outputs;
  }
}

/** Throws if what a layer writes is the output of a ReLU behind it, which it does at once. */
function checkOwnOutput(network: Network, name: string | undefined, index: number): void {
  const { rootOf, isFree } = groupsOf(network);
  const relu = network.layers.find(
    (layer) =>
      layer.index > index && isFree(layer) && rootOf[layer.index + 1] === rootOf[index + 1],
  );
  if (relu === undefined) return;
  throw new RangeError(
    `predict: expected a layer whose output there is in int8, got ${name}, which computes ${relu.where} at once. Ask for that layer by a name, or ask the model in single precision.`,
  );
}

/** The part of a network that takes floats. */
function headOf({ layers, shapes }: Network): ModelSpec {
  const last = layers.at(-1)?.spec;
  const tail: LayerSpec[] =
    last?.type === 'softmax' || last?.type === 'sigmoid' ? [{ type: last.type }] : [];
  const shape = shapes.at(-1) ?? [];
  return { inputShape: [elementCount(shape), 1, 1], layers: [{ type: 'reshape', shape }, ...tail] };
}

/** Floats from 0 to 1 as bytes; beyond they saturate. */
function bytesOf(pixels: Float32Array): Uint8Array {
  return Uint8Array.from(pixels, (pixel) => Math.max(0, Math.min(255, Math.round(pixel * 255))));
}

function floatsOf(numbers: Numbers, scale: number, zero: number): number[] {
  return isTypedArray(numbers, 'Float32Array')
    ? [...numbers]
    : Array.from(numbers, (q) => scale * (q - zero));
}
