/** Networks with a name, for images of a shape and a number of classes. @module */
import { checkShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import * as layers from '../layers/index.ts';
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

export const namedModels: Readonly<Record<string, (shape: Shape, classes: number) => ModelSpec>> = {
  reference,
  lenet5,
};
