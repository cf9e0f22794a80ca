/** Measuring a program on a data set, chunk by chunk. @module */
import { elementCount } from '../base/shape.ts';
import type { Dataset, Evaluation, Metrics, ValueDataset, ValueEvaluation } from '../base/types.ts';
import type { Network } from '../compile/network.ts';
import type { Program } from '../compile/program.ts';
import { imageCount, targetsOf } from '../data/dataset.ts';
import type { LossSpec } from '../losses/registry.ts';
import { ConfusionMatrix, figuresOf } from '../metrics/confusion.ts';
import type { BatchResults, MetricDefinition } from '../metrics/metric.ts';

/** Classes of a data set; with values, the numbers that the network puts out. */
export function classesOf(dataset: Dataset | ValueDataset, { output }: Network): number {
  return targetsOf(dataset) === 'classes' ? (dataset as Dataset).classes : elementCount(output);
}

/**
 * Loss and metrics of a checked data set, in double precision and in order: means over the images, in the loss by their weights.
 */
export function measure(
  program: Program,
  dataset: Dataset | ValueDataset,
  loss: LossSpec,
  metrics: readonly MetricDefinition[],
  batchSize: number,
  usesAverage: boolean,
  listen: (results: BatchResults) => void = () => {},
): Metrics & { readonly loss: number } {
  const count = imageCount(dataset);
  const classes = classesOf(dataset, program.plan.network);
  const sums = metrics.map(({ start }) => start(classes));
  let total = 0;
  let weight = 0;
  for (let start = 0; start < count; start += batchSize) {
    const images = Math.min(batchSize, count - start);
    weight += program.evaluate(dataset, start, images, loss, usesAverage);
    const { losses, ...results } = program.evaluation;
    for (let i = 0; i < images; i++) total += losses[i] ?? 0;
    for (const [i, { add }] of metrics.entries()) add(sums[i] ?? [], { ...results, count: images });
    listen({ ...results, count: images });
  }
  const measured = metrics.map(({ name, result }, i) => [name, result(sums[i] ?? [], count)]);
  return { loss: weight > 0 ? total / weight : 0, ...Object.fromEntries(measured) };
}

/** The same with all that is told of such a data set. */
export function evaluateOn(
  program: Program,
  dataset: Dataset | ValueDataset,
  loss: LossSpec,
  metrics: readonly MetricDefinition[],
  batchSize: number,
  usesAverage: boolean,
): Evaluation | ValueEvaluation {
  if (targetsOf(dataset) === 'values') {
    return measure(program, dataset, loss, metrics, batchSize, usesAverage) as ValueEvaluation;
  }
  const confusion = new ConfusionMatrix((dataset as Dataset).classes);
  const measured = measure(program, dataset, loss, metrics, batchSize, usesAverage, (results) =>
    confusion.add(results),
  );
  const { matrix } = confusion;
  return { ...measured, perClass: figuresOf(matrix), confusionMatrix: matrix } as Evaluation;
}
