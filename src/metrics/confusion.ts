/**
 * Which classes are taken for which: the confusion matrix, and what follows from it for each class (Powers, "Evaluation: from
 * precision, recall and F-measure to ROC, informedness, markedness and correlation", 2011).
 *
 *   precision = hits / predicted     recall = hits / support     F1 = 2·hits / (predicted + support)
 *
 * @module
 */
import type { ClassFigures } from '../base/types.ts';
import type { BatchResults } from './metric.ts';

/** `matrix[label][prediction]` is a number of images. */
export class ConfusionMatrix {
  readonly matrix: number[][];

  constructor(classes: number) {
    this.matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Adds the results of a batch. */
  add({ count, predictions, labels }: BatchResults): void {
    for (let i = 0; i < count; i++) {
      const row = this.matrix[labels[i] ?? 0];
      const prediction = predictions[i] ?? 0;
      if (row !== undefined) row[prediction] = (row[prediction] ?? 0) + 1;
    }
  }
}

/** The figures of each class; 0 if there is nothing to divide by. */
export function figuresOf(matrix: readonly (readonly number[])[]): readonly ClassFigures[] {
  return matrix.map((row, label) => {
    const hits = row[label] ?? 0;
    const support = row.reduce((total, count) => total + count, 0);
    const predicted = matrix.reduce((total, other) => total + (other[label] ?? 0), 0);
    return {
      precision: hits / (predicted || 1),
      recall: hits / (support || 1),
      f1: (2 * hits) / (predicted + support || 1),
      support,
    };
  });
}

/** The mean F1 of the classes that occur, among labels or predictions. */
export function macroF1Of(matrix: readonly (readonly number[])[]): number {
  const figures = figuresOf(matrix).filter(
    ({ support }, label) => support > 0 || matrix.some((row) => (row[label] ?? 0) > 0),
  );
  return figures.reduce((total, { f1 }) => total + f1, 0) / figures.length;
}
