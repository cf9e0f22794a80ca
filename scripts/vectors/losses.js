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

const weighted = [
  ['weights of the classes', 0, 'weights', [0.5, 1, 2, 0, 3]],
  ['smoothed labels', 0.1, 0, undefined],
  ['weights and smoothed labels', 0.3, 'weights', [0.5, 1, 2, 0, 3]],
].map(([name, smoothing, weights, list]) => ({
  name: `cross-entropy of softmax, 3×5: ${name}`,
  regions: {
    losses: output([3]),
    dx: output([3, 5]),
    x: logits,
    labels,
    ...(list && { weights: listed(list) }),
  },
  calls: [
    {
      kernel: 'weightedCrossEntropy',
      args: ['losses', 'dx', 'x', 'labels', weights, 3, 5, smoothing, 0.25],
    },
  ],
  outputs: ['losses', 'dx'],
  tolerance: 1e-6,
  oracle: () =>
    reference.weightedCrossEntropy(valuesOf(logits), labels.data, 3, 5, smoothing, 0.25, list),
}));

const answers = listed([1, 0, 0.25, 1, 1, 0, 0, 1, 0.5, 1, 0, 1, 0, 0.75, 1], 'f32', [3, 5]);
const positiveWeights = listed([0.5, 1, 2, 0, 3]);

const binary = [
  {
    name: 'cross-entropy of sigmoid and targets, 3×5, with weights, scale 1/15',
    regions: {
      losses: output([3]),
      dx: output([3, 5]),
      x: logits,
      targets: answers,
      weights: positiveWeights,
    },
    calls: [
      {
        kernel: 'binaryCrossEntropy',
        args: ['losses', 'dx', 'x', 'targets', 0, 'weights', 3, 5, 1 / 15],
      },
    ],
    outputs: ['losses', 'dx'],
    tolerance: 1e-6,
    oracle: () =>
      reference.binaryCrossEntropy(valuesOf(logits), answers.data, 3, 5, positiveWeights.data),
  },
  {
    name: 'cross-entropy of sigmoid and labels, saturated outputs among them, scale 1/6',
    regions: {
      losses: output([6]),
      dx: output([6]),
      x: listed([1, -2, 1e4, -1e4, 0, '-0'], 'f32', [6, 1]),
      labels: listed([1, 1, 0, 0, 1, 0], 'i32'),
    },
    calls: [
      { kernel: 'binaryCrossEntropy', args: ['losses', 'dx', 'x', 0, 'labels', 0, 6, 1, 1 / 6] },
    ],
    outputs: ['losses', 'dx'],
    tolerance: 1e-6,
    oracle: () => reference.binaryCrossEntropy([1, -2, 1e4, -1e4, 0, -0], [1, 1, 0, 0, 1, 0], 6, 1),
  },
];

const weighImages = {
  name: 'three images of 5 numbers',
  regions: {
    losses: numbers([3], 4),
    dx: numbers([3, 5], 6),
    weights: listed([0.5, 0, 3]),
  },
  calls: [{ kernel: 'weighImages', args: ['losses', 'dx', 'weights', 3, 5] }],
  outputs: ['losses', 'dx'],
  tolerance: 1e-6,
  oracle() {
    const { losses, dx, weights } = weighImages.regions;
    return {
      losses: valuesOf(losses).map((loss, n) => loss * weights.data[n]),
      dx: valuesOf(dx).map((value, i) => value * weights.data[Math.floor(i / 5)]),
    };
  },
};

const positive = {
  name: 'above 0 or not; a NaN is not',
  regions: { indices: output([6], 'i32'), x: listed([1, -1, 0, '-0', 'NaN', 1e-30]) },
  calls: [{ kernel: 'positive', args: ['indices', 'x', 6] }],
  outputs: ['indices'],
  tolerance: 0,
};

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

/** A loss of values. */
function regression(kernel, oracle, what, ...options) {
  const [x, targets] = [numbers([3, 5], 6), numbers([3, 5], 2)];
  const args = ['losses', 'dx', 'x', 'targets', 3, 5, ...options, 1 / 15];
  return {
    name: `${what} and its gradient, 3×5, scale 1/15`,
    regions: { losses: output([3]), dx: output([3, 5]), x, targets },
    calls: [{ kernel, args }],
    outputs: ['losses', 'dx'],
    tolerance: 1e-6,
    oracle: () => oracle(valuesOf(x), valuesOf(targets), 3, 5, ...options),
  };
}

export const losses = {
  softmaxCrossEntropy: [...softmax, ...weighted],
  argmax: [argmax, positive],
  binaryCrossEntropy: binary,
  meanSquaredError: [
    regression('meanSquaredError', reference.meanSquaredError, 'mean squared error'),
  ],
  meanAbsoluteError: [
    regression('meanAbsoluteError', reference.meanAbsoluteError, 'mean absolute error'),
  ],
  huber: [regression('huber', reference.huber, 'the loss of Huber, delta 0.5', 0.5)],
  weighImages: [weighImages],
};
