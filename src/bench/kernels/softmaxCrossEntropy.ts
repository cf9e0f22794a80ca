/**
 * Softmax with its loss. Kernels: assembly/losses/softmaxCrossEntropy.ts. Oracle: src/reference/softmax.ts. The plain loops
 * may use the engine's own exp and log, as their results reach no weight.
 * @module
 */
import { softmaxCrossEntropy } from '../../reference/softmax.ts';
import type { Case } from '../case.ts';

/** Batch and classes: one shard, a batch of 128, and a hundred classes. */
const SHAPES: readonly (readonly [batch: number, classes: number])[] = [
  [16, 10],
  [128, 10],
  [128, 100],
];

export const softmaxCrossEntropyCases: readonly Case[] = SHAPES.map(([batch, classes]) => ({
  kernel: 'softmaxCrossEntropy',
  shape: `${batch}×${classes}`,
  // largest, difference, exponential, sum, quotient
  work: { limit: 'memory', flops: 5 * batch * classes, bytes: 8 * batch * (classes + 1) },
  prepare(workspace) {
    const length = batch * classes;
    const [x, labels] = [workspace.uniform(length), workspace.below(classes, batch)];
    const [losses, dx] = [workspace.f32(batch), workspace.f32(length)];
    const [plainLosses, plainDx] = [new Float32Array(batch), new Float32Array(length)];
    const scale = 1 / batch;
    return {
      kernel: {
        run: () =>
          workspace.kernels.softmaxCrossEntropy(
            losses.at,
            dx.at,
            x.at,
            labels.at,
            batch,
            classes,
            scale,
          ),
        results: [losses.view, dx.view],
      },
      plain: {
        run: () => plainRows(plainLosses, plainDx, x.view, labels.view, classes, scale),
        results: [plainLosses, plainDx],
      },
      expected() {
        const oracle = softmaxCrossEntropy(x.view, labels.view, batch, classes, scale);
        return [oracle.losses, oracle.dx];
      },
    };
  },
}));

function plainRows(
  losses: Float32Array,
  dx: Float32Array,
  x: Float32Array,
  labels: Int32Array,
  classes: number,
  scale: number,
): void {
  for (let n = 0; n < losses.length; n++) {
    const start = n * classes;
    let largest = x[start];
    for (let i = 1; i < classes; i++) largest = Math.max(largest, x[start + i]);
    let sum = 0;
    for (let i = 0; i < classes; i++) {
      const power = Math.exp(x[start + i] - largest);
      dx[start + i] = power;
      sum += power;
    }
    losses[n] = Math.log(sum) + largest - x[start + labels[n]];
    for (let i = 0; i < classes; i++) dx[start + i] *= scale / sum;
    dx[start + labels[n]] -= scale;
  }
}
