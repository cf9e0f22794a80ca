/** Group normalisation, both ways. Kernels: assembly/normalization/groupNorm.ts. Oracle: src/reference/groupNorm.ts. @module */
import {
  type GroupNormSizes,
  groupNormBackward,
  groupNormForward,
  groupNormMoments,
} from '../../reference/groupNorm.ts';
import type { Case, Numbers } from '../case.ts';
import { caseOf, computed, doubles, type Operation } from './operation.ts';

/** Batch, channels, pixels and groups of a shard: the first and the last block of a small residual network on MNIST. */
const SHAPES: readonly GroupNormSizes[] = [
  [16, 16, 28 * 28, 4],
  [16, 64, 7 * 7, 8],
];
const EPSILON = 1e-5;

export const groupNormCases: readonly Case[] = SHAPES.flatMap(passes).map(caseOf);

function passes(sizes: GroupNormSizes): readonly Operation[] {
  const [batch, channels, pixels, groups] = sizes;
  const length = batch * channels * pixels;
  const [members, count] = [channels / groups, (channels / groups) * pixels];
  const shape = `${batch}×${channels}×${pixels}, ${groups} groups`;
  const [momentCount, sumCount] = [batch * 2 * groups, batch * 2 * channels];
  /** Mean and 1 / deviation of each group, image after image, as the kernels keep them. */
  const momentsOf = (x: Numbers) => {
    const { mean, variance } = groupNormMoments(x, sizes);
    return images((n) => {
      const inverse = variance.slice(n * groups, (n + 1) * groups);
      const means = mean.slice(n * groups, (n + 1) * groups);
      return [...means, ...inverse.map((value) => 1 / Math.sqrt(value + EPSILON))];
    });
  };
  const noWeights = new Float64Array(channels);
  /** Σ dy and Σ dy·x̂ of each channel, image after image. */
  const sumsOf = (dy: Numbers, x: Numbers) =>
    images((n) => {
      const image = (all: Numbers) =>
        all.subarray(n * channels * pixels, (n + 1) * channels * pixels);
      const one = [1, channels, pixels, groups] as const;
      const { dw, db } = groupNormBackward(image(dy), image(x), noWeights, one, EPSILON);
      return [...db, ...dw];
    });
  const images = (values: (n: number) => readonly number[]) =>
    Array.from({ length: batch }, (_, n) => values(n)).flat();
  return [
    {
      kernel: 'groupNormForward',
      shape,
      flops: 7 * length,
      bytes: 12 * length, // x is read for its statistics, and once more
      outputs: [length, [momentCount, doubles]],
      inputs: [length, channels, channels],
      call: (kernels, [y, moments], [x, w, b]) =>
        kernels.groupNormForward(y, moments, x, w, b, ...sizes, EPSILON),
      plain([y, moments], [x, w, b]) {
        for (let n = 0; n < batch; n++) {
          for (let g = 0; g < groups; g++) {
            const first = n * channels + g * members;
            let [sum, squares] = [0, 0];
            for (let i = first * pixels; i < (first + members) * pixels; i++) {
              sum += x[i];
              squares += x[i] * x[i];
            }
            const mean = sum / count;
            const inverse = 1 / Math.sqrt(squares / count - mean * mean + EPSILON);
            moments[n * 2 * groups + g] = mean;
            moments[n * 2 * groups + groups + g] = inverse;
            for (let plane = first; plane < first + members; plane++) {
              const slope = w[plane % channels] * inverse;
              const offset = b[plane % channels] - slope * mean;
              for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
                y[i] = slope * x[i] + offset;
              }
            }
          }
        }
      },
      exact: ([x, w, b]) => [groupNormForward(x, w, b, sizes, EPSILON), momentsOf(x)],
    },
    {
      kernel: 'groupNormBackwardWeight',
      shape,
      flops: 5 * length,
      start: 0,
      outputs: [channels, channels, [sumCount, doubles]],
      inputs: [length, length, [momentCount, computed(([, x]) => momentsOf(x))]],
      call: (kernels, [dw, db, sums], [dy, x, moments]) =>
        kernels.groupNormBackwardWeight(dw, db, sums, dy, x, moments, ...sizes),
      plain([dw, db, sums], [dy, x, moments]) {
        for (let plane = 0; plane < batch * channels; plane++) {
          const [n, c] = [Math.floor(plane / channels), plane % channels];
          const at = n * 2 * groups + Math.floor(c / members);
          let [sum, products] = [0, 0];
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            sum += dy[i];
            products += dy[i] * (x[i] - moments[at]);
          }
          products *= moments[at + groups];
          sums[n * 2 * channels + c] = sum;
          sums[n * 2 * channels + channels + c] = products;
          db[c] += sum;
          dw[c] += products;
        }
      },
      exact([dy, x]) {
        const { dw, db } = groupNormBackward(dy, x, noWeights, sizes, EPSILON);
        return [dw, db, sumsOf(dy, x)];
      },
    },
    {
      kernel: 'groupNormBackwardInput',
      shape,
      flops: 7 * length,
      outputs: [length],
      inputs: [
        length,
        length,
        channels,
        [momentCount, computed(([, x]) => momentsOf(x))],
        [sumCount, computed(([dy, x]) => sumsOf(dy, x))],
      ],
      call: (kernels, [dx], [dy, x, w, moments, sums]) =>
        kernels.groupNormBackwardInput(dx, dy, x, w, moments, sums, ...sizes),
      plain([dx], [dy, x, w, moments, sums]) {
        for (let n = 0; n < batch; n++) {
          const [own, ownSums] = [n * 2 * groups, n * 2 * channels];
          for (let g = 0; g < groups; g++) {
            const [mean, inverse] = [moments[own + g], moments[own + groups + g]];
            let [plain, product] = [0, 0];
            for (let c = g * members; c < (g + 1) * members; c++) {
              plain += (w[c] * sums[ownSums + c]) / count;
              product += (w[c] * sums[ownSums + channels + c]) / count;
            }
            for (let c = g * members; c < (g + 1) * members; c++) {
              const start = (n * channels + c) * pixels;
              for (let i = start; i < start + pixels; i++) {
                const normalised = (x[i] - mean) * inverse;
                dx[i] = inverse * (w[c] * dy[i] - plain - normalised * product);
              }
            }
          }
        }
      },
      exact: ([dy, x, w]) => [groupNormBackward(dy, x, w, sizes, EPSILON).dx],
    },
  ];
}
