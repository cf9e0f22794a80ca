/** The factories of all layers: `layers.conv2d({ filters: 12, kernelSize: 3 })`. One line a file is the registry. @module */
export { leakyRelu, relu } from './activations.ts';
export { add } from './add.ts';
export { batchNorm } from './batchNorm.ts';
export { conv2d } from './conv2d.ts';
export { conv2dTranspose } from './conv2dTranspose.ts';
export { dense } from './dense.ts';
export { depthwiseConv2d } from './depthwiseConv2d.ts';
export { dropout } from './dropout.ts';
export { flatten } from './flatten.ts';
export { globalAveragePool2d } from './globalAveragePool2d.ts';
export { groupNorm } from './groupNorm.ts';
export { maxPool2d } from './maxPool2d.ts';
export { separableConv2d } from './separableConv2d.ts';
export { softmax } from './softmax.ts';
