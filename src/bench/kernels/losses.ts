/**
 * Losses, softmax, and the classes that rows decide for. Kernels: assembly/losses/. Oracles: src/reference. The plain loops may
 * use the engine's own exp and log, as their results reach no weight.
 * @module
 */
import { binaryCrossEntropy } from '../../reference/binaryCrossEntropy.ts';
import {
  huber,
  type LossAndGradient,
  meanAbsoluteError,
  meanSquaredError,
} from '../../reference/regression.ts';
import {
  softmaxBackward,
  softmaxCrossEntropy,
  softmaxForward,
  weightedCrossEntropy,
} from '../../reference/softmax.ts';
import type { Case, Numbers } from '../case.ts';
import { aboveZero, below, caseOf, integers, type Operation, shares, signs } from './operation.ts';

/** Batch and classes: one shard, a batch of 128, and a hundred classes. */
const SHAPES: readonly (readonly [batch: number, classes: number])[] = [
  [16, 10],
  [128, 10],
  [128, 100],
];
/** Batch and values an image: one shard of an autoencoder of digits. */
const VALUES = [16, 28 * 28] as const;
/** Batch and classes of a shard, and of the set that an epoch is measured on. */
const [SHARD, PREDICTED] = [
  [16, 10],
  [1024, 10],
] as const;
const DELTA = 0.5;
const SMOOTHING = 0.1;

export const lossCases: readonly Case[] = [
  ...SHAPES.map(([batch, classes]) => crossEntropy(batch, classes)),
  ...rows(...SHARD),
  ...values(...VALUES),
  weighing(...VALUES),
  ...decisions(...PREDICTED),
].map(caseOf);

function crossEntropy(batch: number, classes: number): Operation {
  const [length, scale] = [batch * classes, 1 / batch];
  return {
    kernel: 'softmaxCrossEntropy',
    shape: `${batch}×${classes}`,
    flops: 5 * length, // largest, difference, exponential, sum, quotient
    outputs: [batch, length],
    inputs: [length, [batch, below(classes)]],
    call: (kernels, [losses, dx], [x, labels]) =>
      kernels.softmaxCrossEntropy(losses, dx, x, labels, batch, classes, scale),
    plain([losses, dx], [x, labels]) {
      for (let n = 0; n < batch; n++) {
        const start = n * classes;
        const [sum, largest] = exponentials(dx, x, start, classes);
        losses[n] = Math.log(sum) + largest - x[start + labels[n]];
        for (let i = 0; i < classes; i++) dx[start + i] *= scale / sum;
        dx[start + labels[n]] -= scale;
      }
    },
    exact([x, labels]) {
      return lossAndGradient(softmaxCrossEntropy(x, labels, batch, classes, scale));
    },
  };
}

