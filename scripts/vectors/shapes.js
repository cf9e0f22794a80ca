/** Vectors of the kernels that average, copy, repeat and multiply: average pooling, copyRows, upsampling, products. */
import * as reference from '../../dist/reference.js';
import { numbers, output, valuesOf } from './regions.js';

/** @param sizes Those of an average pooling. */
function averagePool2d(name, ...sizes) {
  const [batch, channels, inH, inW, outH, outW] = sizes;
  const x = numbers([batch, channels, inH, inW], 5);
  const dy = numbers([batch, channels, outH, outW], 9);
  return {
    name,
    regions: { y: output(dy.shape), x, dx: output(x.shape), dy },
    calls: [
      { kernel: 'averagePool2dForward', args: ['y', 'x', ...sizes] },
      { kernel: 'averagePool2dBackward', args: ['dx', 'dy', ...sizes] },
    ],
    outputs: ['y', 'dx'],
    tolerance: 1e-6,
    oracle: () => ({
      y: reference.averagePool2dForward(valuesOf(x), sizes),
      dx: reference.averagePool2dBackward(valuesOf(dy), sizes),
    }),
  };
}

const crop = {
  name: 'two planes of 3×7 to 3×5, from column 0: the rest of each row is left out',
  regions: { y: output([2, 3, 5]), x: numbers([2, 3, 7], 4) },
  calls: [{ kernel: 'copyRows', args: ['y', 'x', 2, 3, 5, 15, 5, 21, 7] }],
  outputs: ['y'],
  tolerance: 0,
  oracle: () => ({
    y: reference.cropSides(valuesOf(numbers([2, 3, 7], 4)), [2, 3, 5, 0, 0, 0, 2]),
  }),
};

const spread = {
  name: 'one row for each of two images, into rows twice as long: the other half stays',
  regions: { y: numbers([2, 6], 8), x: numbers([2, 3], 4) },
  calls: [{ kernel: 'copyRows', args: ['y', 'x', 2, 1, 3, 6, 0, 3, 0] }],
  outputs: ['y'],
  tolerance: 0,
  oracle() {
    const before = valuesOf(numbers([2, 6], 8));
    const x = valuesOf(numbers([2, 3], 4));
    return {
      y: before.map((value, i) => (i % 6 < 3 ? x[Math.floor(i / 6) * 3 + (i % 6)] : value)),
    };
  },
};

function upsample2d(batch, channels, inH, inW, scaleH, scaleW) {
  const x = numbers([batch, channels, inH, inW], 7);
  const dy = numbers([batch, channels, inH * scaleH, inW * scaleW], 2);
  const sizes = [batch * channels, inH, inW, scaleH, scaleW];
  const args = [batch, channels, inH, inW, scaleH, scaleW];
  return {
    name: `${batch}×${channels}×${inH}×${inW}, each pixel as ${scaleH}×${scaleW}`,
    regions: { y: output(dy.shape), x, dx: output(x.shape), dy },
    calls: [
      { kernel: 'upsample2dForward', args: ['y', 'x', ...args] },
      { kernel: 'upsample2dBackward', args: ['dx', 'dy', ...args] },
    ],
    outputs: ['y', 'dx'],
    tolerance: 1e-6,
    oracle: () => ({
      y: reference.upsample2dForward(valuesOf(x), sizes),
      dx: reference.upsample2dBackward(valuesOf(dy), sizes),
    }),
  };
}

const products = {
  name: '11 numbers',
  regions: { y: output([11]), a: numbers([11], 3), b: numbers([11], 8) },
  calls: [{ kernel: 'multiply', args: ['y', 'a', 'b', 11] }],
  outputs: ['y'],
  tolerance: 3e-7,
  oracle: () => ({
    y: reference.multiplyForward([valuesOf(numbers([11], 3)), valuesOf(numbers([11], 8))]),
  }),
};

function channelProducts(...sizes) {
  const [batch, channels] = sizes;
  const [x, dy] = [numbers(sizes, 5), numbers(sizes, 1)];
  const s = numbers([batch, channels], 6);
  return {
    name: `${sizes.join('×')} by a number a channel`,
    regions: { y: output(sizes), x, s, ds: output([batch, channels]), dy },
    calls: [
      { kernel: 'multiplyChannels', args: ['y', 'x', 's', ...sizes] },
      { kernel: 'sumProducts', args: ['ds', 'dy', 'x', ...sizes] },
    ],
    outputs: ['y', 'ds'],
    tolerance: 1e-6,
    oracle() {
      const factors = [valuesOf(x), valuesOf(s)];
      return {
        y: reference.multiplyForward(factors),
        ds: reference.multiplyBackward(valuesOf(dy), factors)[1],
      };
    },
  };
}

export const shapes = {
  averagePool2d: [
    averagePool2d(
      '2×2×5×6 → 3×3, padding 1 that does not count',
      2,
      2,
      5,
      6,
      3,
      3,
      3,
      3,
      2,
      2,
      1,
      1,
      1,
      1,
      0,
    ),
    averagePool2d(
      '1×2×9×7 → 4×4, padding that counts, windows that reach past it',
      ...[1, 2, 9, 7, 4, 4, 4, 3, 3, 2, 2, 1, 2, 1, 1],
    ),
  ],
  copyRows: [crop, spread],
  upsample2d: [upsample2d(2, 1, 2, 3, 2, 2), upsample2d(1, 2, 3, 2, 1, 3)],
  multiply: [products, channelProducts(2, 3, 7), channelProducts(1, 2, 4)],
};
