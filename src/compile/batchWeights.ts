/**
 * What the images of a batch weigh in its loss, in the memory of a program: a factor of each image (weighting.ts), and the weights
 * that a loss has for the outputs.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import { type LossSpec, lossOf } from '../losses/registry.ts';
import {
  type ImageWeights,
  normalizeWeights,
  sumOfWeights,
  type Weighting,
  weigh,
} from '../losses/weighting.ts';
import type { Arena } from '../wasm/memory.ts';
import type { Batch, Plan } from './plan.ts';

export class BatchWeights {
  readonly #images: ImageWeights;
  readonly #outputs: Float32Array;

  constructor(arena: Arena, { network, capacity }: Plan, batch: Batch) {
    this.#images = {
      weights: arena.f32(batch.weights, capacity.batch),
      products: arena.f64(batch.products, capacity.batch),
    };
    this.#outputs = arena.f32(batch.outputWeights, elementCount(network.output));
  }

  /** Writes the weights that a loss has for the outputs. @returns them, live, if they are those of classes. */
  writeOutputs(loss: LossSpec): Float32Array | undefined {
    const { weights, weighsLabels } = lossOf(loss);
    const given = weights?.(loss, this.#outputs.length);
    if (given === undefined) return undefined;
    this.#outputs.set(given);
    return weighsLabels ? this.#outputs : undefined;
  }

  /** Writes the weights of images `start` to `end` − 1 of the batch, which are in these rows of the data. */
  weigh(rows: Int32Array, start: number, end: number, weighting: Weighting): void {
    weigh(this.#images, rows, start, end, weighting);
  }

  /** Makes the weights of all images factors in the mean over `count` images. */
  normalize(count: number): void {
    normalizeWeights(this.#images, count);
  }

  /** By what the sum of the losses of `count` images is to be divided. */
  sum(count: number): number {
    return sumOfWeights(this.#images, count);
  }
}
