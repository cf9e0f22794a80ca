/**
 * A model in memory: its parameters, and the program that runs it. The program is compiled when it is first needed, and
 * again if it lacks room; the parameters stay.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import type {
  Dataset,
  DatasetSource,
  Tensor,
  ValueDataset,
  ValueDatasetSource,
} from '../base/types.ts';
import type { Step } from '../compile/fuse.ts';
import { type Network, workOf } from '../compile/network.ts';
import { type Capacity, DEFAULT_SHARDS, planMemory } from '../compile/plan.ts';
import { Program } from '../compile/program.ts';
import { ALONE } from '../compile/ranks.ts';
import { targetsOf } from '../data/dataset.ts';
import type { Stream } from '../data/source.ts';
import type { Arena } from '../wasm/memory.ts';
import { DEFAULT_BATCH } from './fitOptions.ts';
import type { Runtime } from './runtime.ts';
import { blockOf, initialBlock } from './weights.ts';

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
  ranks: ALONE,
};

export class ModelMemory {
  readonly network: Network;
  readonly steps: readonly Step[];
  /** Whether evaluation uses the average of the weights: while a fit keeps one. */
  usesAverage = false;
  readonly #runtime: Runtime;
  /** The parameters until there is a program, which holds them from then on. */
  #block: Float32Array | undefined;
  #program: Program | undefined;
  #isDisposed = false;
  /** Whether a fit works in the memory of the program: then it stays the one. */
  #isInUse = false;

  /** With fresh weights. @throws {RangeError} if no memory could hold it. */
  constructor(runtime: Runtime, network: Network, steps: readonly Step[], seed: number) {
    this.network = network;
    this.steps = steps;
    this.#runtime = runtime;
    planMemory(network, steps, SMALLEST, runtime.kernels('createModel'), 1); // refuses what never fits
    this.#block = initialBlock(network, seed, runtime.arena('createModel'));
  }

  /** @throws {Error} after `dispose()`, or after a kernel has failed half-way; `where` begins the message. */
  checkLive(where: string): void {
    const hasFailed = this.#program?.hasFailed === true;
    if (!this.#isDisposed && !hasFailed) return;
    throw new Error(
      `${where}: expected a live model, got one ${hasFailed ? 'of which a computation failed half-way' : 'that was disposed of'}. Create another.`,
    );
  }

  /** The parameters, live, after what other threads still do with them. */
  get parameters(): Float32Array {
    this.#program?.insist();
    const block = this.#program?.parameters ?? this.#block;
    if (block === undefined) throw new Error('internal: a live model without parameters');
    return block;
  }

  /** A copy of the parameters that evaluation and prediction use. */
  get evaluatedParameters(): Float32Array {
    const block = this.parameters.slice();
    if (this.usesAverage && this.#program !== undefined) block.set(this.#program.average);
    return block;
  }

  /**
   * Takes over parameters; what the optimizer remembers of others is forgotten.
   * @param isStrict False keeps what `weights` does not have.
   */
  setParameters(where: string, weights: ReadonlyMap<string, Tensor>, isStrict = true): void {
    const live = this.parameters;
    live.set(blockOf(where, this.network, weights, isStrict ? undefined : live));
    this.#program?.forgetUpdates();
  }

  /** A memory that every call may overwrite. */
  arena(where: string): Arena {
    return this.#runtime.arena(where);
  }

  /** The stream of a source. @throws as `openStream` of data/stream.ts does. */
  openStream(where: string, source: DatasetSource | ValueDatasetSource): Promise<Stream> {
    return this.#runtime.openStream(where, source, elementCount(this.network.output));
  }

  get capacity(): Capacity {
    return this.#program?.plan.capacity ?? SMALLEST;
  }

  /** The program for `predict`, with the room that it has. */
  programFor(where: string): Program {
    return this.program(where, this.capacity);
  }

  /** The program for so many images of a data set at a time, which stays outside of its memory. */
  programToEvaluate(where: string, dataset: Dataset | ValueDataset, batch = 1): Program {
    const hasValues = targetsOf(dataset) === 'values';
    const { shards, ranks } = this.capacity;
    return this.program(where, { ...SMALLEST, batch, hasValues, shards, ranks });
  }

  /** The program, compiled now if there is none or it lacks room. */
  program(where: string, needed: Capacity): Program {
    const current = this.#program;
    const had = this.capacity;
    if (current !== undefined && fits(needed, had)) return current;
    if (this.#isInUse) {
      // a batch is never larger than that of the fit, so this is what there is no room for
      throw new Error(
        `${where}: expected data with labels while fit trains on labels alone, got values. Measure these after it.`,
      );
    }
    const program = this.#compile(where, {
      batch: Math.max(had.batch, needed.batch),
      imageBytes: Math.max(had.imageBytes, needed.imageBytes),
      targetBytes: Math.max(had.targetBytes, needed.targetBytes),
      hasValues: had.hasValues || needed.hasValues,
      stateBlocks: Math.max(had.stateBlocks, needed.stateBlocks),
      shards: needed.shards,
      hasAverage: had.hasAverage || needed.hasAverage,
      hasGroups: had.hasGroups || needed.hasGroups,
      ranks: needed.ranks,
    });
    if (current === undefined) program.parameters.set(this.parameters);
    else {
      current.insist();
      program.takeOver(current);
      current.dispose();
    }
    this.#program = program;
    this.#block = undefined;
    return program;
  }

  /** Has the threads work for a fit. */
  enter(): void {
    this.#program?.enter();
    this.#isInUse = true;
  }

  /** Lets the threads go after a fit. */
  leave(): void {
    this.#program?.leave();
    this.#isInUse = false;
    this.usesAverage = false;
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#program?.dispose();
    this.#program = undefined;
    this.#block = undefined;
    this.#isDisposed = true;
  }

  #compile(where: string, capacity: Capacity): Program {
    const { network, steps } = this;
    const parts = this.#runtime.programParts(where, workOf(network) * capacity.batch);
    const kernels = this.#runtime.kernels(where);
    return new Program(planMemory(network, steps, capacity, kernels, parts.pool?.size ?? 1), parts);
  }
}

function fits(needed: Capacity, had: Capacity): boolean {
  return (
    needed.batch <= had.batch &&
    needed.imageBytes <= had.imageBytes &&
    needed.targetBytes <= had.targetBytes &&
    needed.stateBlocks <= had.stateBlocks &&
    needed.shards === had.shards &&
    needed.ranks.rank === had.ranks.rank &&
    needed.ranks.size === had.ranks.size &&
    needed.ranks.reduce === had.ranks.reduce &&
    (had.hasValues || !needed.hasValues) &&
    (had.hasAverage || !needed.hasAverage) &&
    (had.hasGroups || !needed.hasGroups)
  );
}
