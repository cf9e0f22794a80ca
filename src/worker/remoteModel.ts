/** A model that lives in a worker: the methods of `Model`, each behind a promise. @module */

import { isMap } from '../base/brands.ts';
import { optionsOf } from '../base/options.ts';
import type {
  Dataset,
  Evaluation,
  Preparation,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import type { LossSpec } from '../losses/registry.ts';
import { takeListeners } from '../model/fitListeners.ts';
import type { FitOptions } from '../model/fitOptions.ts';
import type { LayerSummary } from '../model/model.ts';
import type {
  EvaluateOptions,
  Prediction,
  PredictOptions,
  SetWeightsOptions,
} from '../model/modelOptions.ts';
import { summarize } from '../model/summary.ts';
import type { History } from '../model/training.ts';
import type { Channel } from './channel.ts';
import type { Datasets } from './datasets.ts';
import { FitEvents } from './fitEvents.ts';
import { Parcel } from './packed.ts';
import type { ModelFacts, ModelPast } from './protocol.ts';
import { sendOptions } from './sentOptions.ts';

type Pixels = Uint8Array | Float32Array | Tensor;

const NO_RANKS =
  'fit: expected no distributed in a worker, got one: ranks are processes of Node. Use createBackend of convlet.';

/** Made by `WorkerBackend.createModel`. Calls are answered also while it trains, between two steps. */
export class RemoteModel {
  readonly spec: ModelSpec;
  readonly seed: number;
  readonly parameterCount: number;
  readonly layers: readonly LayerSummary[];
  /** What runs, in order: the types of the layers. The types of fused layers are joined by ` + `. */
  readonly steps: readonly string[];
  readonly #channel: Channel;
  readonly #datasets: Datasets;
  readonly #model: number;
  #past: ModelPast;

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
    this.#past = facts.past;
  }

  /** As `Model.loss`. */
  get loss(): LossSpec | undefined {
    return this.#past.loss;
  }

  /** As `Model.classNames`. */
  get classNames(): readonly string[] | undefined {
    return this.#past.classNames;
  }

  /** As `Model.preparation`. */
  get preparation(): Preparation | undefined {
    return this.#past.preparation;
  }

  /**
   * Trains, with the options of `Model.fit`. `onStepEnd` is called for every step, but a little later and for many steps at
   * a time. `onEpochEnd` and `onCheckpoint` are awaited, so that an abort in one of them stops training just there.
   *
   * @throws as `Model.fit` does, and the error of a listener: training has then ended after a whole step.
   */
  async fit(dataset: Dataset | ValueDataset, options: FitOptions = {}): Promise<History> {
    const given = optionsOf('fit', options);
    const listeners = takeListeners('fit', given);
    const { onStepEnd, onEpochEnd, onCheckpoint, onWarning, signal } = listeners;
    const { validationData, ...plain } = given as FitOptions; // as far as the page knows
    if (plain.distributed !== undefined) throw new TypeError(NO_RANKS);
    const request = {
      model: this.#model,
      dataset: this.#datasets.ref('fit', dataset),
      validationData:
        validationData === undefined
          ? undefined
          : this.#datasets.ref('fit', validationData as Dataset), // a source is refused
      options: sendOptions('fit', plain),
      hearsSteps: onStepEnd !== undefined,
      hearsEpochs: onEpochEnd !== undefined,
      hearsCheckpoints: onCheckpoint !== undefined,
      hearsWarnings: onWarning !== undefined,
      isAborted: signal?.aborted ?? false,
    };
    const channel = this.#channel;
    const call = channel.next;
    const tell = (type: 'abort' | 'heard') => channel.tell({ type, call });
    const abort = () => tell('abort');
    const events = new FitEvents(listeners, tell);
    signal?.addEventListener('abort', abort);
    try {
      const history = await channel.call('fit', request, [], (event) => {
        if (event.type === 'past') this.#past = event.past;
        else void events.hear(event);
      });
      await events.check();
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
    const options = sendOptions('evaluate', given);
    const request = {
      model: this.#model,
      dataset: this.#datasets.ref('evaluate', dataset),
      options,
    };
    return this.#channel.call('evaluate', request);
  }

  /** As `Model.predict`. */
  predict(images: Pixels): Promise<Tensor>;
  predict(images: Pixels, options: PredictOptions): Promise<Prediction>;
  async predict(images: Pixels, given?: PredictOptions): Promise<Tensor | Prediction> {
    const options = given === undefined ? given : sendOptions('predict', given);
    const parcel = new Parcel();
    const request = { model: this.#model, images: packPixels(parcel, images), options };
    return this.#channel.call('predict', request, parcel.transfer);
  }

  /** As `Model.predictClasses`. */
  async predictClasses(images: Pixels): Promise<Int32Array> {
    const parcel = new Parcel();
    const request = { model: this.#model, images: packPixels(parcel, images) };
    return this.#channel.call('predictClasses', request, parcel.transfer);
  }

  /** As `Model.summary`, at once. */
  summary(): string {
    return summarize(this.spec.inputShape, this.layers, this.parameterCount);
  }

  /** As `Model.weights`: of one step, also while it trains. */
  async weights(): Promise<Map<string, Tensor>> {
    return this.#channel.call('weights', { model: this.#model });
  }

  /** As `Model.setWeights`. */
  async setWeights(
    weights: ReadonlyMap<string, Tensor>,
    given?: SetWeightsOptions,
  ): Promise<string[]> {
    const options = sendOptions('setWeights', given);
    const parcel = new Parcel();
    // anything else goes as it is: the worker says what is wrong with it
    const packed = isMap(weights)
      ? new Map(Array.from(weights, ([key, tensor]) => [key, parcel.packTensor(tensor)] as const))
      : weights;
    const request = { model: this.#model, weights: packed, options };
    return this.#channel.call('setWeights', request, parcel.transfer);
  }

  /** As `Model.weightsSha256`. */
  async weightsSha256(): Promise<string> {
    return this.#channel.call('weightsSha256', { model: this.#model });
  }

  /** As `Model.memoryBytes`. */
  async memoryBytes(): Promise<number> {
    return this.#channel.call('memoryBytes', { model: this.#model });
  }

  /** Gives the memory back. A running `fit` ends with an error. A second call does no harm. */
  async dispose(): Promise<void> {
    await this.#channel.call('disposeModel', { model: this.#model });
  }
}

/** Copies of the numbers, on their way. */
function packPixels(parcel: Parcel, images: Pixels): Pixels {
  return images !== null && typeof images === 'object' && 'data' in images
    ? parcel.packTensor(images)
    : parcel.pack(images);
}
