/** Every kernel, one op a file. The only entry the compiler sees. */
export { abiVersion } from './abi';
export { argmax } from './argmax';
export {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  conv2dScratchBytes,
} from './conv2d';
export {
  convReluPoolBackwardInput,
  convReluPoolBackwardWeight,
  convReluPoolForward,
  convReluPoolSavedBytes,
  convReluPoolScratchBytes,
} from './convReluPool';
export {
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
  denseScratchBytes,
} from './dense';
export { gatherF32, gatherLabels, gatherU8 } from './gather';
export { gemmNN, gemmNT, gemmScratchBytes, gemmTN } from './gemm';
export { col2im, im2col } from './im2col';
export { exp, log } from './math';
export { maxPool2dBackward, maxPool2dForward } from './maxpool2d';
export { accumulate, adam, momentum, nesterov, rmsprop, sgd, zero } from './optimizer';
export { randomNormal } from './random';
export { reluBackward, reluForward } from './relu';
export { softmaxBackward, softmaxCrossEntropy, softmaxForward } from './softmaxCrossEntropy';
export { transpose } from './transpose';
