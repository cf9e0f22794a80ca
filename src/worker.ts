/**
 * Training in a web worker, so that the page stays free: `convlet/worker`. It has the names of `convlet`, with each call
 * behind a promise. Under Node the worker is a worker thread.
 * @module
 */

export { DivergenceError, FormatError, ShapeError } from './base/errors.ts';
export type {
  Dataset,
  EpochEvent,
  Evaluation,
  StepEvent,
  Tensor,
  ValueDataset,
  ValueEvaluation,
} from './base/types.ts';
export type { ModelSpec } from './compile/spec.ts';
export type { BackendOptions } from './model/backendOptions.ts';
export type { Checkpoint } from './model/checkpoint.ts';
export type { FitOptions } from './model/fitOptions.ts';
export type { LayerSummary } from './model/model.ts';
export type {
  EvaluateOptions,
  ModelOptions,
  Prediction,
  PredictOptions,
  SetWeightsOptions,
} from './model/modelOptions.ts';
export type { History } from './model/training.ts';
export type { WasmSource, WasmSources } from './wasm/source.ts';
export type { RemoteModel } from './worker/remoteModel.ts';
export {
  createWorkerBackend,
  type SendOptions,
  type WorkerBackend,
} from './worker/workerBackend.ts';
