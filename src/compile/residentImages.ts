/**
 * The images of training in the memory of a program: all of a data set, in rows by their index; or a block of them, those of this
 * rank in the order of an epoch. A batch is a list of rows, with the weights of its images.
 * @module
 */
import type { Dataset, ValueDataset } from '../base/types.ts';
import { imageCount } from '../data/dataset.ts';
import type { LossSpec } from '../losses/registry.ts';
import type { Weighting } from '../losses/weighting.ts';
import type { Arena } from '../wasm/memory.ts';
import { BatchWeights } from './batchWeights.ts';
import { copySource, targetsOf } from './copySource.ts';
import type { Plan } from './plan.ts';
import type { SourceTypes } from './stepOptions.ts';

export class ResidentImages {
  /** Whether they are a block; else all are here. */
  isBlock = false;
  readonly #arena: Arena;
  readonly #plan: Plan;
  /** Of the images of the batch: their rows here, and their indices in the data set. */
  readonly #rows: Int32Array;
  readonly #numbers: Int32Array;
  readonly #weights: BatchWeights;
  /** By row. */
  #weighting: Weighting = {};
  #types: SourceTypes = { pixels: 'u8', targets: 'u8' };
  /** Of a block: the row of the next image. */
  #nextRow = 0;

  constructor(arena: Arena, plan: Plan) {
    const { batch } = plan.capacity;
    this.#arena = arena;
    this.#plan = plan;
    this.#rows = arena.i32(plan.training.indices, batch);
    this.#numbers = arena.i32(plan.numbers, batch);
    this.#weights = new BatchWeights(arena, plan, plan.training);
  }

  /** How they are held. */
  get types(): SourceTypes {
    return this.#types;
  }

  /** Whether they have factors in the mean that the loss is. */
  get isWeighted(): boolean {
    const { images, classes } = this.#weighting;
    return images !== undefined || classes !== undefined || this.isTold;
  }

  /**
   * Whether ranks tell one another what their images weigh, which they alone have read. Images without weights then have the
   * factor 1, which changes no bit.
   */
  get isTold(): boolean {
    return this.isBlock && this.#plan.capacity.ranks.size > 1;
  }

  /** Copies them into the memory. They stay until the next ones. */
  load(dataset: Dataset | ValueDataset): void {
    const { dataset: source } = this.#plan;
    this.#types = copySource(this.#arena, source, dataset, targetsOf(dataset));
    this.#nextRow = 0;
    const count = imageCount(dataset);
    const labels =
      this.#types.targets === 'u8'
        ? this.#arena.u8(source.targets, count)
        : this.#arena.i32(source.targets, count);
    this.#weighting = { ...this.#weighting, images: dataset.weights?.slice(), labels };
  }

  /** Makes them weigh as a loss says. */
  weighBy(loss: LossSpec): void {
    this.#weighting = { ...this.#weighting, classes: this.#weights.writeOutputs(loss) };
  }

  /**
   * Makes images `order[start]` to `order[start + count - 1]` of the data set the batch.
   * @param own Of a block: which images of the batch are this rank's.
   */
  take(
    order: Int32Array,
    start: number,
    count: number,
    own: { readonly start: number; readonly end: number },
  ): void {
    const [from, to] = this.isBlock ? [own.start, own.end] : [0, count];
    for (let i = 0; i < count; i++) this.#numbers[i] = order[start + i] ?? 0;
    for (let i = from; i < to; i++) {
      this.#rows[i] = this.isBlock ? this.#nextRow++ : (this.#numbers[i] ?? 0);
    }
    if (this.isWeighted) this.#weights.weigh(this.#rows, from, to, this.#weighting);
  }

  /** Makes the weights of the batch, which are those of all ranks now, factors in its mean. */
  normalize(count: number): void {
    if (this.isWeighted) this.#weights.normalize(count);
  }
}
