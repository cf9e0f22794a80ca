/**
 * One epoch of training with a clock between its parts: the same kernel calls as in `fit`, in the same order, over a
 * memory of its own. The clock is read a few times per shard, some 50 ns each, which is nothing beside a shard's
 * milliseconds.
 * @module
 */

import { shuffledOrder } from '../base/random.ts';
import type { Dataset } from '../base/types.ts';
import { compileStep } from '../compile/calls.ts';
import { fuse } from '../compile/fuse.ts';
import { inferNetwork } from '../compile/network.ts';
import { DEFAULT_SHARDS, type Plan, planMemory } from '../compile/plan.ts';
import { ALONE } from '../compile/ranks.ts';
import type { PartCalls } from '../compile/shardCalls.ts';
import { compileUpdate } from '../compile/update.ts';
import { type BoundWork, bindWork, type Work } from '../compile/work.ts';
import { DEFAULT_LOSS } from '../losses/registry.ts';
import type { Backend } from '../model/backend.ts';
import type { Model } from '../model/model.ts';
import { Rate } from '../model/rate.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import { Arena } from '../wasm/memory.ts';
import type { Parts } from './result.ts';

/** The bound calls of a step, in the order in which they run. */
type BoundStep = readonly { readonly part: keyof Parts; readonly work: readonly BoundWork[] }[];

/** Trains as `fit` does, and times the parts of each step. */
export class PartTimer {
  /** A view of all parameters. From the same start and after as many epochs they equal the parameters of `fit`. */
  readonly parameters: Float32Array;
  readonly #plan: Plan;
  readonly #arena: Arena;
  readonly #indices: Int32Array;
  readonly #order: Int32Array;
  readonly #steps = new Map<number, BoundStep>();
  #epoch = 0;

  /** Starts from the weights that `model` has now. Images and labels are bytes. */
  constructor(backend: Backend, model: Model, dataset: Dataset, batch: number) {
    const { images, labels } = dataset;
    const capacity = {
      batch,
      imageBytes: images.byteLength,
      targetBytes: labels.byteLength,
      hasValues: false,
      stateBlocks: 0,
      shards: DEFAULT_SHARDS,
      hasAverage: false,
      hasGroups: false,
      ranks: ALONE,
    };
    const network = inferNetwork(model.spec);
    const steps = fuse(network, true);
    this.#plan = planMemory(network, steps, capacity, backend.kernels('bench'), 1);
    const { module, isShared } = backend.programParts('bench', 0);
    this.#arena = new Arena(module, this.#plan.bytes, isShared);
    this.#arena.u8(this.#plan.dataset.images, images.length).set(images);
    this.#arena.u8(this.#plan.dataset.targets, labels.length).set(labels);
    this.parameters = this.#arena.f32(this.#plan.parameters, network.blockLength);
    let offset = 0;
    for (const { data } of model.weights().values()) {
      this.parameters.set(data, offset);
      offset += data.length;
    }
    this.#indices = this.#arena.i32(this.#plan.training.indices, batch);
    this.#order = new Int32Array(labels.length);
  }

  /** Runs one epoch. @returns milliseconds by part. */
  run(optimizer: OptimizerSpec): Parts {
    const spent = { gather: 0, forward: 0, loss: 0, backward: 0, update: 0 };
    const { batch } = this.#plan.capacity;
    this.#arena.f64(this.#plan.scalars, 1)[0] = new Rate(optimizer, {
      epochs: 1,
      stepsPerEpoch: 1,
    }).rateOf(0);
    shuffledOrder(this.#order, 1, ++this.#epoch);
    for (let start = 0; start < this.#order.length; start += batch) {
      const images = this.#order.subarray(start, start + batch);
      this.#indices.set(images);
      runStep(this.#step(images.length, optimizer), spent);
    }
    return spent;
  }

  #step(count: number, optimizer: OptimizerSpec): BoundStep {
    const known = this.#steps.get(count);
    if (known !== undefined) return known;
    const { kernels, memory } = this.#arena;
    const bind = (work: readonly Work[]) => bindWork(kernels, memory.buffer, work);
    const purpose = { type: 'train', loss: DEFAULT_LOSS } as const;
    const options = { purpose, pixels: 'u8', targets: 'u8', count } as const;
    const { shards, updates } = compileStep(this.#plan, options);
    const gradients = this.#plan.hasChains
      ? shards.flatMap((phases) => phases.flat())
      : shards[0].flatMap((_, phase) => shards.flatMap((shard): PartCalls[] => [...shard[phase]]));
    const update = compileUpdate(this.#plan, { optimizer, count, averages: false, updates });
    const updateWork = update.flatMap((tasksOf) => tasksOf(0).flat());
    const step: BoundStep = [
      ...gradients.map(({ part, calls }) => ({ part, work: bind(calls) })),
      { part: 'update', work: bind(updateWork) },
    ];
    this.#steps.set(count, step);
    return step;
  }
}

function runStep(step: BoundStep, spent: MutableParts): void {
  let before = performance.now();
  for (const { part, work } of step) {
    for (const run of work) run();
    const now = performance.now();
    spent[part] += now - before;
    before = now;
  }
}

type MutableParts = { -readonly [Part in keyof Parts]: number };
