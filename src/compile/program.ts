/**
 * A network ready to run: its memory, and the kernel calls of its steps bound to their addresses.
 *
 * The memory has the size of its plan and never grows, hence the views kept here and in what a program is made of: the images of
 * training, chunks of images from outside, what the optimizer remembers, the phases that run. A step allocates nothing.
 * @module
 */

import type { Communicator } from '../base/communicator.ts';
import type { AbortSignal, WasmModule } from '../base/engine.ts';
import type { Dataset, Images, ValueDataset } from '../base/types.ts';
import type { Augment } from '../data/augment.ts';
import type { LossSpec } from '../losses/registry.ts';
import type { OptimizerState } from '../optimizers/optimizer.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import type { ThreadPool } from '../threads/pool.ts';
import { Arena } from '../wasm/memory.ts';
import { type Chunk, Chunks } from './chunks.ts';
import { weightsOf } from './gathers.ts';
import { aloneOf, compileGradients } from './gradients.ts';
import { type LiveBatch, viewBatch } from './liveBatch.ts';
import { perChannel } from './normalization.ts';
import { OptimizerMemory } from './optimizerMemory.ts';
import { type Part, Phases } from './phases.ts';
import { CLOCK_WORDS, type Plan } from './plan.ts';
import { ResidentImages } from './residentImages.ts';
import { imagesOf } from './shards.ts';
import { compileUpdate, type Group } from './update.ts';
import { type Call, REMEMBERED } from './work.ts';

/** What training computes, and what it leaves for the update of as many images. */
interface TrainingStep {
  /** Images of this rank: `start` to `end` − 1. */
  readonly start: number;
  readonly end: number;
  /** Tells the ranks what their images weigh. */
  readonly weights: Part;
  readonly part: Part;
  readonly updates: readonly Call[];
}

/** What a program runs on. */
export interface ProgramParts {
  readonly module: WasmModule;
  /** The threads that share the work, as many as the plan says; none: this one alone. */
  readonly pool: ThreadPool | undefined;
  /** Whether the module is the build for a shared memory. */
  readonly isShared: boolean;
}

export class Program {
  readonly plan: Plan;
  /** All parameters of the network, live: the trained ones, then the running ones. */
  readonly parameters: Float32Array;
  /** The average of the trained parameters, and the gradient of a group of batches, live; empty if there are none. */
  readonly average: Float32Array;
  readonly group: Float32Array;
  /** Gradients of the last training step, live. */
  readonly gradients: Float32Array;
  /** Of the last training step, and of the last evaluation. */
  readonly training: LiveBatch;
  readonly evaluation: LiveBatch;
  readonly #arena: Arena;
  readonly #images: ResidentImages;
  readonly #chunks: Chunks;
  /** By rank. */
  readonly #wishes: Int32Array;
  readonly #clock: Uint32Array;
  /** The learning rate, and how much of the average lasts. */
  readonly #rates: Float64Array;
  readonly #memory: OptimizerMemory;
  #averages = false;
  #loss: LossSpec | undefined;
  #augment: Augment | undefined;
  /** What the calls of a training step follow from, beside the number of images. */
  #recipe = '';
  /** By the number of images. */
  readonly #steps = new Map<number, TrainingStep>();
  readonly #updates = new Map<number, Part>();
  readonly #phases: Phases;

  constructor(plan: Plan, { module, pool, isShared }: ProgramParts) {
    const { network, parameters, gradients, clock, scalars } = plan;
    const memory = pool?.spare.take(plan.bytes) ?? plan.bytes;
    const arena = new Arena(module, memory, isShared);
    this.plan = plan;
    this.#arena = arena;
    this.parameters = arena.f32(parameters, network.blockLength);
    this.gradients = arena.f32(gradients[0] ?? 0, network.trainedCount);
    this.average = arena.f32(plan.average, plan.average === 0 ? 0 : network.trainedCount);
    this.group = arena.f32(plan.group, plan.group === 0 ? 0 : network.trainedCount);
    this.training = viewBatch(arena, plan, plan.training);
    this.#wishes = arena.i32(plan.wishes, plan.capacity.ranks.size);
    this.#clock = arena.u32(clock, CLOCK_WORDS);
    this.#rates = arena.f64(scalars, REMEMBERED);
    this.#memory = new OptimizerMemory(arena, plan);
    const { inputShape, normalize } = network.spec;
    if (normalize !== undefined) {
      const [channels = 0] = inputShape;
      arena.f32(plan.normalization, 2 * channels).set(perChannel(normalize, channels));
    }
    this.#phases = new Phases(arena, module, pool, plan.control);
    this.#images = new ResidentImages(arena, plan);
    this.#chunks = new Chunks(arena, plan, this.#phases);
    this.evaluation = this.#chunks.results;
  }

