/** Networks with a name, for images of a shape and a number of classes. @module */
import { checkShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { residual } from '../layers/blocks.ts';
import * as layers from '../layers/index.ts';
import type { LayerSpec } from '../layers/registry.ts';
import type { ModelSpec } from './spec.ts';

/** The thesis's network: Conv 12 3×3 → ReLU → MaxPool 2 → Dense 10 → softmax; 20,410 parameters on 1×28×28. */
function reference(inputShape: Shape, classes: number): ModelSpec {
  checkShape('reference: inputShape', inputShape, 3);
  return {
    inputShape,
    layers: [
      layers.conv2d({ filters: 12, kernelSize: 3 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

/** LeNet-5 with ReLU and max pooling, after LeCun et al., "Gradient-based learning applied to document recognition" (1998). */
function lenet5(inputShape: Shape, classes: number): ModelSpec {
  checkShape('lenet5: inputShape', inputShape, 3);
  return {
    inputShape,
    layers: [
      layers.conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 5 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 120 }),
      layers.relu(),
      layers.dense({ units: 84 }),
      layers.relu(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

/**
 * A ResNet of eight layers with weights on its way, after He et al., "Deep residual learning for image recognition" (2016), section 4.2: a
 * convolution, three residual blocks of 16, 32 and 64 channels, global average pooling; 77,754 parameters on 1×28×28.
 */
function resnet8(inputShape: Shape, classes: number): ModelSpec {
  checkShape('resnet8: inputShape', inputShape, 3);
  return {
    inputShape,
    layers: [
      ...convolution({ filters: 16, kernelSize: 3, padding: 1 }),
      ...residualStage('stage1', 16, 1),
      ...residualStage('stage2', 32, 2),
      ...residualStage('stage3', 64, 2),
      layers.globalAveragePool2d(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

/** Two convolutions, and their input added; a convolution of 1×1 brings the input to their shape. */
function residualStage(name: string, filters: number, strides: number): LayerSpec[] {
  const padding = 1;
  const [first = [], second = []] = [strides, 1].map((strides) =>
    convolution({ filters, kernelSize: 3, strides, padding }),
  );
  const shortcut =
    strides === 1
      ? []
      : [layers.conv2d({ filters, kernelSize: 1, strides, useBias: false }), layers.batchNorm()];
  const body = [...first, ...second.slice(0, -1)]; // the last ReLU comes after the sum
  return [...residual({ name, layers: body, shortcut }), layers.relu()];
}

/**
 * Depthwise and 1×1 convolutions in turn, after Howard et al., "MobileNets" (2017), section 3, in small; 10,474 parameters on
 * 1×28×28.
 */
function mobile(inputShape: Shape, classes: number): ModelSpec {
  checkShape('mobile: inputShape', inputShape, 3);
  return {
    inputShape,
    layers: [
      ...convolution({ filters: 16, kernelSize: 3, padding: 1 }),
      ...depthwiseStage(32, 2),
      ...depthwiseStage(32, 1),
      ...depthwiseStage(64, 2),
      ...depthwiseStage(64, 1),
      layers.globalAveragePool2d(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

function depthwiseStage(filters: number, strides: number): LayerSpec[] {
  return [
    layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 1, useBias: false }),
    layers.batchNorm(),
    layers.relu(),
    ...convolution({ filters, kernelSize: 1 }),
  ];
}

/** Six convolutions of 8 to 16 filters; 9,914 parameters on 1×28×28. */
function tiny(inputShape: Shape, classes: number): ModelSpec {
  checkShape('tiny: inputShape', inputShape, 3);
  const kernelInitializer = 'heNormal';
  const conv = (filters: number) => ({ filters, kernelSize: 3, kernelInitializer }) as const;
  return {
    inputShape,
    layers: [
      ...convolution(conv(8)),
      ...pooledConvolution(conv(12)),
      ...[16, 16, 16, 16].flatMap((filters) => convolution(conv(filters))),
      layers.globalAveragePool2d(),
      layers.dense({ units: classes, kernelInitializer }),
      layers.softmax(),
    ],
  };
}

/**
 * For one pass over the images: convolutions of 5×5 and 3×3, each with ReLU and pooling, which are one kernel, and the batch
 * normalisation of what is left; 47,902 parameters on 1×28×28.
 */
function fast(inputShape: Shape, classes: number): ModelSpec {
  checkShape('fast: inputShape', inputShape, 3);
  const kernelInitializer = 'torchUniform';
  const initializers = { kernelInitializer, biasInitializer: kernelInitializer } as const;
  const pooled = (filters: number, kernelSize: number) => [
    layers.conv2d({ filters, kernelSize, ...initializers }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.batchNorm(),
  ];
  return {
    inputShape,
    layers: [
      ...pooled(8, 5),
      ...pooled(28, 3),
      layers.flatten(),
      layers.dense({ units: 64, useBias: false, kernelInitializer }),
      layers.batchNorm(),
      layers.relu(),
      layers.dense({ units: classes, ...initializers }),
      layers.softmax(),
    ],
  };
}

/** Five convolutions of 16 to 64 filters; 84,442 parameters on 1×28×28. */
function accurate(inputShape: Shape, classes: number): ModelSpec {
  checkShape('accurate: inputShape', inputShape, 3);
  return {
    inputShape,
    layers: [
      ...pooledConvolution({ filters: 16, kernelSize: 5 }),
      ...convolution({ filters: 32, kernelSize: 3, padding: 1 }),
      ...convolution({ filters: 48, kernelSize: 3 }),
      layers.maxPool2d({ poolSize: 2 }),
      ...convolution({ filters: 64, kernelSize: 3, padding: 1 }),
      ...convolution({ filters: 64, kernelSize: 3 }),
      layers.globalAveragePool2d(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

type ConvolutionOptions = Parameters<typeof layers.conv2d>[0];

/** A convolution without bias, normalised, and ReLU. */
function convolution(options: ConvolutionOptions): LayerSpec[] {
  return [layers.conv2d({ ...options, useBias: false }), layers.batchNorm(), layers.relu()];
}

/** The same, pooled first: a quarter of the values is normalised. */
function pooledConvolution(options: ConvolutionOptions): LayerSpec[] {
  const [first, ...others] = convolution(options);
  return first ? [first, layers.maxPool2d({ poolSize: 2 }), ...others] : [];
}

/** Makes the spec of a network for images of a shape and a number of classes. */
type Build = (inputShape: Shape, classes: number) => ModelSpec;

type Name = 'reference' | 'lenet5' | 'resnet8' | 'mobile' | 'tiny' | 'fast' | 'accurate';

/** By name. Look up a name that a user gives with `Object.hasOwn`. */
export const namedModels: Readonly<Record<Name, Build>> & Readonly<Record<string, Build>> = {
  reference,
  lenet5,
  resnet8,
  mobile,
  tiny,
  fast,
  accurate,
};
