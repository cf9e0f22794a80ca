/** Vectors of assembly/regularization/. */
import * as reference from '../../dist/reference.js';
import { listed, numbers, output, valuesOf } from './regions.js';

/** Seed, epoch and step: words with all of their bits. */
const CLOCK = [4_000_000_019, 3, 70_000];

function dropout(what, sizes, first, layer, rate) {
  const regions = { y: output(sizes), x: numbers(sizes, 3), clock: listed(CLOCK, 'u32') };
  const [seed, epoch, step] = CLOCK;
  return {
    name: `${what}: ${sizes.join('×')}, images from ${first}, layer ${layer}, rate ${rate}`,
    regions,
    calls: [{ kernel: 'dropout', args: ['y', 'x', 'clock', ...sizes, first, layer, rate] }],
    outputs: ['y'],
    tolerance: 1e-6,
    oracle: () => ({
      y: reference.dropout(valuesOf(regions.x), sizes, rate, { seed, epoch, step, layer, first }),
    }),
  };
}

export const regularization = {
  dropout: [
    dropout('every number by itself', [2, 37, 1], 3, 2, 0.25),
    dropout('whole channels', [2, 7, 5], 0, 1, 0.5),
    dropout('a copy', [2, 3, 1], 0, 0, 0),
  ],
};
