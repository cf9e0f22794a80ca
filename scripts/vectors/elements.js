/** Vectors of the kernels that work element by element, but for activations and optimizers: exp, log, random numbers, sums. */
import * as reference from '../../dist/reference.js';
import { listed, output, valuesOf } from './regions.js';

/** A length with whole vectors and a tail. */
const LENGTH = 11;

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

const add = {
  name: 'two tensors, −0 and infinity among them',
  regions: {
    y: output([LENGTH]),
    a: listed([0.5, -1, '-0', '-0', 'NaN', 'Infinity', '-Infinity', 16_777_216, 1e-45, 0.1, -3]),
    b: listed([0.25, 1, '-0', 0, 1, 'Infinity', 1, 1, 1e-45, 0.2, 3]),
  },
  calls: [{ kernel: 'add', args: ['y', 'a', 'b', LENGTH] }],
  outputs: ['y'],
  tolerance: 0,
  oracle() {
    const [a, b] = [add.regions.a, add.regions.b].map((region) =>
      Float32Array.from(valuesOf(region)),
    );
    return { y: reference.add(a, b).map(Math.fround) };
  },
};

export const elements = { math: [math], random: [random], add: [add] };
