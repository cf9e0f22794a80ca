/**
 * Batch normalisation, call by call. Kernels: assembly/normalization/batchNorm.ts. Oracle: src/reference/batchNorm.ts; of the
 * calls between the shards' sums and the statistics the formulas themselves, in double precision.
 * @module
 */
import {
  type BatchNormSizes,
  batchNormBackward,
  batchNormForward,
  batchNormMoments,
} from '../../reference/batchNorm.ts';
import type { Case, Numbers } from '../case.ts';
import { aboveZero, caseOf, computed, doubles, type Operation } from './operation.ts';

/** Batch, channels and pixels of a shard: the first and the last block of a small residual network on MNIST. */
const SHAPES: readonly BatchNormSizes[] = [
  [16, 16, 28 * 28],
  [16, 64, 7 * 7],
];
/** Channels of the calls that take sums and statistics alone, the shards of the sums, and values a channel in the batch. */
const [CHANNELS, SHARDS, COUNT] = [64, 8, 128 * 49];
const EPSILON = 1e-5;
const MOMENTUM = 0.1;
/** What running statistics hold before the call that is verified. */
const START = 0.5;

export const batchNormCases: readonly Case[] = [
  ...SHAPES.flatMap(passes),
  ...statistics(CHANNELS),
].map(caseOf);

/** The calls that pass over x or dy. */
function passes(sizes: BatchNormSizes): readonly Operation[] {
  const [batch, channels, pixels] = sizes;
  const length = batch * channels * pixels;
  const [shape, count] = [sizes.join('×'), batch * pixels];
  /** Statistics of an x, as the kernels keep them. */
  const momentsOf = (x: Numbers) => {
    const { mean, variance } = batchNormMoments(x, sizes);
    return [...mean, ...variance.map((value) => 1 / Math.sqrt(value + EPSILON))];
  };
  const gradients = (dy: Numbers, x: Numbers, w: Numbers) =>
    batchNormBackward(dy, x, w, sizes, EPSILON);
  const noWeights = new Float64Array(channels);
  return [
    {
      kernel: 'batchNormSums',
      shape,
      flops: 3 * length,
      outputs: [[2 * channels, doubles]],
      inputs: [length],
      call: (kernels, [sums], [x]) => kernels.batchNormSums(sums, x, ...sizes),
      plain([sums], [x]) {
        sums.fill(0);
        for (let plane = 0; plane < batch * channels; plane++) {
          let [sum, squares] = [0, 0];
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            sum += x[i];
            squares += x[i] * x[i];
          }
          sums[plane % channels] += sum;
          sums[channels + (plane % channels)] += squares;
        }
      },
      exact([x]) {
        const { mean, variance } = batchNormMoments(x, sizes);
        const squares = variance.map((value, c) => (value + mean[c] ** 2) * count);
        return [[...mean.map((value) => value * count), ...squares]];
      },
    },
    {
      kernel: 'batchNormForward',
      shape,
      flops: 4 * length,
      outputs: [length],
      inputs: [length, channels, channels, [2 * channels, computed(([x]) => momentsOf(x))]],
      call: (kernels, [y], [x, w, b, moments]) =>
        kernels.batchNormForward(y, x, w, b, moments, ...sizes),
      plain([y], [x, w, b, moments]) {
        for (let plane = 0; plane < batch * channels; plane++) {
          const c = plane % channels;
          const slope = w[c] * moments[channels + c];
          const offset = b[c] - slope * moments[c];
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) y[i] = slope * x[i] + offset;
        }
      },
      exact: ([x, w, b]) => [batchNormForward(x, w, b, batchNormMoments(x, sizes), sizes, EPSILON)],
    },
    {
      kernel: 'batchNormBackwardWeight',
      shape,
      flops: 5 * length,
      start: 0,
      outputs: [channels, channels, [2 * channels, doubles]],
      inputs: [length, length, [2 * channels, computed(([, x]) => momentsOf(x))]],
      call: (kernels, [dw, db, sums], [dy, x, moments]) =>
        kernels.batchNormBackwardWeight(dw, db, sums, dy, x, moments, ...sizes),
      plain([dw, db, sums], [dy, x, moments]) {
        sums.fill(0);
        for (let plane = 0; plane < batch * channels; plane++) {
          const c = plane % channels;
          let [sum, products] = [0, 0];
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            sum += dy[i];
            products += dy[i] * (x[i] - moments[c]);
          }
          sums[c] += sum;
          sums[channels + c] += products * moments[channels + c];
        }
        for (let c = 0; c < channels; c++) {
          db[c] += sums[c];
          dw[c] += sums[channels + c];
        }
      },
      exact([dy, x]) {
        const { dw, db } = gradients(dy, x, noWeights);
        return [dw, db, [...db, ...dw]];
      },
    },
    {
      kernel: 'batchNormBackwardInput',
      shape,
      flops: 7 * length,
      outputs: [length],
      inputs: [
        length,
        length,
        channels,
        [2 * channels, computed(([, x]) => momentsOf(x))],
        // the sums of eight shards, of which one has all images
        [
          2 * channels * SHARDS,
          computed(([dy, x, w]) => {
            const { dw, db } = gradients(dy, x, w);
            return [...db, ...dw];
          }),
        ],
      ],
      call: (kernels, [dx], [dy, x, w, moments, sums]) =>
        kernels.batchNormBackwardInput(
          dx,
          dy,
          x,
          w,
          moments,
          sums,
          ...sizes,
          SHARDS,
          strideOf(channels),
          count,
        ),
      plain([dx], [dy, x, w, moments, sums]) {
        for (let plane = 0; plane < batch * channels; plane++) {
          const c = plane % channels;
          const slope = w[c] * moments[channels + c];
          const mean = total(sums, c, channels) / count;
          const product = total(sums, channels + c, channels) / count;
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            const normalised = (x[i] - moments[c]) * moments[channels + c];
            dx[i] = slope * (dy[i] - mean - normalised * product);
          }
        }
      },
      exact: ([dy, x, w]) => [gradients(dy, x, w).dx],
    },
  ];
}

