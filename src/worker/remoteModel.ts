/** A model that lives in a worker: what `Model` offers, each behind a promise. @module */

import { isMap } from '../base/brands.ts';
import { checkOptions } from '../base/options.ts';
import type { Dataset, Evaluation, Tensor, ValueDataset, ValueEvaluation } from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { type FitOptions, readFitOptions } from '../model/fitOptions.ts';
import type { LayerSummary } from '../model/model.ts';
import { type EvaluateOptions, evaluateChecks } from '../model/modelOptions.ts';
import type { History } from '../model/trainer.ts';
import type { Channel } from './channel.ts';
import type { Datasets } from './datasets.ts';
import { FitListeners } from './fitListeners.ts';
import { Parcel } from './packed.ts';
import type { ModelFacts } from './protocol.ts';

/** Made by `WorkerBackend.createModel`. Calls are answered also while it trains, between two steps. */
export class RemoteModel {
  readonly spec: ModelSpec;
  readonly seed: number;
  readonly parameterCount: number;
  readonly layers: readonly LayerSummary[];
  /** What runs, in order: the types of the layers, those that are fused joined by ` + `. */
  readonly steps: readonly string[];
  readonly #channel: Channel;
  readonly #datasets: Datasets;
  readonly #model: number;

  /** Use `WorkerBackend.createModel`. */
  constructor(channel: Channel, datasets: Datasets, model: number, facts: ModelFacts) {
    this.spec = facts.spec;
    this.seed = facts.seed;
    this.parameterCount = facts.parameterCount;
    this.layers = facts.layers;
    this.steps = facts.steps;
    this.#channel = channel;
    this.#datasets = datasets;
    this.#model = model;
  }

  /**
   * Trains, with the options of `Model.fit`. `onStepEnd` is called for every step, for many at a time and a little later;
   * `onEpochEnd` and `onCheckpoint` are awaited, so that who aborts in one of them stops just there.
   *
   * @throws as `Model.fit` does, and what a listener throws: training has then ended after a whole step.
   */
  async fit(dataset: Dataset | ValueDataset, options: FitOptions = {}): Promise<History> {
    const given = readFitOptions(options);
    const { onStepEnd, onEpochEnd, onCheckpoint, signal, validationData, ...plain } = given;
    const request = {
      model: this.#model,
      dataset: this.#datasets.ref('fit', dataset),
      validationData:
        validationData === undefined ? undefined : this.#datasets.ref('fit', validationData),
      options: plain,
      hearsSteps: onStepEnd !== undefined,
      hearsEpochs: onEpochEnd !== undefined,
      hearsCheckpoints: onCheckpoint !== undefined,
      isAborted: signal?.aborted ?? false,
    };
    const channel = this.#channel;
    const call = channel.next;
    const tell = (type: 'abort' | 'heard') => channel.tell({ type, call });
    const abort = () => tell('abort');
    const listeners = new FitListeners(given, tell);
    signal?.addEventListener('abort', abort);
    try {
      const history = await channel.call('fit', request, [], (event) => void listeners.hear(event));
      await listeners.check();
      return history;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** As `Model.evaluate`. */
  evaluate(dataset: Dataset, options?: EvaluateOptions): Promise<Evaluation>;
  evaluate(dataset: ValueDataset, options?: EvaluateOptions): Promise<ValueEvaluation>;
  async evaluate(
    dataset: Dataset | ValueDataset,
    given?: EvaluateOptions,
  ): Promise<Evaluation | ValueEvaluation> {
    const options = checkOptions('evaluate', given, evaluateChecks);
    const request = {
      model: this.#model,
      dataset: this.#datasets.ref('evaluate', dataset),
      options,
    };
    return this.#channel.call('evaluate', request);
  }

  /** As `Model.predict`. */
  async predict(
    images: Uint8Array | Float32Array | Tensor,
    ...none: readonly never[]
  ): Promise<Tensor> {
    checkOptions('predict', none[0], {});
    const parcel = new Parcel();
    const packed =
      images !== null && typeof images === 'object' && 'data' in images
        ? parcel.packTensor(images)
        : parcel.pack(images);
    const request = { model: this.#model, images: packed };
    return this.#channel.call('predict', request, parcel.transfer);
  }

  /** As `Model.weights`: of one step, also while it trains. */
  async weights(): Promise<Map<string, Tensor>> {
    return this.#channel.call('weights', { model: this.#model });
  }

  /** As `Model.setWeights`. */
  async setWeights(weights: ReadonlyMap<string, Tensor>, ...none: readonly never[]): Promise<void> {
    checkOptions('setWeights', none[0], {});
    const parcel = new Parcel();
    // anything else goes as it is: the worker says what is wrong with it
    const packed = isMap(weights)
      ? new Map(Array.from(weights, ([key, tensor]) => [key, parcel.packTensor(tensor)] as const))
      : weights;
    await this.#channel.call(
      'setWeights',
      { model: this.#model, weights: packed },
      parcel.transfer,
    );
  }

  /** As `Model.weightsSha256`. */
  async weightsSha256(): Promise<string> {
    return this.#channel.call('weightsSha256', { model: this.#model });
  }

  /** As `Model.memoryBytes`. */
  async memoryBytes(): Promise<number> {
    return this.#channel.call('memoryBytes', { model: this.#model });
  }

  /** Gives the memory back. A running `fit` ends with an error. Twice does no harm. */
  async dispose(): Promise<void> {
    await this.#channel.call('disposeModel', { model: this.#model });
  }
}
