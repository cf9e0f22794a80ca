/** What an evaluation comes to, as text: its figures, a table of the classes, and which are taken for which. @module */
import type { Dataset, Evaluation, ValueDataset, ValueEvaluation } from '../base/types.ts';
import { classNamesOf, targetsOf } from '../data/dataset.ts';
import {
  CLASS_COLUMNS,
  classRows,
  formatFigure,
  printable,
  tellingFigures,
} from '../node/figures.ts';
import type { Styler } from './style.ts';

/** Longer names of classes stand beside the matrix, not above its columns. */
const LONGEST_NAME = 6;

/** `MNIST t10k: loss 0.2951, accuracy 0.916, …` @param asked Metrics that are shown in any case. */
export function describeFigures(
  evaluation: Evaluation | ValueEvaluation,
  testSet: string,
  style: Styler,
  asked: readonly string[] = [],
): string {
  const figures = tellingFigures(evaluation, asked).map((figure) => {
    const value = formatFigure(figure);
    return `${figure.name} ${figure.key === 'accuracy' ? style('bold', value) : value}`;
  });
  return `${testSet}: ${figures.join(', ')}`;
}

/** Precision, recall, F1 and support of each class; the lines of a table. */
export function describeClasses(
  evaluation: Evaluation,
  names: readonly string[],
  style: Styler,
): readonly string[] {
  const rows = [CLASS_COLUMNS, ...classRows(evaluation, names)];
  const widths = CLASS_COLUMNS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const [head = '', ...lines] = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
  return [style('dim', head), ...lines];
}

/** For each class, the share of its images that were recognised; null for a class without images. */
export function classAccuracy({ perClass }: Evaluation): (number | null)[] {
  return perClass.map(({ recall, support }) => (support === 0 ? null : recall));
}

/** Rows are true classes, columns are predicted ones; the lines of a table. */
export function describeConfusions(
  { confusionMatrix }: Evaluation,
  classNames: readonly string[],
  style: Styler,
): readonly string[] {
  const names = classNames.map(printable);
  const longest = Math.max(...names.map(({ length }) => length));
  const isShort = longest <= LONGEST_NAME;
  const widest = String(Math.max(...confusionMatrix.flat())).length;
  const width = Math.max(widest, 4, isShort ? longest : String(names.length).length) + 2;
  const cell = (value: number | string) => String(value).padStart(width);
  const nameOf = (label: number) => cell(isShort ? (names[label] ?? label) : label);
  const head = confusionMatrix.map((_, label) => nameOf(label)).join('');
  const rows = confusionMatrix.map((row, label) => {
    const counts = row.map((count, column) =>
      column === label
        ? style('bold', cell(count))
        : count === 0
          ? style('dim', cell('·'))
          : cell(count),
    );
    return `${nameOf(label)} ${counts.join('')}${isShort ? '' : `  ${names[label]}`}`;
  });
  return [style('dim', `${cell('true')} ${head}  (columns: predicted)`), ...rows];
}

/** All of it, for `convlet evaluate`. */
export function describeEvaluation(
  evaluation: Evaluation | ValueEvaluation,
  dataset: Dataset | ValueDataset,
  testSet: string,
  style: Styler,
): string {
  const figures = describeFigures(evaluation, testSet, style);
  if (!isOfClasses(evaluation, dataset)) return figures;
  const names = classNamesOf(dataset as Dataset);
  return [
    figures,
    '',
    ...describeClasses(evaluation, names, style),
    '',
    ...describeConfusions(evaluation, names, style),
  ].join('\n');
}

/** Whether images have classes, and the evaluation tells of them. */
export function isOfClasses(
  evaluation: Evaluation | ValueEvaluation,
  dataset: Dataset | ValueDataset,
): evaluation is Evaluation {
  return targetsOf(dataset) === 'classes' && 'perClass' in evaluation;
}
