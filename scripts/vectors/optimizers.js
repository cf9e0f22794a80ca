/** Vectors of assembly/optimizers/: blocks, rules, what comes before a rule, and the average that follows. */
import * as reference from '../../dist/reference.js';
import { listed, numbers, output, positive, valuesOf } from './regions.js';

/** Whole vectors and a tail. */
const LENGTH = 11;

const blocks = {
  name: 'zero, and the sum of three slices 64 bytes apart',
  regions: {
    y: numbers([LENGTH], 3),
    x: numbers([3, 16], 5),
    z: numbers([LENGTH], 9),
  },
  calls: [
    { kernel: 'accumulate', args: ['y', 'x', LENGTH, 3, 64] },
    { kernel: 'zero', args: ['z', LENGTH] },
  ],
  outputs: ['y', 'z'],
  tolerance: 1e-6,
  oracle() {
    const x = valuesOf(numbers([3, 16], 5));
    const before = valuesOf(numbers([LENGTH], 3));
    return {
      y: before.map((value, i) => value + x[i] + x[16 + i] + x[32 + i]),
      z: before.map(() => 0),
    };
  },
};

/** A step from state that is not 0. */
function optimizer(kernel, state, scalars, step) {
  const regions = {
    w: numbers([LENGTH], 3),
    dw: numbers([LENGTH], 8),
    ...Object.fromEntries(state.map((name, i) => [name, positive([LENGTH], 4 + i)])),
  };
  return {
    name: `${kernel}(${scalars.join(', ')})`,
    regions,
    calls: [{ kernel, args: ['w', ...state, 'dw', LENGTH, ...scalars] }],
    outputs: ['w', ...state],
    tolerance: 1e-6,
    oracle() {
      const v = Object.fromEntries(
        Object.entries(regions).map(([name, region]) => [name, valuesOf(region)]),
      );
      return step(v);
    },
  };
}

const rules = [
  optimizer('sgd', [], [0.05], ({ w, dw }) => ({
    w: reference.sgdStep(w, dw, { learningRate: 0.05 }),
  })),
  optimizer('momentum', ['v'], [0.05, 0.9], ({ w, v, dw }) =>
    reference.momentumStep(w, v, dw, { learningRate: 0.05, momentum: 0.9 }),
  ),
  optimizer('nesterov', ['v'], [0.05, 0.9], ({ w, v, dw }) =>
    reference.nesterovStep(w, v, dw, { learningRate: 0.05, momentum: 0.9 }),
  ),
  optimizer('rmsprop', ['v'], [0.001, 0.99, 1e-8], ({ w, v, dw }) =>
    reference.rmspropStep(w, v, dw, { learningRate: 0.001, rho: 0.99, epsilon: 1e-8 }),
  ),
  optimizer(
    'adam',
    ['m', 'v'],
    [0.001, 0.9, 0.999, 1e-8, 0.01, 1 - 0.9 * 0.9, 1 - 0.999 * 0.999],
    ({ w, m, v, dw }) =>
      reference.adamStep(w, m, v, dw, 2, {
        learningRate: 0.001,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0.01,
      }),
  ),
];

/** Three whole blocks and three numbers more. */
const squares = {
  name: 'squaredNorms of 27 numbers in blocks of 8',
  regions: { sums: output([4], 'f64'), x: numbers([27], 3) },
  calls: [{ kernel: 'squaredNorms', args: ['sums', 'x', 27, 8] }],
  outputs: ['sums'],
  tolerance: 1e-12,
  oracle() {
    const sums = [0, 0, 0, 0];
    for (const [i, value] of valuesOf(squares.regions.x).entries()) sums[i >> 3] += value ** 2;
    return { sums };
  },
};

const adaptive = [
  optimizer('rmspropMomentum', ['v', 'u'], [0.001, 0.9, 0.99, 1e-8], ({ w, v, u, dw }) =>
    reference.rmspropMomentumStep(w, v, u, dw, {
      learningRate: 0.001,
      rho: 0.99,
      epsilon: 1e-8,
      momentum: 0.9,
    }),
  ),
  optimizer('adagrad', ['v'], [0.01, 1e-10], ({ w, v, dw }) =>
    reference.adagradStep(w, v, dw, { learningRate: 0.01, epsilon: 1e-10 }),
  ),
  optimizer('adadelta', ['v', 'u'], [1, 0.9, 1e-6], ({ w, v, u, dw }) =>
    reference.adadeltaStep(w, v, u, dw, { learningRate: 1, rho: 0.9, epsilon: 1e-6 }),
  ),
];

const beforeRule = {
  name: 'scale, addScaled, and clamp: a NaN stays, an infinity does not',
  regions: {
    scaled: numbers([LENGTH], 3),
    sum: numbers([LENGTH], 5),
    x: numbers([LENGTH], 8),
    clamped: listed([0.5, -0.5, 2, -2, 'NaN', 'Infinity', '-Infinity', '-0', 1, -1, 1e30]),
  },
  calls: [
    { kernel: 'scale', args: ['scaled', LENGTH, 0.25] },
    { kernel: 'addScaled', args: ['sum', 'x', LENGTH, 0.1] },
    { kernel: 'clamp', args: ['clamped', LENGTH, 1] },
  ],
  outputs: ['scaled', 'sum', 'clamped'],
  tolerance: 1e-6,
  oracle() {
    const { scaled, sum, x, clamped } = beforeRule.regions;
    const added = valuesOf(x);
    return {
      scaled: valuesOf(scaled).map((value) => 0.25 * value),
      sum: valuesOf(sum).map((value, i) => value + 0.1 * added[i]),
      clamped: valuesOf(clamped).map((value) => Math.min(Math.max(value, -1), 1)),
    };
  },
};

const average = {
  name: 'blend, 0.9 of the average and 0.1 of the weights',
  regions: { y: numbers([LENGTH], 3), x: numbers([LENGTH], 8) },
  calls: [{ kernel: 'blend', args: ['y', 'x', LENGTH, 0.9] }],
  outputs: ['y'],
  tolerance: 1e-6,
  oracle() {
    const x = valuesOf(average.regions.x);
    return { y: valuesOf(average.regions.y).map((value, i) => 0.9 * value + (1 - 0.9) * x[i]) };
  },
};

export const optimizers = {
  optimizer: [blocks, ...rules],
  adaptive,
  clip: [squares, beforeRule],
  average: [average],
};
