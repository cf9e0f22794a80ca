/**
 * Categorical cross-entropy of softmax, both at once. Kernels: assembly/losses/softmaxCrossEntropy.ts. Oracle:
 * src/reference/softmax.ts.
 *
 *   loss[n]   = log Σⱼ exp(x[n, j]) − x[n, label[n]]
 *   dx[n, i]  = (softmax(x[n])[i] − [i = label[n]]) / N
 *
 * on the logits x, the input of a final softmax or the output itself (Bishop, "Pattern Recognition and Machine Learning",
 * 2006, eq. 4.108–4.109); N is the number of images in the whole batch, however it is cut. With labels smoothed by s
 * (Szegedy et al., "Rethinking the Inception architecture", 2016, section 7) and weights w of the C classes
 *
 *   loss[n]   = Σᵢ a[i]·(log Σⱼ exp(x[n, j]) − x[n, i]),  a[i] = (1 − s)·w[i]·[i = label[n]] + s·w[i] / C
 *
 * and the sum over a batch is divided by Σₙ w[label[n]]: torch.nn.CrossEntropyLoss.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { naturalLog } from '../base/logarithm.ts';
import { type OptionCheck, share } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { type LossFactory, loss } from './loss.ts';
import { checkWeightCount, weightList } from './outputWeights.ts';

export interface CategoricalCrossentropySpec {
  readonly type: 'categoricalCrossentropy';
  /** s, from 0 to 1: the share of each label that goes to all classes alike. @default 0 */
  readonly labelSmoothing?: number;
  /**
   * A number of at least 0 for each class; or `'balanced'`: as the classes are in the training data when `fit` begins, images /
   * (classes · images of the class), and 1 for a class without images. All are 1 by default.
   */
  readonly classWeights?: readonly number[] | 'balanced';
}

const classWeights: OptionCheck = (where, name, value) => {
  if (value !== 'balanced') weightList(where, name, value);
};

/** `−log` of the probability that softmax gives the label; the network ends in softmax, or in logits. */
export const categoricalCrossentropy: LossFactory<CategoricalCrossentropySpec> =
  loss<CategoricalCrossentropySpec>({
    type: 'categoricalCrossentropy',
    options: { labelSmoothing: share, classWeights },
    targets: ['classes'],
    absorbs: 'softmax',
    prediction: 'largest',
    weighsLabels: true,

    checkOutput(where, { classWeights }, output) {
      const [length = 0, ...more] = output;
      if (output.length === 0 || more.length > 0) {
        throw new ShapeError(
          `${where}: expected a network that ends in one number a class under 'categoricalCrossentropy', got ${formatShape(output)}. Add layers.flatten() and layers.dense({ units: classes }).`,
        );
      }
      if (Array.isArray(classWeights)) {
        checkWeightCount(where, 'classWeights', classWeights, length);
      }
    },

    resolve(spec, data) {
      if (spec.classWeights !== 'balanced') return spec;
      const { labels = [], classes = 0 } = data;
      return { ...spec, classWeights: balancedWeights(labels, classes) };
    },

    weights({ classWeights }) {
      if (classWeights !== 'balanced') return classWeights;
      throw new Error('internal: weights of classes that were not counted');
    },

    guess({ labelSmoothing: s = 0, classWeights }, classes) {
      const weights = Array.isArray(classWeights) ? classWeights : new Array(classes).fill(1);
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / classes;
      const even = naturalLog(classes);
      return (label) => even * ((1 - s) * weights[label] + s * mean);
    },

    emit(call, { labelSmoothing = 0 }, tensors) {
      const { losses, dx, x, targets, weights, batch, length, total } = tensors;
      if (labelSmoothing === 0 && weights === 0) {
        call('softmaxCrossEntropy', losses, dx, x, targets, batch, length, 1 / total);
        return;
      }
      call(
        'weightedCrossEntropy',
        losses,
        dx,
        x,
        targets,
        weights,
        batch,
        length,
        labelSmoothing,
        1 / total,
      );
    },
  });

/** `images / (classes · images of the class)`: every class weighs alike in all. */
function balancedWeights(labels: ArrayLike<number>, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)));
}
