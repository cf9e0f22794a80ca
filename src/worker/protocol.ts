/**
 * The messages between a page and its training worker: plain data that structured cloning takes.
 *
 *   page ─► worker   call        answered by result or error, under the same number
 *                    dataset     kept under a key until forget
 *                    abort       ends the fit of a call after its step
 *                    heard       the page's listener is through: training may go on
 *   worker ─► page   past        what the model remembers, once a fit has begun
 *                    steps       what onStepEnd is told, many at a time
 *                    warning     what onWarning is told
 *                    epoch       what onEpochEnd is told; waits to be heard
 *                    checkpoint  what onCheckpoint is told; waits to be heard
 * @module
 */

import type {
  Dataset,
  EpochEvent,
  Evaluation,
  StepEvent,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from '../base/types.ts';
import type { ModelSpec } from '../compile/spec.ts';
import type { BackendOptions } from '../model/backendOptions.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { FitListeners } from '../model/fitListeners.ts';
import type { FitOptions } from '../model/fitOptions.ts';
import type { LayerSummary, Model } from '../model/model.ts';
import type {
  EvaluateOptions,
  ModelOptions,
  Prediction,
  PredictOptions,
  SetWeightsOptions,
} from '../model/modelOptions.ts';
import type { History } from '../model/training.ts';
import type { SentOptions } from './sentOptions.ts';
import type { WireError } from './wireError.ts';

/** A data set that was sent before, or a value that is none: the worker tells what is wrong with it. */
export type DatasetRef = { readonly key: number } | { readonly value: unknown };

/** The options of `fit` that are plain data. */
export type PlainFitOptions = Omit<FitOptions, keyof FitListeners | 'validationData'>;

/** What a model remembers of its last `fit`. */
export type ModelPast = Readonly<Pick<Model, 'loss' | 'classNames' | 'preparation'>>;

/** What the page knows of a model without asking. */
export interface ModelFacts {
  readonly past: ModelPast;
  readonly spec: ModelSpec;
  readonly seed: number;
  readonly parameterCount: number;
  readonly layers: readonly LayerSummary[];
  readonly steps: readonly string[];
}

interface OfModel {
  readonly model: number;
}

export interface FitRequest extends OfModel {
  readonly dataset: DatasetRef;
  readonly validationData: DatasetRef | undefined;
  readonly options: SentOptions<PlainFitOptions>;
  /** Who listens: nothing is posted where nobody does. */
  readonly hearsWarnings: boolean;
  readonly hearsSteps: boolean;
  readonly hearsEpochs: boolean;
  readonly hearsCheckpoints: boolean;
  /** Whether the signal had fired before the call. */
  readonly isAborted: boolean;
}

/** Every call: the request, and the answer. */
export interface Calls {
  start(request: BackendOptions): { threads: number };
  createModel(
    request: OfModel & { spec: ModelSpec; options: SentOptions<ModelOptions | undefined> },
  ): ModelFacts;
  fit(request: FitRequest): History;
  evaluate(
    request: OfModel & { dataset: DatasetRef; options: SentOptions<EvaluateOptions | undefined> },
  ): Evaluation | ValueEvaluation;
  predict(
    request: OfModel & {
      images: Uint8Array | Float32Array | Tensor;
      options: SentOptions<PredictOptions> | undefined;
    },
  ): Tensor | Prediction;
  predictClasses(request: OfModel & { images: Uint8Array | Float32Array | Tensor }): Int32Array;
  weights(request: OfModel): Map<string, Tensor>;
  setWeights(
    request: OfModel & {
      weights: ReadonlyMap<string, Tensor>;
      options: SentOptions<SetWeightsOptions | undefined>;
    },
  ): string[];
  weightsSha256(request: OfModel): string;
  memoryBytes(request: OfModel): number;
  disposeModel(request: OfModel): undefined;
}

export type Method = keyof Calls;
export type Argument<Name extends Method> = Parameters<Calls[Name]>[0];
export type Answer<Name extends Method> = ReturnType<Calls[Name]>;

/** One of the calls, with its number. */
export type CallMessage = {
  [Name in Method]: {
    readonly type: 'call';
    readonly call: number;
    readonly method: Name;
    readonly request: Argument<Name>;
  };
}[Method];

export type PageMessage =
  | CallMessage
  | { readonly type: 'dataset'; readonly key: number; readonly dataset: Dataset | ValueDataset }
  | { readonly type: 'forget'; readonly key: number }
  | { readonly type: 'abort' | 'heard'; readonly call: number };

/** What happens while a fit runs. */
export type FitEvent =
  | { readonly type: 'steps'; readonly call: number; readonly events: readonly StepEvent[] }
  | { readonly type: 'epoch'; readonly call: number; readonly event: EpochEvent }
  | { readonly type: 'warning'; readonly call: number; readonly text: string }
  | { readonly type: 'checkpoint'; readonly call: number; readonly checkpoint: Checkpoint };

/** Posted when a fit begins. */
export interface PastEvent {
  readonly type: 'past';
  readonly call: number;
  readonly past: ModelPast;
}

export type WorkerMessage =
  | { readonly type: 'result'; readonly call: number; readonly value: unknown }
  | { readonly type: 'error'; readonly call: number; readonly error: WireError }
  | PastEvent
  | FitEvent;
