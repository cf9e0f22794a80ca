/**
 * Dropout. Kernel: assembly/regularization/dropout.ts. Oracle: src/reference/dropout.ts. The plain loops draw the same words:
 * Philox4x32-10, four of them at a time.
 * @module
 */
import { dropout } from '../../reference/dropout.ts';
import type { Case, Numbers } from '../case.ts';
import { caseOf, integers, type Operation } from './operation.ts';

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
        philox(words, block / 4 + j, FIRST + n, step, epoch, seed, LAYER);
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

/** The four words for a counter and a key. */
export function philox(
  words: Uint32Array,
  first: number,
  second: number,
  third: number,
  fourth: number,
  low: number,
  high: number,
): void {
  let [c0, c1, c2, c3, k0, k1] = [first, second, third, fourth, low, high];
  for (let round = 0; round < 10; round++) {
    const [above, below] = [highWord(0xd2511f53, c0), highWord(0xcd9e8d57, c2)];
    const [low0, low1] = [Math.imul(0xd2511f53, c0), Math.imul(0xcd9e8d57, c2)];
    [c0, c1, c2, c3] = [below ^ c1 ^ k0, low1, above ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The upper 32 bits of the product of two words, by halves. */
function highWord(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const rest = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(rest / 65536)) | 0;
}