  /** Whether a kernel failed half-way, so that the numbers in the memory mean nothing any more. */
  get hasFailed(): boolean {
    return this.#phases.hasFailed;
  }

  /** Bytes of linear memory behind this program. */
  get byteLength(): number {
    return this.#arena.byteLength;
  }

  /**
   * Copies a training set into the memory, or a block of it: the images of this rank, in the order in which batches use them. It
   * stays until the next one.
   */
  loadDataset(dataset: Dataset | ValueDataset): void {
    this.#images.load(dataset);
    this.#checkRecipe();
  }

  /**
   * Calls the other threads in: from here to `leave`, steps and evaluations are shared. While another program has them,
   * this one runs alone, to the same results; then it may ask again.
   */
  enter(): void {
    this.#phases.enter();
  }

  /** Lets the other threads go. */
  leave(): void {
    this.#phases.leave();
  }

  /** Makes the other threads forget the memory, which goes to another program: this one must not run any more. */
  dispose(): void {
    this.#phases.dispose();
  }

  /** What training minimises. */
  prepareLoss(loss: LossSpec): void {
    this.#images.weighBy(loss);
    this.#loss = loss;
    this.#checkRecipe();
  }

  /** With whom training is shared, if with any, and whether the images come in blocks. */
  prepareRanks(communicator: Communicator | undefined, isBlock: boolean): void {
    this.#phases.join(communicator);
    this.#images.isBlock = isBlock;
    this.#wishes.fill(0);
    this.#checkRecipe();
  }

  /** Tells the other ranks, with the next step, whether this one wishes to stop. */
  wish(isStopping: boolean): void {
    this.#wishes[this.plan.capacity.ranks.rank] = isStopping ? 1 : 0;
  }

  /** Whether a rank wished to stop when the last step began: all ranks know the same. */
  get isStopWished(): boolean {
    return this.#wishes.includes(1);
  }

  /** How training changes the images before it sees them; undefined: not at all. */
  prepareImages(augment: Augment | undefined): void {
    this.#augment = augment;
    this.#checkRecipe();
  }

