/**
 * The exports of the module: every kernel, one op a file. The compiler takes this file as its only entry.
 *
 * Sizes mean the same everywhere:
 *
 *   batch                images, or rows
 *   inC inH inW          channels, height and width of x
 *   outC outH outW       channels, height and width of y, before the pooling if one step does both
 *   channels             channels of x and y
 *   height width         of an image that keeps its size
 *   kH kW                height and width of the kernel, or of the window
 *   strideH strideW      from one output to the next, at least 1
 *   padH padW            zeros before the first row and column
 *   dilationH dilationW  from one tap to the next, at least 1
 *   groups               groups of channels; an output of a convolution sees the inputs of its own group
 *   pixels               entries of a channel: height · width of an image, 1 of a row of features
 *   inputs outputs       features of a row of x and of y
 *   classes              entries of a row
 *   m n k                rows of C, columns of C, entries of each sum
 *   rows columns         of a matrix
 *   length               elements, or elements of a row if there is a batch
 *   slices               blocks that are added up
 *
 * scripts/abi.js makes docs/abi.md from the comments of these files: from the head of each file, and for each function from
 * its description, from the tensors declared as `x, dx: f32[batch, length]` in the head or in the description, and from these tags:
 *
 *   @writes y       overwritten, whatever it held        @bytes scratch …   a region with no other shape, and its size
 *   @adds dw        added to                             @optional b …      the address may be 0: what that means
 *   @updates w      read and rewritten in place          @inPlace y x       y may be x; nothing else may overlap
 *   @param rate …   any other argument
 */

export { eluBackward, eluForward } from './activations/elu';
export { geluBackward, geluForward } from './activations/gelu';
export { hardSigmoidBackward, hardSigmoidForward } from './activations/hardSigmoid';
export { hardSwishBackward, hardSwishForward } from './activations/hardSwish';
export { leakyReluBackward, leakyReluForward } from './activations/leakyRelu';
export { preluBackwardInput, preluBackwardWeight, preluForward } from './activations/prelu';
export { reluBackward, reluForward } from './activations/relu';
export { relu6Backward, relu6Forward } from './activations/relu6';
export { seluBackward, seluForward } from './activations/selu';
export { sigmoidBackward, sigmoidForward } from './activations/sigmoid';
export { siluBackward, siluForward } from './activations/silu';
export { softplusBackward, softplusForward } from './activations/softplus';
export { tanhBackward, tanhForward } from './activations/tanh';
export {
  conv2dAddBias,
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  conv2dScratchBytes,
} from './conv2d/conv2d';
export { col2im, im2col } from './conv2d/im2col';
export {
  convReluPoolBackwardInput,
  convReluPoolBackwardWeight,
  convReluPoolForward,
  convReluPoolSavedBytes,
  convReluPoolScratchBytes,
} from './convReluPool/convReluPool';
export { affineF32, affineMaps, affineScratchBytes, affineU8 } from './data/affine';
export { gatherF32, gatherI32, gatherLabels, gatherU8 } from './data/gather';
export { normalize } from './data/normalize';
export {
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
  denseScratchBytes,
} from './dense/dense';
export { gemmNN, gemmNT, gemmScratchBytes, gemmTN } from './gemm/gemm';
export { transpose } from './gemm/transpose';
export { abiVersion } from './lib/abi';
export { exp, log } from './lib/math';
export { randomNormal } from './lib/random';
export { argmax, positive } from './losses/argmax';
export { binaryCrossEntropy } from './losses/binaryCrossEntropy';
export { huber } from './losses/huber';
export { meanAbsoluteError } from './losses/meanAbsoluteError';
export { meanSquaredError } from './losses/meanSquaredError';
export {
  softmaxBackward,
  softmaxCrossEntropy,
  softmaxForward,
  weightedCrossEntropy,
} from './losses/softmaxCrossEntropy';
export { weighImages } from './losses/weighImages';
export { add } from './merge/add';
export { multiply, multiplyChannels, sumProducts } from './merge/multiply';
export {
  batchNormBackwardInput,
  batchNormBackwardWeight,
  batchNormFixedMoments,
  batchNormForward,
  batchNormMoments,
  batchNormRunning,
  batchNormSums,
} from './normalization/batchNorm';
export {
  groupNormBackwardInput,
  groupNormBackwardWeight,
  groupNormForward,
} from './normalization/groupNorm';
export { adadelta, adagrad, rmspropMomentum } from './optimizers/adaptive';
export { blend } from './optimizers/average';
export { addScaled, clamp, scale, squaredNorms } from './optimizers/clip';
export { accumulate, adam, momentum, nesterov, rmsprop, sgd, zero } from './optimizers/optimizer';
export { averagePool2dBackward, averagePool2dForward } from './pooling/averagePool2d';
export {
  globalAveragePool2dBackward,
  globalAveragePool2dForward,
} from './pooling/globalAveragePool2d';
export { maxPool2dBackward, maxPool2dForward } from './pooling/maxPool2d';
export { dropout } from './regularization/dropout';
export { copyRows } from './shape/copyRows';
export { upsample2dBackward, upsample2dForward } from './shape/upsample2d';
