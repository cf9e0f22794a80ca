/** Vectors of assembly/pooling/. */
import * as reference from '../../dist/reference.js';
import { numbers, output, valuesOf } from './regions.js';

/** batch channels inH inW outH outW kH kW strideH strideW padH padW. */
const POOL = [2, 2, 5, 6, 3, 3, 3, 3, 2, 2, 1, 1];

const maxPool2d = {
  name: '2×2×5×6 → 3×3, windows 3×3 that overlap, stride 2, padding 1, ties',
  regions: {
    y: output([2, 2, 3, 3]),
    argmax: output([2, 2, 3, 3], 'i32'),
    x: numbers([2, 2, 5, 6], 1, 5),
    dx: output([2, 2, 5, 6]),
    dy: numbers([2, 2, 3, 3], 8),
  },
  calls: [
    { kernel: 'maxPool2dForward', args: ['y', 'argmax', 'x', ...POOL] },
    { kernel: 'maxPool2dBackward', args: ['dx', 'dy', 'argmax', ...POOL.slice(0, 6)] },
  ],
  outputs: ['y', 'argmax', 'dx'],
  tolerance: 1e-6,
  oracle() {
    const { y, argmax } = reference.maxPool2dForward(valuesOf(numbers([2, 2, 5, 6], 1, 5)), POOL);
    const dy = valuesOf(numbers([2, 2, 3, 3], 8));
    return { y, argmax, dx: reference.maxPool2dBackward(dy, argmax, POOL) };
  },
};

function globalAveragePool2d(batch, channels, pixels) {
  const regions = {
    y: output([batch, channels]),
    x: numbers([batch, channels, pixels], 3),
    dx: output([batch, channels, pixels]),
    dy: numbers([batch, channels], 8),
  };
  return {
    name: `the mean of ${batch}×${channels} channels of ${pixels} pixels`,
    regions,
    calls: [
      { kernel: 'globalAveragePool2dForward', args: ['y', 'x', batch, channels, pixels] },
      { kernel: 'globalAveragePool2dBackward', args: ['dx', 'dy', batch, channels, pixels] },
    ],
    outputs: ['y', 'dx'],
    tolerance: 1e-6,
    oracle: () => ({
      y: reference.globalAveragePool2dForward(valuesOf(regions.x), pixels),
      dx: reference.globalAveragePool2dBackward(valuesOf(regions.dy), pixels),
    }),
  };
}

export const pooling = {
  maxpool2d: [maxPool2d],
  globalAveragePool2d: [globalAveragePool2d(2, 3, 3), globalAveragePool2d(1, 2, 39)],
};
