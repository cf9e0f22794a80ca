/**
 * Categorical cross-entropy of softmax, both at once. Kernel: assembly/losses/softmaxCrossEntropy.ts. Oracle:
 * src/reference/softmax.ts.
 *
 *   loss[n]   = log Σⱼ exp(x[n, j]) − x[n, label[n]]
 *   dx[n, i]  = (softmax(x[n])[i] − [i = label[n]]) / N
 *
 * on the logits x, the input of a final softmax or the output itself (Bishop, "Pattern Recognition and Machine Learning",
 * 2006, eq. 4.108–4.109); N is the number of images in the whole batch, however it is cut.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import { type LossFactory, loss } from './loss.ts';

export interface CategoricalCrossentropySpec {
  readonly type: 'categoricalCrossentropy';
}

/** `−log` of the probability that softmax gives the label; the network ends in softmax, or in logits. */
export const categoricalCrossentropy: LossFactory<CategoricalCrossentropySpec> =
  loss<CategoricalCrossentropySpec>({
    type: 'categoricalCrossentropy',
    options: {},
    targets: 'classes',
    absorbs: 'softmax',
    prediction: 'largest',
    checkOutput(where, output) {
      if (output.length === 1) return;
      throw new ShapeError(
        `${where}: expected a network that ends in one number a class under 'categoricalCrossentropy', got ${formatShape(output)}. Add layers.flatten() and layers.dense({ units: classes }).`,
      );
    },
    emit(call, _spec, { losses, dx, x, targets, batch, length, total }) {
      call('softmaxCrossEntropy', losses, dx, x, targets, batch, length, 1 / total);
    },
  });
