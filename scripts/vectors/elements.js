/** Vectors of the kernels that work element by element: ReLU, exp, log, random numbers, blocks and optimizers. */
import * as reference from '../../dist/reference.js';
import { listed, numbers, output, positive, valuesOf } from './regions.js';

/** A length with whole vectors and a tail. */
const LENGTH = 11;

const relu = {
  name: 'NaN stays, −0 stays, the slope at 0 is 0',
  regions: {
    y: output([LENGTH]),
    x: listed([1, -1, 0, '-0', 'NaN', 'Infinity', '-Infinity', 2.5, -0.5, 3, -3]),
    dx: output([LENGTH]),
    dy: numbers([LENGTH], 3),
  },
  calls: [
    { kernel: 'reluForward', args: ['y', 'x', LENGTH] },
    { kernel: 'reluBackward', args: ['dx', 'dy', 'y', LENGTH] },
  ],
  outputs: ['y', 'dx'],
  tolerance: 0,
};

const math = {
  name: 'exp and log, limits included',
  regions: {
    y: output([LENGTH]),
    x: listed([0, 1, -1, 10.5, -10.5, 88, -88, -104, 89.5, '-Infinity', 'NaN']),
    z: output([LENGTH]),
    v: listed([1, 2, 10, 0.5, 1e-30, 1e30, 0, -1, 'Infinity', 3, 'NaN']),
  },
  calls: [
    { kernel: 'exp', args: ['y', 'x', LENGTH] },
    { kernel: 'log', args: ['z', 'v', LENGTH] },
  ],
  outputs: ['y', 'z'],
  relativeTolerance: 3e-7, // two units in the last place
  oracle() {
    const of = (region, exact) => valuesOf(region).map((value) => Math.fround(exact(value)));
    return { y: of(math.regions.x, Math.exp), z: of(math.regions.v, Math.log) };
  },
};

const random = {
  name: 'both tails, the middle, and bits of all sizes; standard deviation √(2/9)',
  regions: {
    y: output([LENGTH]),
    bits: listed(
      [0, 1, 4_294_967_295, 2_147_483_647, 2_147_483_648, 3, 100_000_000, 4e9, 1e9, 3e9, 77],
      'u32',
    ),
  },
  calls: [{ kernel: 'randomNormal', args: ['y', 'bits', LENGTH, Math.sqrt(2 / 9)] }],
  outputs: ['y'],
  tolerance: 1e-6,
};

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

const optimizers = [
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

export const elements = {
  relu: [relu],
  math: [math],
  random: [random],
  optimizer: [blocks, ...optimizers],
};
