/** What an evaluation comes to, as text: its figures, a table of the classes, and which are taken for which. @module */
import { printable } from '../base/printable.ts';
import { type TextColumn, tableLines, widthOf } from '../base/textTable.ts';
import type { Dataset, Evaluation, ValueDataset, ValueEvaluation } from '../base/types.ts';
import { classNamesOf, targetsOf } from '../data/dataset.ts';
import { CLASS_COLUMNS, classRows, formatFigure, tellingFigures } from '../node/figures.ts';
import { counted, formatCount } from './style.ts';
import type { Styler } from './terminal.ts';

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
  width?: number,
): readonly string[] {
  const columns = CLASS_COLUMNS.map((heading, column) =>
    column === 0 ? { heading, isText: true as const } : { heading },
  );
  return showTable(columns, classRows(evaluation, names), style, width);
}

/** The lines of a table, with the headings dim. */
export function showTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  style: Styler,
  width?: number,
): readonly string[] {
  const { head, lines } = tableLines(columns, rows, width);
  return head === '' ? lines : [style('dim', head), ...lines];
}

/** For each class, the share of its images that were recognised; null for a class without images. */
export function classAccuracy({ perClass }: Evaluation): (number | null)[] {
  return perClass.map(({ recall, support }) => (support === 0 ? null : recall));
}

/** Rows are true classes, columns are predicted ones; the lines of a table. In a list the counts of 0 are left out. */
export function describeConfusions(
  { confusionMatrix }: Evaluation,
  classNames: readonly string[],
  style: Styler,
  width?: number,
): readonly string[] {
  const names = classNames.map(printable);
  const isShort = names.every((name) => widthOf(name) <= LONGEST_NAME);
  const nameOf = (label: number) => (isShort ? (names[label] ?? String(label)) : String(label));
  const rows = confusionMatrix.map((row, label) => [
    nameOf(label),
    ...row.map((count, column) =>
      column === label
        ? style('bold', String(count))
        : count === 0
          ? style('dim', '·')
          : String(count),
    ),
    ...(isShort ? [] : [names[label] ?? '']),
  ]);
  const columns: TextColumn[] = [
    { heading: 'true' },
    ...confusionMatrix.map((_, label) => ({ heading: nameOf(label).padStart(4) })),
    ...(isShort ? [] : [{ heading: '', isText: true as const }]),
  ];
  const { head, lines } = tableLines(columns, rows, width);
  if (head === '') return confusionMatrix.map((row, label) => confusionLine(row, names, label));
  return [style('dim', `${head}  (columns: predicted)`), ...lines];
}

/** `cat, 120 images: 100 as cat, 20 as dog` */
function confusionLine(row: readonly number[], names: readonly string[], label: number): string {
  const total = row.reduce((sum, count) => sum + count, 0);
  const parts = row.flatMap((count, column) =>
    count === 0 ? [] : [`${formatCount(count)} as ${names[column] ?? column}`],
  );
  const images = counted(total, 'image');
  return `true ${names[label] ?? label}, ${images}${parts.length > 0 ? ': ' : ''}${parts.join(', ')}`;
}

/** All of it, for `convlet evaluate`. */
export function describeEvaluation(
  evaluation: Evaluation | ValueEvaluation,
  dataset: Dataset | ValueDataset,
  testSet: string,
  style: Styler,
  width?: number,
): readonly string[] {
  const figures = describeFigures(evaluation, testSet, style);
  if (!isOfClasses(evaluation, dataset)) return [figures];
  const names = classNamesOf(dataset as Dataset);
  return [
    figures,
    '',
    ...describeClasses(evaluation, names, style, width),
    '',
    ...describeConfusions(evaluation, names, style, width),
  ];
}

/** Whether images have classes, and the evaluation tells of them. */
export function isOfClasses(
  evaluation: Evaluation | ValueEvaluation,
  dataset: Dataset | ValueDataset,
): evaluation is Evaluation {
  return targetsOf(dataset) === 'classes' && 'perClass' in evaluation;
}
