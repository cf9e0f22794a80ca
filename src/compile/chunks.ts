/** Evaluation and prediction in the memory of a program: images from outside, at most a batch of them at a time. @module */
import { isTypedArray } from '../base/brands.ts';
import { elementCount } from '../base/shape.ts';
import type { Dataset, Images, ValueDataset } from '../base/types.ts';
import type { LossSpec } from '../losses/registry.ts';
import type { Arena } from '../wasm/memory.ts';
import { BatchWeights } from './batchWeights.ts';
import { compilePhases } from './calls.ts';
import { copyPixels, copySource, targetsOf } from './copySource.ts';
import { resultsOf } from './gathers.ts';
import { type LiveBatch, viewBatch } from './liveBatch.ts';
import type { Part, Phases } from './phases.ts';
import type { Plan } from './plan.ts';
import type { StepOptions } from './stepOptions.ts';

/** Images `start` to `start + count - 1` of a data set, and how they are measured. */
export interface Chunk {
  readonly dataset: Dataset | ValueDataset;
  readonly start: number;
  readonly count: number;
  readonly loss: LossSpec;
  readonly usesAverage: boolean;
  /** Whether all ranks evaluate the same images now. */
  readonly isShared?: boolean;
}

export class Chunks {
  /** Of the last evaluation, live. */
  readonly results: LiveBatch;
  readonly #arena: Arena;
  readonly #plan: Plan;
  readonly #phases: Phases;
  /** All of them, as they come. */
  readonly #rows: Int32Array;
  readonly #weights: BatchWeights;
  /** By what they compute and from how many images. */
  readonly #parts = new Map<string, Part>();

  constructor(arena: Arena, plan: Plan, phases: Phases) {
    this.results = viewBatch(arena, plan, plan.evaluation);
    this.#arena = arena;
    this.#plan = plan;
    this.#phases = phases;
    this.#rows = arena.i32(plan.evaluation.indices, plan.capacity.batch);
    for (let i = 0; i < plan.capacity.batch; i++) this.#rows[i] = i;
    this.#weights = new BatchWeights(arena, plan, plan.evaluation);
  }

  /** See Program. */
  evaluate({ dataset, start, count, loss, usesAverage, isShared = false }: Chunk): number {
    const pixelCount = elementCount(dataset.shape);
    const all = targetsOf(dataset);
    const length = isTypedArray(all, 'Float32Array') ? elementCount(this.#plan.network.output) : 1;
    const types = copySource(
      this.#arena,
      this.#plan.chunk,
      { images: dataset.images.subarray(start * pixelCount, (start + count) * pixelCount) },
      all.subarray(start * length, (start + count) * length),
    );
    const images = dataset.weights?.subarray(start, start + count);
    const isWeighted = images !== undefined;
    this.#weights.weigh(this.#rows, 0, count, {
      images,
      labels: all.subarray(start, start + count),
      classes: this.#weights.writeOutputs(loss),
    });
    const key = JSON.stringify([loss, types, count, isWeighted, usesAverage, isShared]);
    const purpose = { type: 'evaluate', loss } as const;
    this.#run(key, { purpose, ...types, count, isWeighted, usesAverage, isShared });
    if (!isShared) this.#phases.insist();
    return this.#weights.sum(count);
  }

  /** See Program. */
  predict(images: Images['images'], count: number, usesAverage: boolean): Float32Array {
    const pixels = copyPixels(this.#arena, this.#plan.chunk.images, images);
    const purpose = { type: 'predict' } as const;
    const options = { purpose, pixels, targets: 'u8', usesAverage, count } as const;
    this.#run(`${pixels} ${count} ${usesAverage}`, options);
    this.#phases.insist();
    return this.results.outputs.subarray(0, count * this.results.length);
  }

  #run(key: string, options: StepOptions): void {
    this.#phases.insist();
    let part = this.#parts.get(key);
    if (part === undefined) {
      const { phases } = compilePhases(this.#plan, options);
      const results = options.isShared ? [resultsOf(this.#plan, options)] : [];
      part = this.#phases.define([...phases, ...results]);
      this.#parts.set(key, part);
    }
    this.#phases.run(part);
  }
}