/** The calls from the shards' sums to statistics. */
function statistics(channels: number): readonly Operation[] {
  const shape = `${channels} channels`;
  /** Sums of shards of values from −1 to 1. */
  const sums = [
    2 * channels * SHARDS,
    computed(([means]) =>
      Array.from({ length: 2 * channels * SHARDS }, (_, i) => {
        const mean = means[i % channels];
        const isSquares = Math.floor(i / channels) % 2 === 1;
        return ((isSquares ? mean ** 2 + 0.5 : mean) * COUNT) / SHARDS;
      }),
    ),
  ] as const;
  const mean = (all: Numbers, c: number) => total(all, c, channels) / COUNT;
  const variance = (all: Numbers, c: number) =>
    total(all, channels + c, channels) / COUNT - mean(all, c) ** 2;
  const each = (value: (c: number) => number) =>
    Array.from({ length: channels }, (_, c) => value(c));
  const inverse = (value: number) => 1 / Math.sqrt(value + EPSILON);
  const from = [SHARDS, strideOf(channels), COUNT] as const;
  const bytes = 8 * 2 * channels * SHARDS;
  return [
    {
      kernel: 'batchNormMoments',
      shape: `${shape}, ${SHARDS} shards`,
      flops: (2 * SHARDS + 6) * channels,
      bytes: bytes + 16 * channels,
      outputs: [[2 * channels, doubles]],
      inputs: [channels, sums],
      call: (kernels, [moments], [, all]) =>
        kernels.batchNormMoments(moments, all, channels, ...from, EPSILON),
      plain([moments], [, all]) {
        for (let c = 0; c < channels; c++) {
          moments[c] = mean(all, c);
          moments[channels + c] = inverse(variance(all, c));
        }
      },
      exact: ([, all]) => [
        [...each((c) => mean(all, c)), ...each((c) => inverse(variance(all, c)))],
      ],
    },
    {
      kernel: 'batchNormRunning',
      shape: `${shape}, ${SHARDS} shards`,
      flops: (2 * SHARDS + 12) * channels,
      bytes: bytes + 16 * channels,
      start: START,
      outputs: [channels, channels],
      inputs: [channels, sums],
      call: (kernels, [means, variances], [, all]) =>
        kernels.batchNormRunning(means, variances, all, channels, ...from, MOMENTUM),
      plain([means, variances], [, all]) {
        for (let c = 0; c < channels; c++) {
          const unbiased = (variance(all, c) * COUNT) / (COUNT - 1);
          means[c] += MOMENTUM * (mean(all, c) - means[c]);
          variances[c] += MOMENTUM * (unbiased - variances[c]);
        }
      },
      exact([, all]) {
        const blend = (value: number) => (1 - MOMENTUM) * START + MOMENTUM * value;
        const unbiased = (c: number) => (variance(all, c) * COUNT) / (COUNT - 1);
        return [each((c) => blend(mean(all, c))), each((c) => blend(unbiased(c)))];
      },
    },
    {
      kernel: 'batchNormFixedMoments',
      shape,
      flops: 3 * channels,
      bytes: 24 * channels,
      outputs: [[2 * channels, doubles]],
      inputs: [channels, [channels, aboveZero]],
      call: (kernels, [moments], [means, variances]) =>
        kernels.batchNormFixedMoments(moments, means, variances, channels, EPSILON),
      plain([moments], [means, variances]) {
        for (let c = 0; c < channels; c++) {
          moments[c] = means[c];
          moments[channels + c] = inverse(variances[c]);
        }
      },
      exact: ([means, variances]) => [[...means, ...Array.from(variances, inverse)]],
    },
  ];
}

/** Bytes from one shard's sums to the next. */
function strideOf(channels: number): number {
  return 2 * channels * Float64Array.BYTES_PER_ELEMENT;
}

/** The sum over shards of entry `at` of their sums. */
function total(sums: Numbers, at: number, channels: number): number {
  let sum = 0;
  for (let i = at; i < sums.length; i += 2 * channels) sum += sums[i];
  return sum;
}
