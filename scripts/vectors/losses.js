/** Vectors of assembly/losses/. */
import * as reference from '../../dist/reference.js';
import { listed, numbers, output, valuesOf } from './regions.js';

const logits = numbers([3, 5], 6, 101, 3);
const labels = listed([4, 0, 2], 'i32');

const softmax = [
  {
    name: 'softmax and its gradient, 3×5',
    regions: { y: output([3, 5]), dx: output([3, 5]), x: logits, dy: numbers([3, 5], 2) },
    calls: [
      { kernel: 'softmaxForward', args: ['y', 'x', 3, 5] },
      { kernel: 'softmaxBackward', args: ['dx', 'dy', 'y', 3, 5] },
    ],
    outputs: ['y', 'dx'],
    tolerance: 1e-6,
    oracle() {
      const y = reference.softmaxForward(valuesOf(logits), 3, 5);
      return { y, dx: reference.softmaxBackward(valuesOf(numbers([3, 5], 2)), y, 3, 5) };
    },
  },
  {
    name: 'cross-entropy of softmax, 3×5, scale 1/3',
    regions: { losses: output([3]), dx: output([3, 5]), x: logits, labels },
    calls: [{ kernel: 'softmaxCrossEntropy', args: ['losses', 'dx', 'x', 'labels', 3, 5, 1 / 3] }],
    outputs: ['losses', 'dx'],
    tolerance: 1e-6,
    oracle: () => reference.softmaxCrossEntropy(valuesOf(logits), labels.data, 3, 5, 1 / 3),
  },
];

const argmax = {
  name: 'the first on a tie; a NaN never wins over a number',
  regions: {
    indices: output([4], 'i32'),
    x: listed([1, 3, 3, 2, 'NaN', -1, -2, 'NaN', 'NaN', 'NaN', 0, 0], 'f32', [4, 3]),
  },
  calls: [{ kernel: 'argmax', args: ['indices', 'x', 4, 3] }],
  outputs: ['indices'],
  tolerance: 0,
};

const meanSquaredError = {
  name: 'mean squared error and its gradient, 3×5, scale 1/15',
  regions: {
    losses: output([3]),
    dx: output([3, 5]),
    x: numbers([3, 5], 6),
    targets: numbers([3, 5], 2),
  },
  calls: [{ kernel: 'meanSquaredError', args: ['losses', 'dx', 'x', 'targets', 3, 5, 1 / 15] }],
  outputs: ['losses', 'dx'],
  tolerance: 1e-6,
  oracle() {
    const { x, targets } = meanSquaredError.regions;
    return reference.meanSquaredError(valuesOf(x), valuesOf(targets), 3, 5);
  },
};

export const losses = {
  softmaxCrossEntropy: softmax,
  argmax: [argmax],
  meanSquaredError: [meanSquaredError],
};
