/**
 * Softmax over the features of each image. Kernels: assembly/losses/softmaxCrossEntropy.ts.
 *
 * As the last layer under `categoricalCrossentropy` it is not run while training: the loss takes the logits, so that
 * a saturated prediction keeps a finite loss (losses/categoricalCrossentropy.ts).
 * @module
 */
import { type LayerFactory, layer } from './factory.ts';
import { features, type Placement } from './layer.ts';

export interface SoftmaxSpec extends Placement {
  readonly type: 'softmax';
}

/**
 * `y[n, i] = exp(x[n, i]) / Σⱼ exp(x[n, j])`
 *
 * x, y, dx, dy: `[N, classes]`.
 */
export const softmax: LayerFactory<SoftmaxSpec> = layer<SoftmaxSpec>({
  type: 'softmax',
  options: {},
  backwardReads: ['y'],
  outputShape: (where, _spec, [input]) => features(where, input),
  emit(to, _spec, [[classes = 0]], { batch, x, y, dx, dy }) {
    to.forward('softmaxForward', y, x, batch, classes);
    if (dx !== 0) to.backward('softmaxBackward', dx, dy, y, batch, classes);
  },
});
