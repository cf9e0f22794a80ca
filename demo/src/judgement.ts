/**
 * How the network of this moment reads the test digits: which ones it takes for which, and how sure it is. Read in a worker
 * of its own, as a large network may take seconds for a thousand images.
 * @module
 */
import type { Dataset, ModelSpec, Tensor } from 'convlet';
import { createWorkerBackend, type RemoteModel, type WorkerBackend } from 'convlet/worker';
import type { Digits } from './digits.ts';
import { indexOfLargest } from './reading.ts';
import { answered } from './watchdog.ts';

/** Test images that are looked at; of a large set the first ones, so that there is an answer several times an epoch. */
const MOST = 1000;
/** By so much the probabilities of a class differ, from image to image, if the network looks at the images at all. */
const LEAST_DIFFERENCE = 1e-5;
/** The least probability that the loss counts. */
const LEAST_PROBABILITY = 1e-30;

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
  /** Mean of −log p of the right class. */
  readonly loss: number;
  /** Whether the answer is the same whatever the image. */
  readonly isConstant: boolean;
}

/** A network to be judged. */
export interface Moment {
  readonly weights: ReadonlyMap<string, Tensor>;
  /** `after epoch 2, batch 31` */
  readonly when: string;
  readonly hasLearnt: boolean;
}

/** Seconds for a reading. A worker that is gone does not always say so. */
export const READING = 60;

/** A model in a worker, that reads with weights from elsewhere. */
export class Judge {
  readonly #test: Dataset;
  readonly #count: number;
  readonly #model: Promise<RemoteModel>;
  readonly #backend: Promise<WorkerBackend>;
  readonly #patience: number;

  /** @param spec Of a network that the page's own backend has made. @param patience Seconds for a reading. */
  constructor(spec: ModelSpec, { test }: Digits, patience: number) {
    this.#test = test;
    this.#patience = patience;
    this.#count = Math.min(MOST, test.labels.length);
    this.#backend = createWorkerBackend();
    this.#model = this.#backend.then((backend) => backend.createModel(spec));
    this.#model.catch(() => {}); // told by whoever judges
  }

  /** @throws {Error} if the worker has ended, or does not answer. */
  judge(weights: ReadonlyMap<string, Tensor>): Promise<Judgement> {
    return answered(this.#read(weights), this.#patience);
  }

  async #read(weights: ReadonlyMap<string, Tensor>): Promise<Judgement> {
    const { images, labels } = this.#test;
    const model = await this.#model;
    await model.setWeights(weights);
    const pixels = images.length / labels.length;
    const readings = await model.predict(images.subarray(0, this.#count * pixels));
    return judgementOf(readings, this.#test, this.#count);
  }

  dispose(): void {
    this.#backend.then((backend) => backend.dispose()).catch(() => {});
  }
}

function judgementOf({ data }: Tensor, { labels, classes }: Dataset, count: number): Judgement {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const mistakes: Mistake[] = [];
  const first = data.subarray(0, classes);
  let isConstant = count > 1;
  let loss = 0;
  for (let index = 0; index < count; index++) {
    const probabilities = data.subarray(index * classes, (index + 1) * classes);
    const [label, reading] = [labels[index] ?? 0, indexOfLargest(probabilities)];
    const row = matrix[label];
    if (row !== undefined) row[reading] = (row[reading] ?? 0) + 1;
    if (reading !== label) {
      mistakes.push({ index, label, reading, sureness: probabilities[reading] ?? 0 });
    }
    loss -= Math.log(Math.max(probabilities[label] ?? 0, LEAST_PROBABILITY)) / count;
    const differs = (value: number, k: number) =>
      !(Math.abs(value - (first[k] ?? 0)) <= LEAST_DIFFERENCE);
    isConstant &&= !probabilities.some(differs);
  }
  mistakes.sort((a, b) => b.sureness - a.sureness);
  return { count, matrix, mistakes, loss, isConstant };
}
