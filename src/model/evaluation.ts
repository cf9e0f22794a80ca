/** Measuring a program on a data set, chunk by chunk. @module */

import type { AbortSignal } from '../base/engine.ts';
import { elementCount } from '../base/shape.ts';
import type { Dataset, Evaluation, Metrics, ValueDataset, ValueEvaluation } from '../base/types.ts';
import type { Network } from '../compile/network.ts';
import type { Program } from '../compile/program.ts';
import { imageCount, targetsOf } from '../data/dataset.ts';
import type { Stream } from '../data/source.ts';
import type { LossSpec } from '../losses/registry.ts';
import { ConfusionMatrix, figuresOf } from '../metrics/confusion.ts';
import type { BatchResults, MetricDefinition } from '../metrics/metric.ts';

/** Classes of a data set; with values, the numbers that the network puts out. */
export function classesOf(dataset: Dataset | ValueDataset | Stream, { output }: Network): number {
  return targetsOf(dataset) === 'classes' ? (dataset as Dataset).classes : elementCount(output);
}

/** What is measured, and how. */
export interface MeasureOptions {
  readonly loss: LossSpec;
  readonly metrics: readonly MetricDefinition[];
  /** Images at a time. */
  readonly batchSize: number;
  readonly usesAverage: boolean;
}

/** Loss and metrics of a checked data set. */
export function measure(
  program: Program,
  dataset: Dataset | ValueDataset,
  options: MeasureOptions,
  listen?: (results: BatchResults) => void,
): Metrics & { readonly loss: number } {
  const measurement = new Measurement(classesOf(dataset, program.plan.network), options);
  measurement.add(program, dataset, listen);
  return measurement.result();
}

/**
 * Loss and metrics of images that come in parts, in double precision and in order: means over the images, in the loss by their
 * weights. The parts are of whole batches, but for the last: then they add up as the images do at once.
 */
export class Measurement {
  readonly #options: MeasureOptions;
  readonly #sums: readonly number[][];
  #count = 0;
  #total = 0;
  #weight = 0;

  constructor(classes: number, options: MeasureOptions) {
    this.#options = options;
    this.#sums = options.metrics.map(({ start }) => start(classes));
  }

  add(
    program: Program,
    dataset: Dataset | ValueDataset,
    listen: (results: BatchResults) => void = () => {},
  ): void {
    for (const { start, count } of this.#chunks(dataset)) {
      const { loss, usesAverage } = this.#options;
      const weight = program.evaluate({ dataset, start, count, loss, usesAverage });
      listen(this.#record(program, count, weight));
    }
  }

  /** The same as one of several ranks: all of them add the same images at the same time. @throws {LostRankError} */
  async addTogether(
    program: Program,
    dataset: Dataset | ValueDataset,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const { start, count } of this.#chunks(dataset)) {
      const { loss, usesAverage } = this.#options;
      const chunk = { dataset, start, count, loss, usesAverage, isShared: true };
      const weight = program.evaluate(chunk);
      await program.settle(signal);
      this.#record(program, count, weight);
    }
  }

  #chunks(dataset: Dataset | ValueDataset): readonly { start: number; count: number }[] {
    const { batchSize } = this.#options;
    const all = imageCount(dataset);
    return Array.from({ length: Math.ceil(all / batchSize) }, (_, chunk) => {
      const start = chunk * batchSize;
      return { start, count: Math.min(batchSize, all - start) };
    });
  }

  /** Adds what the program has found of so many images, whose weights have this sum. */
  #record(program: Program, count: number, weight: number): BatchResults {
    const { losses, ...live } = program.evaluation;
    const results = { ...live, count };
    for (let i = 0; i < count; i++) this.#total += losses[i] ?? 0;
    for (const [i, { add }] of this.#options.metrics.entries()) add(this.#sums[i] ?? [], results);
    this.#weight += weight;
    this.#count += count;
    return results;
  }

  result(): Metrics & { readonly loss: number } {
    const measured = this.#options.metrics.map(({ name, result }, i) => [
      name,
      result(this.#sums[i] ?? [], this.#count),
    ]);
    const loss = this.#weight > 0 ? this.#total / this.#weight : 0;
    return { loss, ...Object.fromEntries(measured) };
  }
}

/** The same with all that is told of such a data set. */
export function evaluateOn(
  program: Program,
  dataset: Dataset | ValueDataset,
  options: MeasureOptions,
): Evaluation | ValueEvaluation {
  if (targetsOf(dataset) === 'values') {
    return measure(program, dataset, options) as ValueEvaluation;
  }
  const confusion = new ConfusionMatrix((dataset as Dataset).classes);
  const measured = measure(program, dataset, options, (results) => confusion.add(results));
  const { matrix } = confusion;
  return { ...measured, perClass: figuresOf(matrix), confusionMatrix: matrix } as Evaluation;
}
