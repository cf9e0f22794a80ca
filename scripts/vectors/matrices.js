/** Vectors of assembly/gemm/gemm.ts, transpose.ts and im2col.ts. */
import * as reference from '../../dist/reference.js';
import { asked, numbers, output, valuesOf } from './regions.js';

/** Shapes of A and B by kernel. */
const TRANSPOSES = {
  gemmNN: (m, n, k) => ({ a: [m, k], b: [k, n] }),
  gemmNT: (m, n, k) => ({ a: [m, k], b: [n, k] }),
  gemmTN: (m, n, k) => ({ a: [k, m], b: [k, n] }),
};

function product(kernel, m, n, k) {
  const shapes = TRANSPOSES[kernel](m, n, k);
  const regions = {
    c: numbers([m, n], 5),
    a: numbers(shapes.a, 3),
    b: numbers(shapes.b, 8),
    scratch: asked('gemmScratchBytes', [m, n, k]),
  };
  const oracle = () => {
    const [a, b, before] = [regions.a, regions.b, regions.c].map(valuesOf);
    const left = kernel === 'gemmTN' ? reference.transpose(a, k, m) : a;
    const right = kernel === 'gemmNT' ? reference.transpose(b, n, k) : b;
    return { c: reference.matmul(left, right, m, n, k).map((value, i) => value + before[i]) };
  };
  return {
    name: `${kernel} ${m}×${n}×${k}`,
    regions,
    calls: [{ kernel, args: ['c', 'a', 'b', 'scratch', m, n, k] }],
    outputs: ['c'],
    tolerance: 1e-5,
    oracle,
  };
}

const transpose = {
  name: 'transpose 3×5',
  regions: { y: output([5, 3]), x: numbers([3, 5], 1) },
  calls: [{ kernel: 'transpose', args: ['y', 'x', 3, 5] }],
  outputs: ['y'],
  tolerance: 0,
  oracle: () => ({ y: reference.transpose(valuesOf(numbers([3, 5], 1)), 3, 5) }),
};

/** inC inH inW outH outW kH kW strideH strideW padH padW dilationH dilationW. */
const PATCHES = [2, 4, 5, 2, 3, 3, 2, 2, 1, 1, 0, 1, 2];

const patches = [
  {
    name: 'im2col 2×4×5, kernel 3×2, stride 2×1, padding 1×0, dilation 1×2',
    regions: { col: output([12, 6]), x: numbers([2, 4, 5], 2) },
    calls: [{ kernel: 'im2col', args: ['col', 'x', ...PATCHES] }],
    outputs: ['col'],
    tolerance: 0,
  },
  {
    name: 'col2im, its adjoint',
    regions: { dx: numbers([2, 4, 5], 4), col: numbers([12, 6], 9) },
    calls: [{ kernel: 'col2im', args: ['dx', 'col', ...PATCHES] }],
    outputs: ['dx'],
    tolerance: 1e-6,
  },
];

export const matrices = {
  gemm: ['gemmNN', 'gemmNT', 'gemmTN'].flatMap((kernel) => [
    product(kernel, 5, 19, 11),
    product(kernel, 2, 3, 600), // more than a block of each
  ]),
  transpose: [transpose],
  im2col: patches,
};
