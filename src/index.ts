/**
 * Convlet: training small convolutional networks on WebAssembly SIMD kernels. This entry works in Node and in a
 * page; `convlet/node` adds what needs files.
 * @module
 */

export { DivergenceError, FormatError, ShapeError } from './base/errors.ts';
export type { PoolOptions } from './base/shape.ts';
export type {
  Dataset,
  EpochEvent,
  Evaluation,
  Padding,
  Shape,
  Size2d,
  StepEvent,
  Tensor,
} from './base/types.ts';
export { type ModelSpec, namedModels } from './compile/spec.ts';
export { type NamedBytes, parseIdxDataset } from './data/idx.ts';
export { type GreyImage, prepareDigit } from './data/prepare.ts';
export { type Split, splitDataset } from './data/subsets.ts';
export { type LayerSpec, layers } from './layers/index.ts';
export type { Loss } from './losses/categoricalCrossentropy.ts';
export type { Backend, BackendOptions } from './model/backend.ts';
export type { Checkpoint, DataIdentity, EpochSums } from './model/checkpoint.ts';
export { createBackend } from './model/createBackend.ts';
export type { FitOptions } from './model/fitOptions.ts';
export {
  createModel,
  type LayerSummary,
  type Model,
  type ModelOptions,
} from './model/model.ts';
export type { ConvOptions, Gradients, MatmulOptions, Ops } from './model/ops.ts';
export type { History } from './model/trainer.ts';
export { type OptimizerSpec, optimizers } from './optimizers/index.ts';
export type { OptimizerState } from './optimizers/optimizer.ts';
export type { WasmSource, WasmSources } from './wasm/source.ts';
