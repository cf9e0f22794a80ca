/** How the network of this moment reads the test digits: which ones it takes for which, and how sure it is. @module */
import { type Backend, createModel, type Dataset, type Model, type ModelSpec } from 'convlet';
import type { Digits } from './digits.ts';
import { indexOfLargest } from './pictures/bars.ts';
import type { Weights } from './pictures/forward.ts';

/** Test images that are looked at; of a large set the first ones, for this is done beside the drawing of the page. */
const MOST = 1000;

/** A test image that is read wrongly. */
export interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly reading: number;
  /** Probability of the wrong reading. */
  readonly sureness: number;
}

export interface Judgement {
  readonly count: number;
  /** `matrix[label][reading]` counts images. */
  readonly matrix: readonly (readonly number[])[];
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

/** A model of the page's own, that reads with weights from elsewhere. */
export class Judge {
  readonly #model: Model;
  readonly #test: Dataset;

  /** @throws as `createModel` does, on a spec that makes no network. */
  constructor(backend: Backend, spec: ModelSpec, { test }: Digits) {
    this.#model = createModel(backend, spec);
    this.#test = test;
  }

  judge(weights: Weights): Judgement {
    const test = this.#test;
    const count = Math.min(MOST, test.labels.length);
    const pixels = test.images.length / test.labels.length;
    this.#model.setWeights(weights);
    const { data } = this.#model.predict(test.images.subarray(0, count * pixels));
    const classes = test.classes;
    const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    const mistakes: Mistake[] = [];
    for (let index = 0; index < count; index++) {
      const probabilities = data.subarray(index * classes, (index + 1) * classes);
      const [label, reading] = [test.labels[index] ?? 0, indexOfLargest(probabilities)];
      const row = matrix[label];
      if (row !== undefined) row[reading] = (row[reading] ?? 0) + 1;
      if (reading !== label) {
        mistakes.push({ index, label, reading, sureness: probabilities[reading] ?? 0 });
      }
    }
    mistakes.sort((a, b) => b.sureness - a.sureness);
    return { count, matrix, mistakes };
  }

  dispose(): void {
    this.#model.dispose();
  }
}