/** The others that take rows of classes. */
function rows(batch: number, classes: number): readonly Operation[] {
  const [length, scale] = [batch * classes, 1 / batch];
  const shape = `${batch}×${classes}`;
  return [
    {
      kernel: 'softmaxForward',
      shape,
      flops: 5 * length,
      outputs: [length],
      inputs: [length],
      call: (kernels, [y], [x]) => kernels.softmaxForward(y, x, batch, classes),
      plain([y], [x]) {
        for (let start = 0; start < length; start += classes) {
          const [sum] = exponentials(y, x, start, classes);
          for (let i = 0; i < classes; i++) y[start + i] /= sum;
        }
      },
      exact: ([x]) => [softmaxForward(x, batch, classes)],
    },
    {
      kernel: 'softmaxBackward',
      shape,
      flops: 4 * length,
      outputs: [length],
      inputs: [length, length],
      call: (kernels, [dx], [dy, y]) => kernels.softmaxBackward(dx, dy, y, batch, classes),
      plain([dx], [dy, y]) {
        for (let start = 0; start < length; start += classes) {
          let sum = 0;
          for (let i = start; i < start + classes; i++) sum += dy[i] * y[i];
          for (let i = start; i < start + classes; i++) dx[i] = y[i] * (dy[i] - sum);
        }
      },
      exact: ([dy, y]) => [softmaxBackward(dy, y, batch, classes)],
    },
    {
      kernel: 'weightedCrossEntropy',
      shape,
      flops: 10 * length,
      outputs: [batch, length],
      inputs: [length, [batch, below(classes)], [classes, aboveZero]],
      call: (kernels, [losses, dx], [x, labels, weights]) =>
        kernels.weightedCrossEntropy(
          losses,
          dx,
          x,
          labels,
          weights,
          batch,
          classes,
          SMOOTHING,
          scale,
        ),
      plain([losses, dx], [x, labels, weights]) {
        for (let n = 0; n < batch; n++) {
          const start = n * classes;
          const [sum, largest] = exponentials(dx, x, start, classes);
          const log = Math.log(sum) + largest;
          let [loss, shares] = [0, 0];
          for (let i = 0; i < classes; i++) {
            const share = shareOf(i, labels[n], weights, classes);
            loss += share * (log - x[start + i]);
            shares += share;
          }
          losses[n] = loss;
          for (let i = 0; i < classes; i++) {
            const share = shareOf(i, labels[n], weights, classes);
            dx[start + i] = ((dx[start + i] * shares) / sum - share) * scale;
          }
        }
      },
      exact([x, labels, weights]) {
        return lossAndGradient(
          weightedCrossEntropy(x, labels, batch, classes, SMOOTHING, scale, weights),
        );
      },
    },
  ];
}

/** How much class i counts in the loss of an image. */
function shareOf(i: number, label: number, weights: Numbers, classes: number): number {
  return ((i === label ? 1 - SMOOTHING : 0) + SMOOTHING / classes) * weights[i];
}

/** y = exp(x − largest) over a row. @returns the sum of y, and the largest x */
function exponentials(
  y: Numbers,
  x: Numbers,
  start: number,
  classes: number,
): [sum: number, largest: number] {
  let largest = x[start];
  for (let i = start + 1; i < start + classes; i++) largest = Math.max(largest, x[i]);
  let sum = 0;
  for (let i = start; i < start + classes; i++) {
    const power = Math.exp(x[i] - largest);
    y[i] = power;
    sum += power;
  }
  return [sum, largest];
}

/** Losses of values, or of yes and no. */
function values(batch: number, length: number): readonly Operation[] {
  const count = batch * length;
  const scale = 1 / count;
  const shape = `${batch}×${length}`;
  const tensors = { shape, outputs: [batch, count], inputs: [count, count] };
  return [
    {
      ...tensors,
      kernel: 'meanSquaredError',
      flops: 5 * count,
      call: (kernels, [losses, dx], [x, targets]) =>
        kernels.meanSquaredError(losses, dx, x, targets, batch, length, scale),
      plain([losses, dx], [x, targets]) {
        for (let n = 0; n < batch; n++) {
          let sum = 0;
          for (let i = n * length; i < (n + 1) * length; i++) {
            const error = x[i] - targets[i];
            sum += error * error;
            dx[i] = 2 * scale * error;
          }
          losses[n] = sum / length;
        }
      },
      exact: ([x, targets]) => lossAndGradient(meanSquaredError(x, targets, batch, length)),
    },
    {
      ...tensors,
      kernel: 'meanAbsoluteError',
      flops: 4 * count,
      call: (kernels, [losses, dx], [x, targets]) =>
        kernels.meanAbsoluteError(losses, dx, x, targets, batch, length, scale),
      plain([losses, dx], [x, targets]) {
        for (let n = 0; n < batch; n++) {
          let sum = 0;
          for (let i = n * length; i < (n + 1) * length; i++) {
            const error = x[i] - targets[i];
            sum += Math.abs(error);
            dx[i] = scale * Math.sign(error);
          }
          losses[n] = sum / length;
        }
      },
      exact: ([x, targets]) => lossAndGradient(meanAbsoluteError(x, targets, batch, length)),
    },
    {
      ...tensors,
      kernel: 'huber',
      flops: 8 * count,
      call: (kernels, [losses, dx], [x, targets]) =>
        kernels.huber(losses, dx, x, targets, batch, length, DELTA, scale),
      plain([losses, dx], [x, targets]) {
        for (let n = 0; n < batch; n++) {
          let sum = 0;
          for (let i = n * length; i < (n + 1) * length; i++) {
            const error = x[i] - targets[i];
            const size = Math.abs(error);
            sum += size <= DELTA ? (error * error) / 2 : DELTA * (size - DELTA / 2);
            dx[i] = scale * Math.max(-DELTA, Math.min(DELTA, error));
          }
          losses[n] = sum / length;
        }
      },
      exact: ([x, targets]) => lossAndGradient(huber(x, targets, batch, length, DELTA)),
    },
    {
      ...tensors,
      kernel: 'binaryCrossEntropy',
      flops: 14 * count,
      inputs: [count, [count, shares]],
      call: (kernels, [losses, dx], [x, targets]) =>
        kernels.binaryCrossEntropy(losses, dx, x, targets, 0, 0, batch, length, scale),
      plain([losses, dx], [x, targets]) {
        for (let n = 0; n < batch; n++) {
          let sum = 0;
          for (let i = n * length; i < (n + 1) * length; i++) {
            const power = Math.exp(-Math.abs(x[i]));
            const share = x[i] >= 0 ? 1 / (1 + power) : power / (1 + power);
            sum += Math.max(x[i], 0) - targets[i] * x[i] + Math.log1p(power);
            dx[i] = (share - targets[i]) * scale;
          }
          losses[n] = sum / length;
        }
      },
      exact: ([x, targets]) => lossAndGradient(binaryCrossEntropy(x, targets, batch, length)),
    },
  ];
}

