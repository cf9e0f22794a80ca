/**
 * Softmax over the features of each image. Kernels: assembly/losses/softmaxCrossEntropy.ts.
 *
 * As the last layer under `categoricalCrossentropy` it is not run while training: the loss takes the logits, so that
 * a saturated prediction keeps a finite loss (losses/categoricalCrossentropy.ts).
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import type { LayerDefinition } from './layer.ts';

export interface SoftmaxSpec {
  readonly type: 'softmax';
}

/** Spec entry of `y[n, i] = exp(x[n, i]) / Σⱼ exp(x[n, j])`. */
export function softmax(): SoftmaxSpec {
  return { type: 'softmax' };
}

/** x, y, dx, dy: `[N, classes]`. */
export const softmaxLayer: LayerDefinition<SoftmaxSpec> = {
  options: [],
  outputShape(where, _spec, input) {
    if (input.length === 1) return input;
    throw new ShapeError(
      `${where}: expected one row of features an image, got ${formatShape(input)}. Put layers.flatten() before it.`,
    );
  },
  parameters: () => [],
  emit(to, _spec, [classes = 0], { batch, x, y, dx, dy }) {
    to.forward('softmaxForward', y, x, batch, classes);
    to.backward('softmaxBackward', dx, dy, y, batch, classes);
  },
};
