/**
 * A network ready to run: its memory, and the kernel calls of its steps bound to their addresses.
 *
 * The memory has the size of its plan and never grows, hence the views kept here. A step allocates nothing.
 * @module
 */

import { elementCount } from '../base/shape.ts';
import type { Dataset } from '../base/types.ts';
import { type OptimizerSpec, type OptimizerType, optimizerOf } from '../optimizers/index.ts';
import type { OptimizerState } from '../optimizers/optimizer.ts';
import type { ThreadPool } from '../threads/pool.ts';
import { Team } from '../threads/team.ts';
import { Arena } from '../wasm/memory.ts';
import { compileThreads, compileUpdate, type PixelType, type Purpose } from './calls.ts';
import { type Plan, SCALARS, SHARDS } from './plan.ts';
import { type BoundWork, bindWork, type Work } from './work.ts';

type Pixels = Uint8Array | Float32Array;

/** The halves of a training step. */
type Half = 'gradients' | 'update';

/** What all threads do in one part of a step. */
interface Part {
  /** By which the team knows it. */
  readonly key: number;
  /** By thread, bound for this one: the first is its own, alone it does all. */
  readonly work: readonly (readonly BoundWork[])[];
}

export class Program {
  readonly plan: Plan;
  /** All parameters of the network, live. */
  readonly parameters: Float32Array;
  /** Gradients of the last training step, live. */
  readonly gradients: Float32Array;
  /** Results of the last step, image by image: as many entries as it had images mean something. */
  readonly losses: Float32Array;
  readonly predictions: Int32Array;
  readonly labels: Int32Array;
  readonly #arena: Arena;
  readonly #indices: Int32Array;
  readonly #state: readonly Float32Array[];
  readonly #scalars: Float64Array;
  /** Whose state it is; undefined before the first step with the present weights. */
  #stateOf: OptimizerType | undefined;
  #optimizer: OptimizerSpec | undefined;
  readonly #steps = new Map<number, Part>();
  /** By the number of shards that had images. */
  readonly #updates: (Part | undefined)[] = [];
  #parts = 0;
  readonly #pool: ThreadPool | undefined;
  readonly #team: Team | undefined;
  /** What threads are late with; until `settle` is through, other calls come in between. */
  #late: Half | undefined;
  /** Losses, predictions and labels of the step that is late, where another call writes its own. */
  #lateResults: readonly [Float32Array, Int32Array, Int32Array] | undefined;
  #datasetPixels: PixelType = 'u8';

  /** @param pool The threads that share the work, as many as the plan has regions; none: this one alone. */
  constructor(module: WebAssembly.Module, plan: Plan, pool?: ThreadPool) {
    const {
      capacity,
      network,
      parameters: w,
      gradients: [dw = 0],
    } = plan;
    const memory = pool?.spare.take(plan.bytes) ?? plan.bytes;
    const arena = new Arena(module, memory, pool !== undefined);
    this.plan = plan;
    this.#arena = arena;
    this.parameters = arena.f32(w, network.parameterCount);
    this.gradients = arena.f32(dw, network.parameterCount);
    this.losses = arena.f32(plan.losses, capacity.batch);
    this.predictions = arena.i32(plan.predictions, capacity.batch);
    this.labels = arena.i32(plan.labels, capacity.batch);
    this.#indices = arena.i32(plan.indices, capacity.batch);
    this.#state = plan.state.map((address) => arena.f32(address, network.parameterCount));
    this.#scalars = arena.f64(plan.scalars, SCALARS);
    this.#pool = pool;
    this.#team = pool && new Team(pool, module, arena.memory, plan.control);
  }

  /** Bytes of linear memory behind this program. */
  get byteLength(): number {
    return this.#arena.byteLength;
  }

  /** Copies a training set into the memory, where it stays until the next one. */
  loadDataset({ images, labels }: Dataset): void {
    const { dataset } = this.plan;
    this.#datasetPixels = this.#copyPixels(dataset.images, images);
    this.#arena.u8(dataset.labels, labels.length).set(labels);
  }

  /**
   * Calls the other threads in: from here to `leave`, steps and evaluations are shared. While another program has them,
   * this one runs alone, to the same results; then it may ask again.
   */
  enter(): void {
    this.#team?.enter();
  }

  /** Lets the other threads go. */
  leave(): void {
    this.#team?.leave();
  }

