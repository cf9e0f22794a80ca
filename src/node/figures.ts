/** Figures of epochs and of evaluations, as they are written for people. @module */
import { validationName } from '../base/monitor.ts';
import { printable } from '../base/printable.ts';
import type { EpochEvent, Evaluation, ValueEvaluation } from '../base/types.ts';

/** By their keys in events, in the order in which they are shown. */
const NAMES = {
  loss: 'loss',
  accuracy: 'accuracy',
  shiftAveragedAccuracy: 'accuracy averaged over 9 shifts',
  top5: 'top-5 accuracy',
  macroF1: 'macro F1',
  meanAbsoluteError: 'mean absolute error',
  meanSquaredError: 'mean squared error',
} as const;

/** Shares of images have three decimals, losses and errors have four. */
const SHARES: readonly string[] = ['accuracy', 'shiftAveragedAccuracy', 'top5', 'macroF1'];

export interface FigureName {
  /** In events: `macroF1`. */
  readonly key: string;
  /** For people: `macro F1`. */
  readonly name: string;
}

export interface Figure extends FigureName {
  readonly value: number;
}

/** The figures among the fields of an event or an evaluation. */
export function figuresOf(fields: object): readonly Figure[] {
  const values = fields as Readonly<Record<string, unknown>>;
  return Object.entries(NAMES).flatMap(([key, name]) => {
    const value = values[key];
    return typeof value === 'number' ? [{ key, name, value }] : [];
  });
}

/** Those of the validation data in the event of an epoch, under the names of the others. */
export function validationFigures(event: EpochEvent): readonly Figure[] {
  const values = event as unknown as Readonly<Record<string, unknown>>;
  const entries = Object.keys(NAMES).map((key) => [key, values[validationName(key)]]);
  return figuresOf(Object.fromEntries(entries));
}

/** All figures that some of these epochs have: their names, in the order in which they are shown. */
export function namesIn(
  epochs: readonly EpochEvent[],
  figures: (event: EpochEvent) => readonly Figure[],
): readonly FigureName[] {
  const found = new Set(epochs.flatMap(figures).map(({ key }) => key));
  return Object.entries(NAMES).flatMap(([key, name]) => (found.has(key) ? [{ key, name }] : []));
}

/** Those of an evaluation that tell something: with five classes or fewer the top-5 accuracy is always 1. */
export function tellingFigures(
  evaluation: Evaluation | ValueEvaluation,
  asked: readonly string[] = [],
): readonly Figure[] {
  const isFew = 'perClass' in evaluation && evaluation.perClass.length <= 5;
  return figuresOf(evaluation).filter(
    ({ key }) => !(key === 'top5' && isFew) || asked.includes('top5'),
  );
}

/** `0.916`, `0.2951` */
export function formatFigure({ key, value }: Pick<Figure, 'key' | 'value'>): string {
  return value.toFixed(SHARES.includes(key) ? 3 : 4);
}

/** Columns of a table of classes. */
export const CLASS_COLUMNS = ['class', 'precision', 'recall', 'F1', 'support'] as const;

/** The rows of a table of classes. A class without images has no recall. */
export function classRows(
  { perClass }: Evaluation,
  names: readonly string[],
): readonly (readonly string[])[] {
  return perClass.map(({ precision, recall, f1, support }, label) => [
    printable(names[label] ?? String(label)),
    precision.toFixed(3),
    support === 0 ? '–' : recall.toFixed(3),
    f1.toFixed(3),
    support.toLocaleString('en'),
  ]);
}

/** The speed of a run: images of training over seconds of training; undefined if no epoch was finished. */
export function trainingRate(
  epochs: readonly Pick<EpochEvent, 'seconds' | 'imagesPerSecond'>[],
): number | undefined {
  const seconds = epochs.reduce((total, epoch) => total + epoch.seconds, 0);
  const images = epochs.reduce((total, epoch) => total + epoch.imagesPerSecond * epoch.seconds, 0);
  return seconds === 0 ? undefined : images / seconds;
}
