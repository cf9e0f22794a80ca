/**
 * Convlet: training small convolutional networks on WebAssembly SIMD kernels. This entry works in Node and in a
 * page; `convlet/node` adds what needs files.
 * @module
 */
export type { Backend, BackendOptions } from './backend.ts';
export type { Checkpoint, DataIdentity, EpochSums, OptimizerState } from './checkpoint.ts';
export { createBackend } from './createBackend.ts';
export { type NamedBytes, parseIdxDataset } from './data/idx.ts';
export { type GreyImage, prepareDigit } from './data/prepare.ts';
export { type Split, splitDataset } from './data/subsets.ts';
export { DivergenceError, FormatError, ShapeError } from './errors.ts';
export type { FitOptions } from './fitOptions.ts';
export { type LayerSpec, layers } from './layers/index.ts';
export type { Loss } from './losses/categoricalCrossentropy.ts';
export {
  createModel,
  type LayerSummary,
  type Model,
  type ModelOptions,
} from './model.ts';
export type { ConvOptions, Gradients, MatmulOptions, Ops } from './ops.ts';
export { type OptimizerSpec, optimizers } from './optimizers/index.ts';
export type { PoolOptions } from './shape.ts';
export { type ModelSpec, namedModels } from './spec.ts';
export type { History } from './trainer.ts';
export type {
  Dataset,
  EpochEvent,
  Evaluation,
  Padding,
  Shape,
  Size2d,
  StepEvent,
  Tensor,
} from './types.ts';
export type { WasmSource, WasmSources } from './wasmSource.ts';
