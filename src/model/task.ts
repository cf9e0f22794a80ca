/** What a fit trains on and measures: data, loss and metrics, held against the network and one another. @module */
import { ShapeError } from '../base/errors.ts';
import { checkMonitor, validationName } from '../base/monitor.ts';
import { checkSameShape, elementCount } from '../base/shape.ts';
import type { Dataset, TargetKind, ValueDataset } from '../base/types.ts';
import type { Network } from '../compile/network.ts';
import { canonicalJson, layerName } from '../compile/spec.ts';
import { updateCount } from '../data/batches.ts';
import { checkDataset, checkValueDataset, imageCount, targetsOf } from '../data/dataset.ts';
import type { Stream } from '../data/source.ts';
import { splitForValidation } from '../data/validationSplit.ts';
import { type LossSpec, lossOf, resolveLoss } from '../losses/registry.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { defaultMetrics, type MetricName, metricsFor } from '../metrics/registry.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import { checkSameLoss, type FitSettings } from './fitOptions.ts';
import { Rate } from './rate.ts';
import { RATE } from './training.ts';

/** Images in memory, or read while they are used. */
export type ImageSet = Dataset | ValueDataset | Stream;

export interface Task {
  /** With the classes' weights of the loss that follow from the data. */
  readonly settings: FitSettings;
  /** As it was given. */
  readonly whole: ImageSet;
  /** Without what is held out. */
  readonly data: ImageSet;
  readonly validation: ImageSet | undefined;
  readonly targets: TargetKind;
  readonly names: readonly MetricName[];
  /** Those of the names that suit the data. */
  readonly metrics: readonly MetricDefinition[];
  readonly rate: Rate;
}

/** @throws {TypeError | RangeError | ShapeError} naming what does not fit. */
export function readTask(
  network: Network,
  seed: number,
  whole: ImageSet,
  asked: FitSettings,
  validationData: ImageSet | undefined,
): Task {
  const targets = checkData('fit: training data', network, whole, asked.loss);
  if (validationData !== undefined) {
    checkData('fit: validationData', network, validationData, asked.loss);
  }
  const { validationSplit, resume } = asked;
  const { train: data, validation = validationData } =
    validationSplit === undefined
      ? { train: whole }
      : splitForValidation('fit', whole, validationSplit, seed);
  if (validationSplit !== undefined && validation !== undefined) {
    // a part may have no image that counts
    checkData('fit: validationSplit: images to train on', network, data, asked.loss);
    checkData('fit: validationSplit: images held out', network, validation, asked.loss);
  }
  const settings = { ...asked, loss: resolveLoss(asked.loss, data as Dataset) };
  if (resume !== undefined) checkSameLoss(resume.loss, settings.loss);
  const names = settings.metrics ?? defaultMetrics(targets);
  const metrics = metricsUnder(settings.loss, names, targets);
  const rate = rateOf(settings, imageCount(data));
  const ofValidation = validation && metricsUnder(settings.loss, names, targetsOf(validation));
  for (const [name, monitor] of [
    ['earlyStopping', settings.earlyStopping?.monitor],
    ['learningRate', rate.monitor],
  ]) {
    if (monitor !== undefined) {
      checkMonitor(`fit: ${name}`, monitor, figuresOf(metrics, ofValidation));
    }
  }
  checkBatches(network, imageCount(data), settings.batchSize);
  return { settings, whole, data, validation, targets, names, metrics, rate };
}

/** Throws unless images fit the network and the loss. @returns what their targets are. */
export function checkData(
  where: string,
  { output, spec: { inputShape } }: Network,
  dataset: ImageSet,
  loss: LossSpec,
): TargetKind {
  const definition = lossOf(loss);
  const targets = targetsOf(dataset);
  const isStream = typeof dataset === 'object' && dataset !== null && 'part' in dataset; // which was checked when it was opened
  if (!isStream && targets === 'values') checkValueDataset(where, dataset as ValueDataset, output);
  else if (!isStream) checkDataset(where, dataset as Dataset);
  checkSameShape(`${where}: images`, inputShape, dataset.shape);
  if (!definition.targets.includes(targets)) {
    const [expected, got] =
      targets === 'values' ? ['labels', 'targets'] : ['targets: Float32Array', 'labels'];
    throw new TypeError(
      `${where}: expected ${expected} under the loss '${loss.type}', got ${got}. Give the loss that these need, such as loss: '${targets === 'values' ? 'meanSquaredError' : 'categoricalCrossentropy'}'.`,
    );
  }
  definition.checkOutput(where, loss, output, targets);
  if (targets === 'values') {
    if (!isStream) checkValuesOf(where, dataset as ValueDataset, loss);
    return targets;
  }
  const { classes } = dataset as Dataset;
  const isHalved = definition.prediction === 'half';
  const expected = isHalved ? 2 : elementCount(output);
  if (classes === expected) return targets;
  throw new ShapeError(
    `${where}: expected ${expected} classes, as ${isHalved ? 'an output of yes or no' : "the network's last layer"} has, got ${classes}. Use as many units as classes.`,
  );
}

/** Throws unless the values of a data set are such as a loss takes. */
export function checkValuesOf(
  where: string,
  dataset: Dataset | ValueDataset,
  loss: LossSpec,
): void {
  if (targetsOf(dataset) === 'classes') return;
  lossOf(loss).checkValues?.(where, (dataset as ValueDataset).targets);
}

/** Throws if a layer cannot train on the smallest batch of an epoch. */
function checkBatches({ layers }: Network, count: number, batchSize: number): void {
  const least = count % batchSize || Math.min(count, batchSize);
  for (const { index, spec, definition, inputShapes } of layers) {
    definition.checkBatch?.(`fit: ${layerName(index, spec)}`, spec, inputShapes, least);
  }
}

/** The learning rate of a run on so many images. */
function rateOf(
  { optimizer, epochs, batchSize, accumulate, resume }: FitSettings,
  count: number,
): Rate {
  const stepsPerEpoch = updateCount(count, batchSize, accumulate);
  const rateIn = ({ learningRate }: OptimizerSpec) => canonicalJson(learningRate);
  const isKept = resume !== undefined && rateIn(resume.optimizer) === rateIn(optimizer);
  const state = isKept ? resume.controls?.[RATE] : undefined; // of another schedule it would mean nothing
  return new Rate(optimizer, { epochs, stepsPerEpoch }, state);
}

/** Whether each output is an answer of yes or no. */
export function isBinary(loss: LossSpec): boolean {
  return lossOf(loss).prediction === 'half';
}

/** Those of the names that can be told of such targets under a loss. */
export function metricsUnder(
  loss: LossSpec,
  names: readonly MetricName[],
  targets: TargetKind,
): readonly MetricDefinition[] {
  return metricsFor(names, targets, isBinary(loss));
}

/** Names of the figures that the events of epochs will have. */
function figuresOf(
  metrics: readonly MetricDefinition[],
  ofValidation: readonly MetricDefinition[] | undefined,
): readonly string[] {
  const names = (list: readonly MetricDefinition[]) => ['loss', ...list.map(({ name }) => name)];
  return [...names(metrics), ...(ofValidation ? names(ofValidation).map(validationName) : [])];
}
