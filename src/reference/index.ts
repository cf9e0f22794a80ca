/**
 * Every operation again, naive and in double precision: the oracle of tests and benches, and a text to read beside
 * the kernels. Inputs are any list of numbers, outputs fresh `Float64Array`s; sizes stand as the kernels take them.
 * @module
 */
export {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
} from './conv2d.ts';
export {
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
} from './dense.ts';
export { matmul, transpose } from './matmul.ts';
export { maxPool2dBackward, maxPool2dForward } from './maxPool2d.ts';
export {
  type AdamStep,
  adamStep,
  type MomentumStep,
  momentumStep,
  nesterovStep,
  rmspropStep,
  sgdStep,
} from './optimizers.ts';
export { reluBackward, reluForward } from './relu.ts';
export { softmaxBackward, softmaxCrossEntropy, softmaxForward } from './softmax.ts';