  /** Makes the other threads forget the memory, which goes to another program: this one must not run any more. */
  dispose(): void {
    if (this.#team?.detach()) this.#pool?.spare.keep(this.#arena.memory);
  }

  /**
   * Forward, loss and backward over images `order[start]` to `order[start + count - 1]` of the training set, into a slice
   * of gradients for each shard. @returns false where a thread is late: `settle` then.
   */
  computeGradients(order: Int32Array, start: number, count: number): boolean {
    for (let i = 0; i < count; i++) this.#indices[i] = order[start + i] ?? 0;
    return this.#runHalf('gradients', this.#step('train', this.#datasetPixels, count));
  }

  /** Waits for threads that are late. @throws {Error} where one has ended. */
  async settle(): Promise<void> {
    try {
      await this.#team?.settle();
    } finally {
      this.#late = undefined;
      if (this.#lateResults !== undefined) {
        const [losses, predictions, labels] = this.#lateResults;
        this.losses.set(losses);
        this.predictions.set(predictions);
        this.labels.set(labels);
        this.#lateResults = undefined;
      }
    }
  }

  /**
   * For a call that comes while `settle` waits: waits too, where threads are late with one of these halves.
   * @throws {Error} after ten seconds.
   */
  insist(...halves: readonly Half[]): void {
    if (this.#late !== undefined && halves.includes(this.#late)) this.#team?.insist();
  }

  /** Makes ready for steps of an optimizer: what the same one remembers is kept, else it starts from 0. */
  prepareUpdates(spec: OptimizerSpec): void {
    this.#optimizer = spec;
    this.#updates.length = 0;
    if (spec.type === this.#stateOf) return;
    for (const block of this.#state) block.fill(0);
    this.#scalars.set(optimizerOf(spec).scalars);
    this.#stateOf = spec.type;
  }

  /** Makes the next optimizer start anew, also where it is the one before. */
  forgetUpdates(): void {
    this.#stateOf = undefined;
  }

  /** What the optimizer remembers of the steps it took, a copy. */
  optimizerState(): OptimizerState {
    const spec = this.#optimizer;
    if (spec === undefined) throw new Error('internal: no optimizer before prepareUpdates');
    const { stateBlocks, scalars } = optimizerOf(spec);
    return {
      blocks: this.#state.slice(0, stateBlocks).map((block) => block.slice()),
      scalars: Array.from(this.#scalars.subarray(0, scalars.length)),
    };
  }

  /** Makes an optimizer remember this, which `checkOptimizerState` has seen. */
  restoreOptimizer(spec: OptimizerSpec, state: OptimizerState): void {
    for (const [i, block] of state.blocks.entries()) this.#state[i]?.set(block);
    this.#scalars.set(state.scalars);
    this.#stateOf = spec.type;
  }

  /** Whether the weights and what the optimizer remembers are finite numbers: nothing can be learned from others. */
  isFinite(): boolean {
    const { blocks, scalars } = this.optimizerState();
    return [this.parameters, ...blocks, scalars].every((numbers) => numbers.every(Number.isFinite));
  }

  /** Goes on from where another program of the same network is. It has at most as many blocks of state. */
  takeOver(other: Program): void {
    this.parameters.set(other.parameters);
    for (const [i, block] of other.#state.entries()) this.#state[i]?.set(block);
    this.#scalars.set(other.#scalars);
    this.#stateOf = other.#stateOf;
  }

  /**
   * Sums the gradient slices of `count` images and takes one step of the prepared optimizer.
   * @returns false where a thread is late: `settle` then.
   */
  update(count: number): boolean {
    const spec = this.#optimizer;
    if (spec === undefined) throw new Error('internal: an update before prepareUpdates');
    optimizerOf(spec).advance?.(spec, this.#scalars);
    const shards = Math.min(count, SHARDS);
    let part = this.#updates[shards];
    if (part === undefined) {
      part = this.#define(compileUpdate(this.plan, spec, count));
      this.#updates[shards] = part;
    }
    return this.#runHalf('update', part);
  }

  /** Losses and predictions of up to `batch` images from outside. */
  evaluate(images: Pixels, labels: Uint8Array): void {
    this.#arena.u8(this.plan.chunk.labels, labels.length).set(labels);
    this.#runChunk('evaluate', images, labels.length);
  }

  /** Outputs of up to `batch` images from outside: a view that the next call overwrites. */
  predict(images: Pixels, count: number): Float32Array {
    this.#runChunk('predict', images, count);
    const { outputs, network } = this.plan;
    return this.#arena.f32(outputs, count * elementCount(network.output));
  }

  /** `y[i]` = a normal number of mean 0 for each of the random bits it holds: see assembly/lib/random.ts. */
  drawNormal(
    element: number,
    length: number,
    standardDeviation: number,
    fill: (bits: Uint32Array) => void,
  ): void {
    const address = this.plan.parameters + element * Float32Array.BYTES_PER_ELEMENT;
    fill(this.#arena.u32(address, length));
    this.#arena.kernels.randomNormal(address, address, length, standardDeviation);
  }

  #runChunk(purpose: Purpose, images: Pixels, count: number): void {
    this.insist('gradients', 'update');
    if (this.#late !== undefined) {
      this.#lateResults ??= [this.losses.slice(), this.predictions.slice(), this.labels.slice()];
    }
    const pixels = this.#copyPixels(this.plan.chunk.images, images);
    for (let i = 0; i < count; i++) this.#indices[i] = i;
    if (!this.#run(this.#step(purpose, pixels, count))) this.#team?.insist();
  }

  #copyPixels(address: number, images: Pixels): PixelType {
    if (images instanceof Uint8Array) {
      this.#arena.u8(address, images.length).set(images);
      return 'u8';
    }
    this.#arena.f32(address, images.length).set(images);
    return 'f32';
  }

  #step(purpose: Purpose, pixels: PixelType, count: number): Part {
    const key = count * 6 + PURPOSES.indexOf(purpose) * 2 + (pixels === 'u8' ? 0 : 1);
    let part = this.#steps.get(key);
    if (part === undefined) {
      const source = purpose === 'train' ? this.plan.dataset : this.plan.chunk;
      part = this.#define(compileThreads(this.plan, { purpose, source, pixels, count }));
      this.#steps.set(key, part);
    }
    return part;
  }

  #define(threads: readonly (readonly Work[])[]): Part {
    const { kernels, memory } = this.#arena;
    const key = this.#parts++;
    this.#team?.define(key, threads);
    return { key, work: threads.map((work) => bindWork(kernels, memory.buffer, work)) };
  }

  #runHalf(half: Half, part: Part): boolean {
    const isDone = this.#run(part);
    this.#late = isDone ? undefined : half;
    return isDone;
  }

  /** @returns false where a thread is late. */
  #run({ key, work }: Part): boolean {
    if (this.#team?.isEntered) return this.#team.run(key, work[0] ?? []);
    for (const share of work) for (const run of share) run();
    return true;
  }
}

const PURPOSES: readonly Purpose[] = ['train', 'evaluate', 'predict'];
