/** Images and labels by index, and pixels normalised. Kernels: assembly/data/. Oracle: the formulas themselves, here. @module */
import type { Case } from '../case.ts';
import { aboveZero, below, caseOf, integers, type Lay, type Operation } from './operation.ts';

/** Images of a shard or a batch, and pixels of an image: MNIST, and CIFAR's three channels. */
const SHAPES: readonly (readonly [batch: number, pixels: number])[] = [
  [16, 28 * 28],
  [128, 28 * 28],
  [16, 3 * 32 * 32],
];
/** Images in the set from which the indices choose. */
const IMAGES = 1024;
const BATCH = 128;
/** What pixels are before the call that is verified. */
const START = 0.5;

const bytes: Lay = (workspace, length) => workspace.bytesOf(length);

export const gatherCases: readonly Case[] = [
  ...SHAPES.map(([batch, pixels]) => images('gatherU8', batch, pixels)),
  images('gatherF32', ...SHAPES[0]),
  labels('gatherLabels'),
  labels('gatherI32'),
  normalization(16, 1, 28 * 28),
  normalization(16, 3, 32 * 32),
].map(caseOf);

function images(kernel: 'gatherU8' | 'gatherF32', batch: number, pixels: number): Operation {
  const isBytes = kernel === 'gatherU8';
  const [length, divisor] = [batch * pixels, isBytes ? 255 : 1];
  return {
    kernel,
    shape: `${batch}×${pixels}`,
    flops: isBytes ? length : 0,
    bytes: (isBytes ? 5 : 8) * length,
    outputs: [length],
    inputs: [isBytes ? [IMAGES * pixels, bytes] : IMAGES * pixels, [batch, below(IMAGES)]],
    call: (kernels, [x], [source, indices]) => kernels[kernel](x, source, indices, batch, pixels),
    plain: isBytes
      ? ([x], [source, indices]) => {
          for (let n = 0; n < batch; n++) {
            const image = indices[n] * pixels;
            for (let i = 0; i < pixels; i++) x[n * pixels + i] = source[image + i] / 255;
          }
        }
      : ([x], [source, indices]) => {
          for (let n = 0; n < batch; n++) {
            const image = indices[n] * pixels;
            for (let i = 0; i < pixels; i++) x[n * pixels + i] = source[image + i];
          }
        },
    exact: ([source, indices]) => [
      Float64Array.from({ length }, (_, at) => {
        const image = indices[Math.floor(at / pixels)];
        return source[image * pixels + (at % pixels)] / divisor;
      }),
    ],
  };
}

function labels(kernel: 'gatherLabels' | 'gatherI32'): Operation {
  const isBytes = kernel === 'gatherLabels';
  return {
    kernel,
    shape: String(BATCH),
    flops: 0,
    bytes: (isBytes ? 9 : 12) * BATCH,
    outputs: [[BATCH, integers]],
    inputs: [
      [IMAGES, isBytes ? bytes : below(1000)],
      [BATCH, below(IMAGES)],
    ],
    call: (kernels, [y], [source, indices]) => kernels[kernel](y, source, indices, BATCH),
    plain: isBytes
      ? ([y], [source, indices]) => {
          for (let n = 0; n < y.length; n++) y[n] = source[indices[n]];
        }
      : ([y], [source, indices]) => {
          for (let n = 0; n < y.length; n++) y[n] = source[indices[n]];
        },
    exact: ([source, indices]) => [Int32Array.from(indices, (index) => source[index])],
  };
}

/** Means and deviations; the pixels tend to a number, however often the kernel runs, as deviations of 2 keep them small. */
function normalization(batch: number, channels: number, pixels: number): Operation {
  const length = batch * channels * pixels;
  const statistics: Lay = (workspace, size) => {
    const placed = aboveZero(workspace, size);
    placed.view.fill(2, channels);
    return placed;
  };
  return {
    kernel: 'normalize',
    shape: `${batch}×${channels}×${pixels}`,
    flops: 2 * length,
    start: START,
    outputs: [length],
    inputs: [[2 * channels, statistics]],
    call: (kernels, [x], [given]) => kernels.normalize(x, given, batch, channels, pixels),
    plain([x], [given]) {
      for (let plane = 0; plane < batch * channels; plane++) {
        const [mean, deviation] = [given[plane % channels], given[channels + (plane % channels)]];
        for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
          x[i] = (x[i] - mean) / deviation;
        }
      }
    },
    exact: ([given]) => [
      Float64Array.from({ length }, (_, i) => {
        const c = Math.floor(i / pixels) % channels;
        return (START - given[c]) / given[channels + c];
      }),
    ],
  };
}
