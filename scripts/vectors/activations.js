/** Vectors of assembly/activations/. */
import * as reference from '../../dist/reference.js';
import { listed, numbers, output, valuesOf } from './regions.js';

/** Whole vectors and a tail. */
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

/** A slope that f32 holds exactly, so that nothing is rounded. */
const SLOPE = 0.25;

const leakyRelu = {
  name: 'NaN stays, −0 stays, the slope at 0 is the negative slope',
  regions: relu.regions,
  calls: [
    { kernel: 'leakyReluForward', args: ['y', 'x', LENGTH, SLOPE] },
    { kernel: 'leakyReluBackward', args: ['dx', 'dy', 'y', LENGTH, SLOPE] },
  ],
  outputs: ['y', 'dx'],
  tolerance: 0,
  oracle() {
    const y = reference.leakyReluForward(valuesOf(relu.regions.x), SLOPE);
    return { y, dx: reference.leakyReluBackward(valuesOf(relu.regions.dy), y, SLOPE) };
  },
};

/** By name. */
const oracles = { ...reference };

const x = listed([1, -1, 0, 3, -3, 6, -0.1, 30, -30, -1e30, 1e-30]);
const dy = numbers([LENGTH], 3);

/** @param reads What backward reads. @param options Of the function. */
function activation(name, reads, ...options) {
  return {
    name: `${name}(${options.join(', ')}) at kinks, small and large`,
    regions: { y: output([LENGTH]), x, dx: output([LENGTH]), dy },
    calls: [
      { kernel: `${name}Forward`, args: ['y', 'x', LENGTH, ...options] },
      { kernel: `${name}Backward`, args: ['dx', 'dy', reads, LENGTH, ...options] },
    ],
    outputs: ['y', 'dx'],
    tolerance: 3e-7,
    oracle() {
      const y = oracles[`${name}Forward`](valuesOf(x), ...options);
      const from = reads === 'y' ? y : valuesOf(x);
      return { y, dx: oracles[`${name}Backward`](valuesOf(dy), from, ...options) };
    },
  };
}

function prelu(...sizes) {
  const [, channels] = sizes;
  const regions = { x: numbers(sizes, 5), dy: numbers(sizes, 11), w: numbers([channels], 2) };
  const sums = numbers([channels], 4);
  return {
    name: `${sizes.join('×')}, a slope below 0 among them`,
    regions: { ...regions, y: output(sizes), dx: output(sizes), dw: sums },
    calls: [
      { kernel: 'preluForward', args: ['y', 'x', 'w', ...sizes] },
      { kernel: 'preluBackwardInput', args: ['dx', 'dy', 'x', 'w', ...sizes] },
      { kernel: 'preluBackwardWeight', args: ['dw', 'dy', 'x', ...sizes] },
    ],
    outputs: ['y', 'dx', 'dw'],
    tolerance: 1e-6,
    oracle() {
      const v = Object.fromEntries(
        Object.entries(regions).map(([name, region]) => [name, valuesOf(region)]),
      );
      const { dx, dw } = reference.preluBackward(v.dy, v.x, v.w, sizes);
      const before = valuesOf(sums);
      return {
        y: reference.preluForward(v.x, v.w, sizes),
        dx,
        dw: dw.map((value, c) => value + before[c]),
      };
    },
  };
}

export const activations = {
  relu: [relu],
  leakyRelu: [leakyRelu],
  relu6: [activation('relu6', 'y')],
  elu: [activation('elu', 'y', 1), activation('elu', 'y', 0.75)],
  selu: [activation('selu', 'y')],
  gelu: [activation('gelu', 'x')],
  silu: [activation('silu', 'x')],
  hardSwish: [activation('hardSwish', 'x')],
  hardSigmoid: [activation('hardSigmoid', 'x')],
  sigmoid: [activation('sigmoid', 'y')],
  tanh: [activation('tanh', 'y')],
  softplus: [activation('softplus', 'y')],
  prelu: [prelu(2, 3, 7), prelu(3, 5, 1)],
};
