/**
 * Dropout. Kernel: assembly/regularization/dropout.ts. Oracle: src/reference/dropout.ts. The plain loops draw the same
 * words.
 * @module
 */
import { dropout } from '../../reference/dropout.ts';
import type { Case, Numbers } from '../case.ts';
import { caseOf, integers, type Operation } from './operation.ts';
import { philox } from './plainPhilox.ts';

/** Batch, channels and pixels of a shard: features, each dropped by itself, and whole channels of images. */
const SHAPES: readonly (readonly [batch: number, channels: number, pixels: number])[] = [
  [16, 1024, 1],
  [16, 64, 7 * 7],
];
const RATE = 0.5;
const CLOCK = { seed: 1, epoch: 2, step: 3 };
const [LAYER, FIRST] = [4, 0];

export const dropoutCases: readonly Case[] = SHAPES.map((sizes) => caseOf(drop(...sizes)));

function drop(batch: number, channels: number, pixels: number): Operation {
  const length = batch * channels * pixels;
  const sizes = [batch, channels, pixels] as const;
  return {
    kernel: 'dropout',
    shape: sizes.join('×'),
    flops: length,
    outputs: [length],
    inputs: [
      length,
      [
        3,
        (workspace, count) => {
          const clock = integers(workspace, count);
          clock.view.set([CLOCK.seed, CLOCK.epoch, CLOCK.step]);
          return clock;
        },
      ],
    ],
    call: (kernels, [y], [x, clock]) => kernels.dropout(y, x, clock, ...sizes, FIRST, LAYER, RATE),
    plain: ([y], [x, clock]) => plainDropout(y, x, clock, sizes),
    exact: ([x]) => [dropout(x, sizes, RATE, { ...CLOCK, layer: LAYER, first: FIRST })],
  };
}

function plainDropout(
  y: Numbers,
  x: Numbers,
  [seed, epoch, step]: Numbers,
  [batch, channels, pixels]: readonly [number, number, number],
): void {
  const threshold = RATE * 2 ** 32;
  const scale = 1 / (1 - RATE);
  const words = new Uint32Array(4);
  for (let n = 0; n < batch; n++) {
    for (let block = 0; block < channels; block += 16) {
      for (let j = 0; j < 4; j++) {
        philox(words, [block / 4 + j, FIRST + n, step, epoch], [seed, LAYER]);
        for (let i = 0; i < 4; i++) {
          const c = block + 4 * i + j;
          if (c >= channels) break;
          const factor = words[i] < threshold ? 0 : scale;
          const start = (n * channels + c) * pixels;
          for (let at = start; at < start + pixels; at++) y[at] = factor * x[at];
        }
      }
    }
  }
}
