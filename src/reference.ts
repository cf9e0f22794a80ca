/**
 * Every operation again, naive and in double precision: the oracle of tests and benches, and a text to read beside
 * the kernels. Inputs are any list of numbers, outputs fresh `Float64Array`s; sizes stand as the kernels take them.
 * @module
 */
export {
  leakyReluBackward,
  leakyReluForward,
  reluBackward,
  reluForward,
} from './reference/activations.ts';
export { add } from './reference/add.ts';
export {
  type BatchNormGradients,
  type BatchNormSizes,
  batchNormBackward,
  batchNormForward,
  batchNormMoments,
  batchNormRunning,
  type Moments,
} from './reference/batchNorm.ts';
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
export { meanSquaredError } from './reference/meanSquaredError.ts';
export {
  type AdamStep,
  adamStep,
  type MomentumStep,
  momentumStep,
  nesterovStep,
  rmspropStep,
  sgdStep,
} from './reference/optimizers.ts';
export { softmaxBackward, softmaxCrossEntropy, softmaxForward } from './reference/softmax.ts';
