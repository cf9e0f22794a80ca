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

export const activations = { relu: [relu], leakyRelu: [leakyRelu] };
