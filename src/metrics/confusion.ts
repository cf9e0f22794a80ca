/** The confusion matrix: how often each class is predicted as each other class. @module */
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