  /**
   * Makes ready for steps of an optimizer: what the same one remembers is kept, all else starts anew.
   * @param averages Whether the average of the weights follows; it begins as the weights are now.
   */
  prepareUpdates(optimizer: OptimizerSpec, averages: boolean): void {
    const isSame = this.#memory.prepare(optimizer);
    if (!isSame || averages !== this.#averages) this.#updates.clear();
    this.#averages = averages;
    this.average.set(this.parameters.subarray(0, this.average.length));
  }

  /** Sets what random layers and augmentation draw from: the model's seed, the epoch of its life, the batch of the epoch. */
  setClock(seed: number, epoch: number, step: number): void {
    this.#clock[0] = seed;
    this.#clock[1] = epoch;
    this.#clock[2] = step;
  }

  /**
   * Takes images `order[start]` to `order[start + count - 1]` of the training set as the next batch.
   * @returns false if a rank is late: `settle` then.
   */
  beginBatch(order: Int32Array, start: number, count: number): boolean {
    const own = this.#step(count);
    this.#images.take(order, start, count, own);
    return !this.#images.isTold || this.#phases.run(own.weights);
  }

  /**
   * Forward, loss and backward over the batch, into the slices of gradients.
   * @returns false if a thread or a rank is late: `settle` then.
   */
  computeGradients(count: number): boolean {
    this.#images.normalize(count);
    return this.#phases.run(this.#step(count).part);
  }

  /**
   * Adds up the gradients of `count` images and takes one step of the prepared optimizer, unless the batch is not the last
   * of its group. @param averageDecay How much of the average of the weights lasts, if one is kept.
   * @returns false if a thread is late: `settle` then.
   */
  update(count: number, learningRate: number, averageDecay: number, group?: Group): boolean {
    const { optimizer } = this.#memory;
    if (group?.isLast !== false) {
      this.#rates[0] = learningRate;
      this.#rates[1] = averageDecay;
      this.#memory.advance();
    }
    const key = keyOf(count, group);
    let part = this.#updates.get(key);
    if (part === undefined) {
      const { updates } = this.#step(count);
      const averages = this.#averages;
      const phases = compileUpdate(this.plan, { optimizer, count, group, averages, updates });
      part = this.#phases.define(phases, phases, true);
      this.#updates.set(key, part);
    }
    return this.#phases.run(part);
  }

  /**
   * Waits for threads and ranks that are late, and does what remains of their part.
   * @param signal By which this rank is asked to end. @throws {Error} if a thread has ended. @throws {LostRankError}
   */
  settle(signal?: AbortSignal): Promise<void> {
    return this.#phases.settle(signal);
  }

  /**
   * For a call that comes while `settle` waits: does what remains of the part here and now.
   * @throws {Error} if a thread does not answer within ten seconds.
   */
  insist(): void {
    this.#phases.insist();
  }

  /**
   * Losses and predictions of up to `batch` images from outside; of those that all ranks evaluate, `settle` before they are read.
   * @returns the sum of their weights, by which the sum of their losses is to be divided.
   */
  evaluate(chunk: Chunk): number {
    return this.#chunks.evaluate(chunk);
  }

  /** Outputs of up to `batch` images from outside: a view that the next call overwrites. */
  predict(images: Images['images'], count: number, usesAverage: boolean): Float32Array {
    return this.#chunks.predict(images, count, usesAverage);
  }

  /** Makes the next optimizer start anew, also if it is the one before. */
  forgetUpdates(): void {
    this.#memory.forget();
  }

  /** What the optimizer remembers of the steps it took, a copy. */
  optimizerState(): OptimizerState {
    return this.#memory.state();
  }

  /** Makes an optimizer remember this, which `checkOptimizerState` has seen. */
  restoreOptimizer(optimizer: OptimizerSpec, state: OptimizerState): void {
    this.#memory.restore(optimizer, state);
  }

  /** Whether the weights and what the optimizer remembers are finite numbers: nothing can be learned from others. */
  isFinite(): boolean {
    const { blocks, scalars } = this.optimizerState();
    return [this.parameters, ...blocks, scalars].every((numbers) => numbers.every(Number.isFinite));
  }

  /** Goes on from where another program of the same network is. It has at most as many blocks of state. */
  takeOver(other: Program): void {
    this.parameters.set(other.parameters);
    this.#memory.takeOver(other.#memory);
  }

  /** Forgets the steps if they would be others now. */
  #checkRecipe(): void {
    const { types, isWeighted } = this.#images;
    const recipe = JSON.stringify([types, isWeighted, this.#loss, this.#augment]);
    if (recipe !== this.#recipe) this.#steps.clear();
    this.#recipe = recipe;
  }

  #step(count: number): TrainingStep {
    const known = this.#steps.get(count);
    if (known !== undefined) return known;
    const loss = this.#loss;
    if (loss === undefined) throw new Error('internal: no loss');
    const { types, isWeighted } = this.#images;
    const options = {
      purpose: { type: 'train', loss },
      ...types,
      count,
      isWeighted,
      augment: this.#augment,
    } as const;
    const { phases, updates } = compileGradients(this.plan, options);
    const alone = aloneOf(this.plan);
    const own = imagesOf(this.plan, count);
    const step = {
      start: own[this.plan.capacity.ranks.rank] ?? 0,
      end: own[this.plan.capacity.ranks.rank + 1] ?? 0,
      weights: this.#phases.define([weightsOf(this.plan, count)]),
      part: this.#phases.define(phases, alone && compileGradients(alone, options).phases),
      updates,
    };
    this.#steps.set(count, step);
    return step;
  }
}

/** A number for each kind of update. */
function keyOf(count: number, group: Group | undefined): number {
  if (group === undefined) return count;
  const flags = (group.isFirst ? 1 : 0) + (group.isLast ? 2 : 0);
  return -(1 + count + group.images * 2 ** 20) * 4 - flags;
}
