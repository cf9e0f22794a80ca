/**
 * One epoch of training with a clock between its parts: the very kernel calls that `fit` makes, in its order, over a
 * memory of its own. The clock is read a few times a shard, some 50 ns each: nothing beside a shard's milliseconds.
 * @module
 */

import { shuffledOrder } from '../base/random.ts';
import type { Dataset } from '../base/types.ts';
import { compileStep, compileUpdate } from '../compile/calls.ts';
import { fuse } from '../compile/fuse.ts';
import { inferNetwork } from '../compile/network.ts';
import { type Plan, planMemory } from '../compile/plan.ts';
import { type BoundWork, bindWork, type Work } from '../compile/work.ts';
import type { Backend } from '../model/backend.ts';
import type { Model } from '../model/model.ts';
import type { OptimizerSpec } from '../optimizers/index.ts';
import { Arena } from '../wasm/memory.ts';
import type { Parts } from './result.ts';

const STEP_PARTS = ['gather', 'forward', 'loss', 'backward'] as const;

/** The calls of a step, bound: by shard, then by part. */
interface BoundStep {
  readonly shards: readonly (readonly (readonly BoundWork[])[])[];
  readonly update: readonly BoundWork[];
}

export class PartTimer {
  /** All parameters, live: after as many epochs, those of `fit` from the same start. */
  readonly parameters: Float32Array;
  readonly #plan: Plan;
  readonly #arena: Arena;
  readonly #indices: Int32Array;
  readonly #order: Int32Array;
  readonly #steps = new Map<number, BoundStep>();
  #epoch = 0;

  /** Starts from the weights that `model` has now. The images are bytes. */
  constructor(backend: Backend, model: Model, dataset: Dataset, batch: number) {
    const { images, labels } = dataset;
    const capacity = {
      batch,
      imageBytes: images.byteLength,
      imageCount: labels.length,
      stateBlocks: 0,
    };
    const network = inferNetwork(model.spec);
    const steps = fuse(network.layers, true);
    this.#plan = planMemory(network, steps, capacity, backend.kernels('bench'), 1);
    this.#arena = new Arena(backend.programParts('bench', 0).module, this.#plan.bytes);
    this.#arena.u8(this.#plan.dataset.images, images.length).set(images);
    this.#arena.u8(this.#plan.dataset.labels, labels.length).set(labels);
    this.parameters = this.#arena.f32(this.#plan.parameters, model.parameterCount);
    let offset = 0;
    for (const { data } of model.weights().values()) {
      this.parameters.set(data, offset);
      offset += data.length;
    }
    this.#indices = this.#arena.i32(this.#plan.indices, batch);
    this.#order = new Int32Array(labels.length);
  }

  /** Milliseconds of one epoch, by part. */
  run(optimizer: OptimizerSpec): Parts {
    const spent = { gather: 0, forward: 0, loss: 0, backward: 0, update: 0 };
    const { batch } = this.#plan.capacity;
    shuffledOrder(this.#order, 1, ++this.#epoch);
    for (let start = 0; start < this.#order.length; start += batch) {
      const images = this.#order.subarray(start, start + batch);
      this.#indices.set(images);
      this.#runStep(this.#step(images.length, optimizer), spent);
    }
    return spent;
  }

  #runStep({ shards, update }: BoundStep, spent: MutableParts): void {
    let before = performance.now();
    const lap = (part: keyof Parts) => {
      const now = performance.now();
      spent[part] += now - before;
      before = now;
    };
    for (const parts of shards) {
      for (const [index, part] of STEP_PARTS.entries()) {
        for (const call of parts[index]) call();
        lap(part);
      }
    }
    for (const work of update) work();
    lap('update');
  }

  #step(count: number, optimizer: OptimizerSpec): BoundStep {
    const known = this.#steps.get(count);
    if (known !== undefined) return known;
    const source = this.#plan.dataset;
    const shards = compileStep(this.#plan, { purpose: 'train', source, pixels: 'u8', count });
    const { kernels, memory } = this.#arena;
    const bindAll = (work: readonly Work[]) => bindWork(kernels, memory.buffer, work);
    const step = {
      shards: shards.map((shard) => STEP_PARTS.map((part) => bindAll(shard[part]))),
      update: bindAll(compileUpdate(this.#plan, optimizer, count).flat()),
    };
    this.#steps.set(count, step);
    return step;
  }
}

type MutableParts = { -readonly [Part in keyof Parts]: number };
