/** The worker's side: runs the page's calls, and answers. @module */

import type { Dataset, Tensor, ValueDataset } from '../base/types.ts';
import type { Post } from '../host/handle.ts';
import type { BackendOptions } from '../model/backendOptions.ts';
import { createModel, type Model } from '../model/model.ts';
import type { Runtime } from '../model/runtime.ts';
import { Run } from './fitRun.ts';
import { Parcel } from './packed.ts';
import type {
  CallMessage,
  Calls,
  DatasetRef,
  FitRequest,
  Method,
  ModelPast,
  PageMessage,
  WorkerMessage,
} from './protocol.ts';
import { receiveOptions } from './sentOptions.ts';
import { toWire } from './wireError.ts';

type Handlers = { [Name in Method]: (...args: Parameters<Calls[Name]>) => unknown };

export class Server {
  readonly #post: (message: WorkerMessage, transfer?: readonly ArrayBuffer[]) => void;
  readonly #startRuntime: (options: BackendOptions) => Promise<Runtime>;
  readonly #models = new Map<number, Model>();
  readonly #datasets = new Map<number, Dataset | ValueDataset>();
  readonly #runs = new Map<number, Run>();
  #runtime: Runtime | undefined;

  constructor(post: Post, startRuntime: (options: BackendOptions) => Promise<Runtime>) {
    this.#post = post;
    this.#startRuntime = startRuntime;
  }

  hear(message: PageMessage): void {
    if (message.type === 'call') void this.#answer(message);
    else if (message.type === 'dataset') this.#datasets.set(message.key, message.dataset);
    else if (message.type === 'forget') this.#datasets.delete(message.key);
    else if (message.type === 'abort') this.#runs.get(message.call)?.controller.abort();
    else this.#runs.get(message.call)?.heard();
  }

  async #answer({ call, method, request }: CallMessage): Promise<void> {
    const parcel = new Parcel();
    try {
      const handler = this.#handlers(call, parcel)[method] as (request: unknown) => unknown; // by its own type above
      const value = await handler(request);
      this.#post({ type: 'result', call, value }, parcel.transfer);
    } catch (error) {
      this.#post({ type: 'error', call, error: toWire(error) });
    }
  }

  #handlers(call: number, parcel: Parcel): Handlers {
    return {
      start: async (options) => {
        this.#runtime = await this.#startRuntime(options);
        return { threads: this.#runtime.threads };
      },
      createModel: ({ model: key, spec, options }) => {
        const model = createModel(this.#started(), spec, receiveOptions(options));
        this.#models.set(key, model);
        const { seed, parameterCount, layers, steps } = model;
        return { spec: model.spec, seed, parameterCount, layers, steps, past: pastOf(model) };
      },
      fit: (request) => this.#fit(call, request),
      evaluate: ({ model, dataset, options }) =>
        this.#model('evaluate', model).evaluate(
          this.#dataset(dataset) as Dataset, // of either kind
          receiveOptions(options),
        ),
      predict: ({ model, images, options }) => {
        const found = this.#model('predict', model);
        if (options === undefined) return moved(parcel, found.predict(images));
        const prediction = found.predict(images, receiveOptions(options));
        for (const tensor of Object.values(prediction.outputs)) moved(parcel, tensor);
        return moved(parcel, prediction);
      },
      predictClasses: ({ model, images }) =>
        this.#model('predictClasses', model).predictClasses(images),
      weights: ({ model }) => {
        const weights = this.#model('weights', model).weights();
        for (const tensor of weights.values()) moved(parcel, tensor);
        return weights;
      },
      setWeights: ({ model, weights, options }) =>
        this.#model('setWeights', model).setWeights(weights, receiveOptions(options)),
      weightsSha256: ({ model }) => this.#model('weightsSha256', model).weightsSha256(),
      memoryBytes: ({ model }) => this.#model('memoryBytes', model).memoryBytes,
      disposeModel: ({ model }) => {
        this.#models.get(model)?.dispose();
        this.#models.delete(model);
      },
    };
  }

  async #fit(call: number, request: FitRequest): Promise<unknown> {
    const model = this.#model('fit', request.model);
    const dataset = this.#dataset(request.dataset);
    const validation = request.validationData;
    const run = new Run(call, request, this.#post);
    this.#runs.set(call, run);
    try {
      const training = model.fit(dataset, {
        ...receiveOptions(request.options),
        ...run.listeners,
        ...(validation && { validationData: this.#dataset(validation) }),
        signal: run.controller.signal,
      });
      this.#post({ type: 'past', call, past: pastOf(model) }); // as it is from the first step on
      return await training;
    } finally {
      run.flush();
      this.#runs.delete(call);
    }
  }

  #started(): Runtime {
    if (this.#runtime === undefined) throw new Error('internal: a model before the backend');
    return this.#runtime;
  }

  #model(where: string, key: number): Model {
    const model = this.#models.get(key);
    if (model !== undefined) return model;
    throw new Error(
      `${where}: expected a live model, got one that was disposed of. Create another.`,
    );
  }

  #dataset(ref: DatasetRef): Dataset | ValueDataset {
    if ('value' in ref) return ref.value as Dataset; // checked by the method that uses it
    const dataset = this.#datasets.get(ref.key);
    if (dataset === undefined) throw new Error('internal: a data set that was not sent');
    return dataset;
  }
}

function pastOf({ loss, classNames, preparation }: Model): ModelPast {
  return { loss, classNames, preparation };
}

/** Its numbers move to the page: they are a copy of their own. */
function moved<T extends Tensor>(parcel: Parcel, tensor: T): T {
  parcel.move(tensor.data);
  return tensor;
}