function lossAndGradient({ losses, dx }: LossAndGradient): readonly Float64Array[] {
  return [losses, dx];
}

/** Weights of images. Those here are −1 or 1, as the same losses are weighed again and again. */
function weighing(batch: number, length: number): Operation {
  return {
    kernel: 'weighImages',
    shape: `${batch}×${length}`,
    flops: batch * length,
    start: 0.5,
    outputs: [batch, batch * length],
    inputs: [[batch, signs]],
    call: (kernels, [losses, dx], [weights]) =>
      kernels.weighImages(losses, dx, weights, batch, length),
    plain([losses, dx], [weights]) {
      for (let n = 0; n < batch; n++) {
        losses[n] *= weights[n];
        for (let i = n * length; i < (n + 1) * length; i++) dx[i] *= weights[n];
      }
    },
    exact: ([weights]) => [
      Float64Array.from(weights, (weight) => weight / 2),
      Float64Array.from({ length: batch * length }, (_, i) => weights[Math.floor(i / length)] / 2),
    ],
  };
}

function decisions(batch: number, classes: number): readonly Operation[] {
  const length = batch * classes;
  return [
    {
      kernel: 'argmax',
      shape: `${batch}×${classes}`,
      flops: length,
      outputs: [[batch, integers]],
      inputs: [length],
      call: (kernels, [indices], [x]) => kernels.argmax(indices, x, batch, classes),
      plain([indices], [x]) {
        for (let n = 0; n < batch; n++) {
          let best = 0;
          for (let i = 1; i < classes; i++) {
            if (x[n * classes + i] > x[n * classes + best]) best = i;
          }
          indices[n] = best;
        }
      },
      exact: ([x]) => [
        Int32Array.from({ length: batch }, (_, n) => {
          const row = Array.from(x.subarray(n * classes, (n + 1) * classes));
          return row.indexOf(Math.max(...row));
        }),
      ],
    },
    {
      kernel: 'positive',
      shape: String(length),
      flops: length,
      outputs: [[length, integers]],
      inputs: [length],
      call: (kernels, [indices], [x]) => kernels.positive(indices, x, length),
      plain([indices], [x]) {
        for (let i = 0; i < length; i++) indices[i] = x[i] > 0 ? 1 : 0;
      },
      exact: ([x]) => [Int32Array.from(x, (value) => Number(value > 0))],
    },
  ];
}
