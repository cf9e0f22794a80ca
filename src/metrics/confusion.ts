/** What is counted from the results of a batch. The arrays may be longer than `count`. @module */
import type { Evaluation } from '../base/types.ts';

/** Σ values, in order and in double precision: the same sum wherever the batches were cut. */
export function sum(values: Float32Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i] ?? 0;
  return total;
}

/** How many predictions equal their label. */
export function countCorrect(predictions: Int32Array, labels: Int32Array, count: number): number {
  let correct = 0;
  for (let i = 0; i < count; i++) if (predictions[i] === labels[i]) correct++;
  return correct;
}

/** Gathers an `Evaluation` over batches. */
export class EvaluationSum {
  readonly #matrix: number[][];
  #loss = 0;
  #count = 0;

  constructor(classes: number) {
    this.#matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Takes the results of one more batch. */
  add(losses: Float32Array, predictions: Int32Array, labels: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#loss += losses[i] ?? 0;
      const row = this.#matrix[labels[i] ?? 0];
      const prediction = predictions[i] ?? 0;
      if (row !== undefined) row[prediction] = (row[prediction] ?? 0) + 1;
    }
    this.#count += count;
  }

  /** Means over all images taken; NaN where there was none. */
  result(): Evaluation {
    const correct = this.#matrix.reduce((total, row, label) => total + (row[label] ?? 0), 0);
    return {
      loss: this.#loss / this.#count,
      accuracy: correct / this.#count,
      confusionMatrix: this.#matrix,
    };
  }
}
