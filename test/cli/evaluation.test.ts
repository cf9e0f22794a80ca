/** An evaluation is printed with the names of the classes; one of values with its errors. */
import type { Dataset, Evaluation, ValueDataset } from 'convlet';
import { expect, it } from 'vitest';
import { evaluateOn } from '../../src/cli/averageShifts.ts';
import {
  classAccuracy,
  describeClasses,
  describeEvaluation,
  describeFigures,
} from '../../src/cli/evaluation.ts';

const plain = (_: unknown, text: string) => text;

const evaluation: Evaluation = {
  loss: 0.5,
  accuracy: 0.75,
  top5: 1,
  macroF1: 0.7333,
  perClass: [
    { precision: 2 / 3, recall: 1, f1: 0.8, support: 1200 },
    { precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
    { precision: 0, recall: 0, f1: 0, support: 0 },
  ],
  confusionMatrix: [
    [2, 0, 0],
    [1, 1, 0],
    [0, 0, 0],
  ],
};
const dataset: Dataset = {
  images: new Uint8Array(4),
  shape: [1, 1, 1],
  labels: Uint8Array.of(0, 0, 1, 1),
  classes: 3,
  classNames: ['cat', 'a\u001b[2Jdog', 'owl'],
};

it('is a line of figures, a table of classes, and the confusions', () => {
  expect(describeEvaluation(evaluation, dataset, 'animals', plain)).toEqual([
    'animals: loss 0.5000, accuracy 0.750, macro F1 0.733',
    '',
    'class          precision  recall     F1  support',
    'cat                0.667   1.000  0.800    1,200',
    'a\\u001b[2Jdog      1.000   0.500  0.667        2',
    'owl                0.000       –  0.000        0',
    '',
    'true     0     1     2  (columns: predicted)',
    '   0     2     ·     ·  cat',
    '   1     1     1     ·  a\\u001b[2Jdog',
    '   2     ·     ·     0  owl',
  ]);
  expect(classAccuracy(evaluation)).toEqual([1, 0.5, null]);
});

it('has the numbers of classes for names if there are none, and short names above the columns', () => {
  expect(describeClasses(evaluation, ['0', '1', '2'], plain)[1]).toBe(
    '0          0.667   1.000  0.800    1,200',
  );
  const named = { ...dataset, classNames: ['cat', 'dog', 'owl'] };
  expect(describeEvaluation(evaluation, named, 'animals', plain)).toContain(
    'true   cat   dog   owl  (columns: predicted)',
  );
});

it('tells the top-5 accuracy if it is asked for, or there are more than five classes', () => {
  const [first] = evaluation.perClass;
  const many = { ...evaluation, perClass: new Array(6).fill(first) };
  expect(describeFigures(evaluation, 'a', plain)).not.toContain('top-5');
  expect(describeFigures(evaluation, 'a', plain, ['top5'])).toContain('top-5 accuracy 1.000');
  expect(describeFigures(many, 'a', plain)).toContain('top-5 accuracy 1.000');
});

it('is the errors of values', () => {
  const values: ValueDataset = {
    images: new Uint8Array(2),
    shape: [1, 1, 1],
    targets: Float32Array.of(1, 2),
  };
  const errors = { loss: 0.25, meanAbsoluteError: 0.5, meanSquaredError: 0.25 };
  expect(describeEvaluation(errors, values, 'heights', plain)).toEqual([
    'heights: loss 0.2500, mean absolute error 0.5000, mean squared error 0.2500',
  ]);
});

it('refuses --average-shifts of values, which have no classes', () => {
  const model = { evaluate: () => evaluation };
  const values = { images: new Uint8Array(2), shape: [1, 1, 1], targets: Float32Array.of(1, 2) };
  const evaluate = () => evaluateOn(model as never, values as never, { averageShifts: true });
  expect(evaluate).toThrow(
    '--average-shifts: expected images of classes, got values. Leave it out.',
  );
});
