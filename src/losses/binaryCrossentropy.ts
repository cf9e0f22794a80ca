/**
 * Binary cross-entropy of sigmoid, both at once: yes or no, for each output of the network. Kernel:
 * assembly/losses/binaryCrossEntropy.ts. Oracle: src/reference/binaryCrossEntropy.ts.
 *
 *   loss[n]   = Σᵢ (w[i]·t[n, i]·softplus(−x[n, i]) + (1 − t[n, i])·softplus(x[n, i])) / length
 *   dx[n, i]  = ((1 − t[n, i])·σ(x[n, i]) − w[i]·t[n, i]·σ(−x[n, i])) / (N·length)
 *
 * on the logits x, the input of a final sigmoid or the output itself (Bishop, "Pattern Recognition and Machine Learning",
 * 2006, section 4.3.2); N is the number of images in the whole batch. w are the weights of the positive answers, and nothing is
 * divided by them: torch.nn.BCEWithLogitsLoss.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { type OptionCheck, positive } from '../base/options.ts';
import { elementCount, formatShape } from '../base/shape.ts';
import { type LossFactory, loss } from './loss.ts';
import { checkWeightCount, weightList } from './outputWeights.ts';

export interface BinaryCrossentropySpec {
  readonly type: 'binaryCrossentropy';
  /** w: a number of at least 0 for each output, or one above 0 for all. All are 1 by default. */
  readonly positiveWeights?: number | readonly number[];
}

const positiveWeights: OptionCheck = (where, name, value) => {
  if (typeof value === 'number') positive(where, name, value);
  else weightList(where, name, value);
};

/**
 * `−log` of the probability that sigmoid gives the answer, the mean over all outputs. The network ends in sigmoid, or in logits;
 * the data have targets from 0 to 1, as many as the network has outputs, or, if that is one, labels of two classes.
 */
export const binaryCrossentropy: LossFactory<BinaryCrossentropySpec> = loss<BinaryCrossentropySpec>(
  {
    type: 'binaryCrossentropy',
    options: { positiveWeights },
    targets: ['classes', 'values'],
    absorbs: 'sigmoid',
    prediction: 'half',

    checkOutput(where, { positiveWeights }, output, targets) {
      const length = elementCount(output);
      if (targets === 'classes' && length !== 1) {
        throw new ShapeError(
          `${where}: expected a network with one output under 'binaryCrossentropy' with labels, got ${formatShape(output)}. End it in layers.dense({ units: 1 }), or give targets instead of labels.`,
        );
      }
      if (Array.isArray(positiveWeights)) {
        checkWeightCount(where, 'positiveWeights', positiveWeights, length);
      }
    },

    checkValues(where, values) {
      const place = values.findIndex((value) => !(value >= 0 && value <= 1));
      if (place < 0) return;
      throw new RangeError(
        `${where}: expected targets from 0 to 1 under 'binaryCrossentropy', got ${values[place]} at place ${place}. Use shares, or another loss.`,
      );
    },

    weights({ positiveWeights }, length) {
      if (typeof positiveWeights !== 'number') return positiveWeights;
      return new Array<number>(length).fill(positiveWeights);
    },

    guess({ positiveWeights = 1 }) {
      const weightOf = (place: number) =>
        typeof positiveWeights === 'number' ? positiveWeights : (positiveWeights[place] ?? 1);
      return (target, place) => (weightOf(place) * target + 1 - target) * Math.LN2;
    },

    emit(call, _spec, { losses, dx, x, targets, kind, weights, batch, length, total }) {
      const [values, labels] = kind === 'values' ? [targets, 0] : [0, targets];
      const scale = 1 / (total * length);
      call('binaryCrossEntropy', losses, dx, x, values, labels, weights, batch, length, scale);
    },
  },
);
