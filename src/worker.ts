/**
 * Training in a web worker, so that the page stays free: `convlet/worker`. The names are those of `convlet`, each call
 * behind a promise. Under Node the worker is a worker thread.
 * @module
 */
export type { BackendOptions } from './backend.ts';
export type { Checkpoint } from './checkpoint.ts';
export { DivergenceError, FormatError, ShapeError } from './errors.ts';
export type { FitOptions } from './fitOptions.ts';
export type { LayerSummary, ModelOptions } from './model.ts';
export type { ModelSpec } from './spec.ts';
export type { History } from './trainer.ts';
export type { Dataset, EpochEvent, Evaluation, StepEvent, Tensor } from './types.ts';
export type { WasmSource, WasmSources } from './wasmSource.ts';
export type { SendOptions } from './worker/datasets.ts';
export type { RemoteModel } from './worker/remoteModel.ts';
export { createWorkerBackend, type WorkerBackend } from './worker/workerBackend.ts';
