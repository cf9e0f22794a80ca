/**
 * Convlet: training small convolutional networks on WebAssembly SIMD kernels. This entry works in Node and in a page.
 * `convlet/node` adds what needs files.
 * @module
 */
export { type Communicator, LostRankError } from './base/communicator.ts';
export { DivergenceError, FormatError, ShapeError } from './base/errors.ts';
export type {
  ClassFigures,
  Dataset,
  DatasetSource,
  EpochEvent,
  Evaluation,
  Images,
  Metrics,
  Padding,
  Preparation,
  Schedule,
  Shape,
  Sides,
  Size2d,
  StepEvent,
  Tensor,
  ValueDataset,
  ValueDatasetSource,
  ValueEvaluation,
} from './base/types.ts';
export type { PoolOptions } from './base/window.ts';
export { namedModels } from './compile/named.ts';
export type { Normalization } from './compile/normalization.ts';
export type { ModelSpec } from './compile/spec.ts';
export type { AugmentOptions } from './data/augment.ts';
export { type DatasetDescription, describeDataset } from './data/describeDataset.ts';
export { type GreyImage, prepareDigit } from './data/digit/prepareDigit.ts';
export { type NamedBytes, parseIdxDataset } from './data/idx.ts';
export { type Split, splitDataset } from './data/subsets.ts';
export { type LabelledOptions, toDataset, type ValuedOptions } from './data/toDataset.ts';
export * as blocks from './layers/blocks.ts';
export * as layers from './layers/index.ts';
export type { Initializer } from './layers/initializers.ts';
export type { LayerSpec } from './layers/registry.ts';
export * as losses from './losses/index.ts';
export type { LossSpec } from './losses/registry.ts';
export type { MetricName } from './metrics/registry.ts';
export type { AverageOptions } from './model/averageWeights.ts';
export type { Backend } from './model/backend.ts';
export type { BackendOptions } from './model/backendOptions.ts';
export type { Checkpoint, DataIdentity, EpochSums } from './model/checkpoint.ts';
export { createBackend } from './model/createBackend.ts';
export type { EarlyStoppingOptions } from './model/earlyStopping.ts';
export type { FitOptions } from './model/fitOptions.ts';
export type {
  ConvOptions,
  ConvTransposeOptions,
  DepthwiseOptions,
  Gradients,
} from './model/layerOpTypes.ts';
export type { Tensors } from './model/layerRun.ts';
export { createModel, type LayerSummary, type Model } from './model/model.ts';
export type {
  EvaluateOptions,
  Loss,
  ModelOptions,
  Prediction,
  PredictOptions,
  SetWeightsOptions,
} from './model/modelOptions.ts';
export type { MatmulOptions, Ops } from './model/ops.ts';
export { type Recipe, recipes } from './model/recipes.ts';
export type { LayerOptions } from './model/runOptions.ts';
export type { History } from './model/training.ts';
export * as optimizers from './optimizers/index.ts';
export type { OptimizerState } from './optimizers/optimizer.ts';
export type { OptimizerSpec } from './optimizers/registry.ts';
export * as schedules from './schedules/index.ts';
export { learningRateAt } from './schedules/registry.ts';
export type { WasmSource, WasmSources } from './wasm/source.ts';
