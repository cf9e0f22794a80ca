/** Which classes are taken for which: the confusion matrix. @module */
import type { BatchResults } from './metric.ts';

/** `matrix[label][prediction]` counts images. */
export class ConfusionMatrix {
  readonly matrix: number[][];

  constructor(classes: number) {
    this.matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Takes the results of one more batch. */
  add({ count, predictions, labels }: BatchResults): void {
    for (let i = 0; i < count; i++) {
      const row = this.matrix[labels[i] ?? 0];
      const prediction = predictions[i] ?? 0;
      if (row !== undefined) row[prediction] = (row[prediction] ?? 0) + 1;
    }
  }
}
