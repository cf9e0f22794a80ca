/**
 * Every operation again, naive and in double precision: the oracle of tests and benches, and a text to read beside the
 * kernels. Inputs are any list of numbers, outputs fresh `Float64Array`s. Sizes have the order of the kernels' arguments.
 * @module
 */
export * from './reference/activations.ts';
export { add } from './reference/add.ts';
export { type AffineMap, type AffineRanges, affineMap, affineSample } from './reference/affine.ts';
export { averagePool2dBackward, averagePool2dForward } from './reference/averagePool2d.ts';
export {
  type BatchNormGradients,
  type BatchNormSizes,
  batchNormBackward,
  batchNormForward,
  batchNormMoments,
  batchNormRunning,
  type Moments,
} from './reference/batchNorm.ts';
export { binaryCrossEntropy } from './reference/binaryCrossEntropy.ts';
export { concatBackward, concatForward } from './reference/concat.ts';
export {
  conv2dAddBias,
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
} from './reference/conv2d.ts';
export {
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
} from './reference/dense.ts';
export { type Draw, dropout, philox4x32 } from './reference/dropout.ts';
export {
  globalAveragePool2dBackward,
  globalAveragePool2dForward,
} from './reference/globalPool2d.ts';
export {
  type GroupNormSizes,
  groupNormBackward,
  groupNormForward,
  groupNormMoments,
} from './reference/groupNorm.ts';
export { matmul, transpose } from './reference/matmul.ts';
export { maxPool2dBackward, maxPool2dForward } from './reference/maxPool2d.ts';
export { multiplyBackward, multiplyForward } from './reference/multiply.ts';
export {
  type AdamStep,
  type AdaptiveStep,
  adadeltaStep,
  adagradStep,
  adamStep,
  type MomentumStep,
  momentumStep,
  nesterovStep,
  rmspropMomentumStep,
  rmspropStep,
  sgdStep,
} from './reference/optimizers.ts';
export { type PreluSizes, preluBackward, preluForward } from './reference/prelu.ts';
export { randomNormal } from './reference/randomNormal.ts';
export {
  huber,
  type LossAndGradient,
  meanAbsoluteError,
  meanSquaredError,
} from './reference/regression.ts';
export { cropSides, padSides, type SideSizes } from './reference/sides.ts';
export {
  softmaxBackward,
  softmaxCrossEntropy,
  softmaxForward,
  weightedCrossEntropy,
} from './reference/softmax.ts';
export {
  type UpsampleSizes,
  upsample2dBackward,
  upsample2dForward,
} from './reference/upsample2d.ts';
