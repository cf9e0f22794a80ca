/** What a report is made of, and the checks of it. @module */
import { isMap } from '../../base/brands.ts';
import { checkInteger, checkRecord, checkText, wrongKind } from '../../base/checks.ts';
import {
  checkOptions,
  notNegative,
  type OptionCheck,
  type OptionChecks,
  required,
} from '../../base/options.ts';
import { checkSameShape, checkTensor } from '../../base/shape.ts';
import type { Dataset, EpochEvent, Evaluation, Shape, Tensor } from '../../base/types.ts';
import { checkDataset, imageCount } from '../../data/dataset.ts';
import { readHistory } from '../../model/checkpoint.ts';

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
  readonly evaluation: Evaluation;
  readonly testSet: Dataset;
  /** `[N, classes]` for the test set. */
  readonly probabilities: Tensor;
  readonly initialWeights: ReadonlyMap<string, Tensor>;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Takes any value for the content of a report. @throws {TypeError | RangeError | ShapeError} naming what is wrong. */
export function readRunReport(value: unknown): RunReport {
  const run = checkOptions<RunReport>('createReport', value, checks);
  const { testSet, probabilities } = run;
  const shape = [imageCount(testSet), testSet.classes];
  checkSameShape('createReport: probabilities', shape, probabilities.shape);
  return run;
}

const weights: OptionCheck = (where, name, value) => {
  if (!isMap(value)) throw wrongKind(where, name, 'a Map of tensors by name', value);
  for (const [key, tensor] of value) {
    checkText(where, `each name in ${name}`, key);
    checkTensor(`${where}: ${name}: ${key}`, tensor as Tensor);
  }
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
      if (!Array.isArray(layer.output)) throw wrongKind(where, 'output', 'a shape', layer.output);
      checkInteger(`${where}: ${name}`, 'parameters', layer.parameters, 0);
    }),
  ),
  history: required((where, name, value) => void readHistory(`${where}: ${name}`, value)),
  evaluation: required((where, name, value) => {
    const { accuracy, loss, confusionMatrix } = checkRecord(`${where}: ${name}`, value);
    notNegative(`${where}: ${name}`, 'accuracy', accuracy);
    notNegative(`${where}: ${name}`, 'loss', loss);
    const rows = listOf('rows', listOf('counts', notNegative));
    rows(`${where}: ${name}`, 'confusionMatrix', confusionMatrix);
  }),
  testSet: required((where, name, value) => checkDataset(`${where}: ${name}`, value as never)),
  probabilities: required((where, name, value) =>
    checkTensor(`${where}: ${name}`, value as Tensor, 2),
  ),
  initialWeights: required(weights),
  weights: required(weights),
};

function listOf(what: string, check: OptionCheck): OptionCheck {
  return (where, name, value) => {
    if (!Array.isArray(value)) throw wrongKind(where, name, `a list of ${what}`, value);
    for (const item of value) check(where, name, item);
  };
}
