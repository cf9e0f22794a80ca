/** What a report is made of, and the checks of it. @module */
import { isMap, isRecord } from '../../base/brands.ts';
import { checkInteger, checkRecord, checkText, wrongKind } from '../../base/checks.ts';
import {
  checkOptions,
  notNegative,
  type OptionCheck,
  type OptionChecks,
  required,
  whole,
} from '../../base/options.ts';
import { checkSameShape, checkTensor } from '../../base/shape.ts';
import type {
  Dataset,
  EpochEvent,
  Evaluation,
  Shape,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from '../../base/types.ts';
import { type AugmentOptions, augment } from '../../data/augment.ts';
import { checkDataset, checkValueDataset, imageCount, targetsOf } from '../../data/dataset.ts';
import { readHistory } from '../../model/checkpoint.ts';

/** The learning rate from a moment on, counted in epochs. */
export interface RateSample {
  readonly epoch: number;
  readonly rate: number;
}

/** All that a report tells. */
export interface RunReport {
  readonly title: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly layers: readonly {
    readonly name: string;
    readonly output: Shape;
    readonly parameters: number;
  }[];
  readonly history: readonly EpochEvent[];
  readonly evaluation: Evaluation | ValueEvaluation;
  readonly testSet: Dataset | ValueDataset;
  /** `[N, classes]` for the test set; the outputs if it has values. */
  readonly probabilities: Tensor;
  readonly initialWeights: ReadonlyMap<string, Tensor>;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** In order; each holds until the next. */
  readonly rates?: readonly RateSample[];
  /** The images that trained: a few of each class are shown. @default none */
  readonly trainSet?: Dataset | ValueDataset;
  /** How `fit` moved them: a few are shown so. @default not at all */
  readonly augment?: AugmentOptions;
  /** The model's seed, which augmentation is drawn from. @default 1 */
  readonly seed?: number;
  /** What the validation figures of the epochs are of. @default the test set */
  readonly validation?: string;
}

/** Takes any value for the content of a report. @throws {TypeError | RangeError | ShapeError} naming what is wrong. */
export function readRunReport(value: unknown): RunReport {
  const run = checkOptions<RunReport>('createReport', value, checks);
  const { testSet, probabilities, evaluation } = run;
  const count = imageCount(testSet);
  const [, ...ofImage] = probabilities.shape;
  if (isOfClasses(testSet)) {
    const shape = [count, testSet.classes];
    checkSameShape('createReport: probabilities', shape, probabilities.shape);
    checkClasses('createReport: evaluation', evaluation);
  } else {
    checkSameShape('createReport: probabilities', [count, ...ofImage], probabilities.shape);
    checkValueDataset('createReport: testSet', testSet, ofImage);
  }
  checkTrainSet(run, ofImage);
  return run;
}

function checkTrainSet({ trainSet, testSet, augment }: RunReport, valueShape: Shape): void {
  const where = 'createReport: trainSet';
  if (trainSet === undefined) {
    if (augment === undefined) return;
    throw new TypeError(
      'createReport: expected trainSet beside augment, got none. Give the images that trained.',
    );
  }
  if (!isOfClasses(trainSet)) checkValueDataset(where, trainSet, valueShape);
  checkSameShape(`${where}: images`, testSet.shape, trainSet.shape);
}

/** Whether the images have classes. */
export function isOfClasses(testSet: Dataset | ValueDataset): testSet is Dataset {
  return targetsOf(testSet) === 'classes';
}

function checkClasses(where: string, evaluation: object): void {
  const { accuracy, confusionMatrix, perClass }: { [Key in keyof Evaluation]?: unknown } =
    evaluation;
  notNegative(where, 'accuracy', accuracy);
  listOf('rows', listOf('counts', notNegative))(where, 'confusionMatrix', confusionMatrix);
  listOf('{ precision, recall, f1, support }', (at, name, item) => {
    const figures = checkRecord(`${at}: ${name}`, item);
    for (const key of ['precision', 'recall', 'f1', 'support']) {
      notNegative(`${at}: ${name}`, key, figures[key]);
    }
  })(where, 'perClass', perClass);
}

const weights: OptionCheck = (where, name, value) => {
  if (!isMap(value)) throw wrongKind(where, name, 'a Map of tensors by name', value);
  for (const [key, tensor] of value) {
    checkText(where, `each name in ${name}`, key);
    checkTensor(`${where}: ${name}: ${key}`, tensor as Tensor);
  }
};

/** Values are held against the outputs later. */
const images: OptionCheck = (where, name, value) => {
  const hasValues = isRecord(value) && value.targets !== undefined;
  if (!hasValues) checkDataset(`${where}: ${name}`, value as never);
};

const checks: OptionChecks<RunReport> = {
  title: required(checkText),
  settings: required(
    listOf('[name, value]', (where, name, item) => {
      if (!Array.isArray(item)) throw wrongKind(where, name, '[name, value]', item);
      for (const text of item) checkText(where, name, text);
    }),
  ),
  layers: required(
    listOf('{ name, output, parameters }', (where, name, item) => {
      const layer = checkRecord(`${where}: ${name}`, item);
      checkText(`${where}: ${name}`, 'name', layer.name);
      if (!Array.isArray(layer.output))
        throw wrongKind(`${where}: ${name}`, 'output', 'a shape', layer.output);
      checkInteger(`${where}: ${name}`, 'parameters', layer.parameters, 0);
    }),
  ),
  history: required((where, name, value) => void readHistory(`${where}: ${name}`, value)),
  evaluation: required((where, name, value) => {
    const { loss } = checkRecord(`${where}: ${name}`, value);
    notNegative(`${where}: ${name}`, 'loss', loss);
  }),
  testSet: required(images),
  probabilities: required((where, name, value) =>
    checkTensor(`${where}: ${name}`, value as Tensor),
  ),
  initialWeights: required(weights),
  weights: required(weights),
  rates: listOf('{ epoch, rate }', (where, name, item) => {
    const sample = checkRecord(`${where}: ${name}`, item);
    notNegative(`${where}: ${name}`, 'epoch', sample.epoch);
    notNegative(`${where}: ${name}`, 'rate', sample.rate);
  }),
  trainSet: images,
  augment,
  seed: whole(0, 2 ** 32 - 1),
  validation: checkText,
};

function listOf(what: string, check: OptionCheck): OptionCheck {
  return (where, name, value) => {
    if (!Array.isArray(value)) throw wrongKind(where, name, `a list of ${what}`, value);
    for (const item of value) check(where, name, item);
  };
}
