/** The page's side of a training worker. @module */
import { toUrl } from '#host';
import { startTrainer, TRAINER_ADVICE } from '#host/trainer';
import { isPromise, isResponse } from '../base/brands.ts';
import { describe } from '../base/errors.ts';
import { checkOptions, flag, type OptionChecks } from '../base/options.ts';
import type { Dataset, ValueDataset } from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { type BackendOptions, backendChecks } from '../model/backendOptions.ts';
import type { ModelOptions } from '../model/modelOptions.ts';
import { namedSources, readResponse, type WasmSource, type WasmSources } from '../wasm/source.ts';
import { Channel } from './channel.ts';
import { Datasets } from './datasets.ts';
import { RemoteModel } from './remoteModel.ts';
import { sendOptions } from './sentOptions.ts';

/** How a data set goes to the worker. */
export interface SendOptions {
  /** True moves the arrays instead of copying them: on this side they are empty then. */
  readonly transfer?: boolean;
}

const sendChecks: OptionChecks<SendOptions> = { transfer: flag };

/** Made by `createWorkerBackend`; what remote models live on. */
export class WorkerBackend {
  /** Number of threads that train: the number asked for, or the one chosen for `'auto'`. */
  readonly threads: number;
  readonly #channel: Channel;
  readonly #datasets: Datasets;
  #models = 0;

  /** Use `createWorkerBackend`. */
  constructor(channel: Channel, threads: number) {
    this.threads = threads;
    this.#channel = channel;
    this.#datasets = new Datasets(channel);
  }

  /** Makes a model in the worker. @throws {TypeError | RangeError | ShapeError} as `createModel` does. */
  async createModel(spec: ModelSpec, given?: ModelOptions): Promise<RemoteModel> {
    const options = sendOptions('createModel', given);
    const model = this.#models++;
    const facts = await this.#channel.call('createModel', { model, spec, options });
    return new RemoteModel(this.#channel, this.#datasets, model, facts);
  }

  /**
   * Sends a data set ahead of its first use, by which it would be sent as well. It is sent once; known by the object, not
   * by what is in it.
   * @throws {TypeError} on what is no data set. What is wrong within one is said by the call that uses it.
   */
  sendDataset(dataset: Dataset | ValueDataset, options?: SendOptions): void {
    const { transfer } = checkOptions('sendDataset', options, sendChecks);
    checkObject('sendDataset', dataset);
    this.#datasets.ref('sendDataset', dataset, transfer);
  }

  /** Frees the worker's copy of a data set at once. The copies of objects no longer in use are freed in time anyway. */
  forgetDataset(dataset: Dataset | ValueDataset): void {
    checkObject('forgetDataset', dataset);
    this.#datasets.forget(dataset);
  }

  /** Ends the worker and its threads. Calls that wait for an answer end with an error. */
  dispose(): void {
    this.#channel.dispose();
  }
}

/**
 * Starts a worker for training, so that the page stays free. The options are those of `createBackend`.
 *
 * @throws {TypeError | RangeError | Error} as `createBackend` does; {Error} if the worker does not start.
 */
export async function createWorkerBackend(options: BackendOptions = {}): Promise<WorkerBackend> {
  const where = 'createWorkerBackend';
  const { threads = 1, wasm = {}, wide = false } = checkOptions(where, options, backendChecks);
  const sources = await portable(namedSources('createWorkerBackend', wasm));
  const worker = start();
  try {
    await worker.ready;
  } catch (cause) {
    worker.terminate();
    throw notStarted(cause);
  }
  const channel = new Channel(worker);
  try {
    const started = await channel.call('start', { threads, wasm: sources, wide });
    return new WorkerBackend(channel, started.threads);
  } catch (error) {
    channel.dispose();
    throw error;
  }
}

function checkObject(where: string, dataset: unknown): void {
  if (typeof dataset === 'object' && dataset !== null && 'images' in dataset) return;
  throw new TypeError(
    `${where}: expected a data set { images, labels, shape, classes }, got ${describe(dataset)}. ${isPromise(dataset) ? 'Await it.' : 'Use such an object.'}`,
  );
}

function start(): ReturnType<typeof startTrainer> {
  try {
    return startTrainer();
  } catch (cause) {
    throw notStarted(cause); // for example, the script has another origin
  }
}

function notStarted(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `createWorkerBackend: expected a worker to start, it did not (${reason}). ${TRAINER_ADVICE}`,
    { cause },
  );
}

/** Sources in a form that can be sent: addresses are resolved against the page, and a response becomes its bytes. */
async function portable({ kernels, threads }: WasmSources): Promise<WasmSources> {
  return {
    ...(kernels !== undefined && { kernels: await portableSource(kernels) }),
    ...(threads !== undefined && { threads: await portableSource(threads) }),
  };
}

async function portableSource(source: WasmSource): Promise<WasmSource> {
  if (typeof source === 'string') return toUrl(source).href;
  if (source instanceof URL) return source.href;
  return isResponse(source) ? readResponse('createWorkerBackend', source) : source;
}
