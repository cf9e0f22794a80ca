/** Dense layers, both ways. Kernels: assembly/dense/dense.ts. Oracle: src/reference/dense.ts. @module */
import {
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
} from '../../reference/dense.ts';
import type { Case, Work } from '../case.ts';
import { plainGemm } from './gemm.ts';

/** Batch, inputs, outputs. A shard of a batch of 128 has 16 images. */
const SHAPES: readonly (readonly [batch: number, inputs: number, outputs: number])[] = [
  [16, 2028, 10], // the reference network, one shard
  [128, 2028, 10],
  [16, 400, 120], // LeNet-5
  [16, 9216, 128], // the larger network of the training bench
];

export const denseCases: readonly Case[] = SHAPES.flatMap((sizes) => [
  forward(...sizes),
  backwardInput(...sizes),
  backwardWeight(...sizes),
  backwardBias(...sizes),
]);

function label(batch: number, inputs: number, outputs: number): string {
  return `${batch}×${inputs}→${outputs}`;
}

/** The work of the matrix product in each direction. Pass 2 if the weights are read and written. */
function products(batch: number, inputs: number, outputs: number, weights: 1 | 2 = 1): Work {
  return {
    limit: 'compute',
    flops: 2 * batch * inputs * outputs,
    bytes: 4 * (batch * (inputs + outputs) + weights * inputs * outputs),
  };
}

function forward(batch: number, inputs: number, outputs: number): Case {
  return {
    kernel: 'denseForward',
    shape: label(batch, inputs, outputs),
    work: products(batch, inputs, outputs),
    prepare(workspace) {
      const { kernels } = workspace;
      const [x, w] = [workspace.uniform(batch * inputs), workspace.uniform(outputs * inputs)];
      const [b, y] = [workspace.uniform(outputs), workspace.f32(batch * outputs)];
      const scratch = workspace.scratch(kernels.denseScratchBytes(batch, inputs, outputs));
      const plain = new Float32Array(batch * outputs);
      return {
        kernel: {
          run: () => kernels.denseForward(y.at, x.at, w.at, b.at, scratch, batch, inputs, outputs),
          results: [y.view],
        },
        plain: {
          run() {
            for (let n = 0; n < batch; n++) plain.set(b.view, n * outputs);
            plainGemm.NT(plain, x.view, w.view, batch, outputs, inputs);
          },
          results: [plain],
        },
        expected: () => [denseForward(x.view, w.view, b.view, batch, inputs, outputs)],
      };
    },
  };
}

function backwardInput(batch: number, inputs: number, outputs: number): Case {
  return {
    kernel: 'denseBackwardInput',
    shape: label(batch, inputs, outputs),
    work: products(batch, inputs, outputs),
    prepare(workspace) {
      const { kernels } = workspace;
      const [dy, w] = [workspace.uniform(batch * outputs), workspace.uniform(outputs * inputs)];
      const dx = workspace.f32(batch * inputs);
      const scratch = workspace.scratch(kernels.denseScratchBytes(batch, inputs, outputs));
      const plain = new Float32Array(batch * inputs);
      return {
        kernel: {
          run: () =>
            kernels.denseBackwardInput(dx.at, dy.at, w.at, scratch, batch, inputs, outputs),
          results: [dx.view],
        },
        plain: {
          run() {
            plain.fill(0);
            plainGemm.NN(plain, dy.view, w.view, batch, inputs, outputs);
          },
          results: [plain],
        },
        expected: () => [denseBackwardInput(dy.view, w.view, batch, inputs, outputs)],
      };
    },
  };
}

function backwardWeight(batch: number, inputs: number, outputs: number): Case {
  return {
    kernel: 'denseBackwardWeight',
    shape: label(batch, inputs, outputs),
    work: products(batch, inputs, outputs, 2),
    start: 0,
    prepare(workspace) {
      const { kernels } = workspace;
      const [dy, x] = [workspace.uniform(batch * outputs), workspace.uniform(batch * inputs)];
      const dw = workspace.f32(outputs * inputs);
      const scratch = workspace.scratch(kernels.denseScratchBytes(batch, inputs, outputs));
      const plain = new Float32Array(outputs * inputs);
      return {
        kernel: {
          run: () =>
            kernels.denseBackwardWeight(dw.at, dy.at, x.at, scratch, batch, inputs, outputs),
          results: [dw.view],
        },
        plain: {
          run: () => plainGemm.TN(plain, dy.view, x.view, outputs, inputs, batch),
          results: [plain],
        },
        expected: () => [denseBackwardWeight(dy.view, x.view, batch, inputs, outputs)],
      };
    },
  };
}

function backwardBias(batch: number, inputs: number, outputs: number): Case {
  return {
    kernel: 'denseBackwardBias',
    shape: label(batch, inputs, outputs),
    work: { limit: 'memory', flops: batch * outputs, bytes: 4 * batch * outputs },
    start: 0,
    prepare(workspace) {
      const [dy, db] = [workspace.uniform(batch * outputs), workspace.f32(outputs)];
      const plain = new Float32Array(outputs);
      return {
        kernel: {
          run: () => workspace.kernels.denseBackwardBias(db.at, dy.at, batch, outputs),
          results: [db.view],
        },
        plain: {
          run() {
            for (let n = 0; n < batch; n++) {
              for (let j = 0; j < outputs; j++) plain[j] += dy.view[n * outputs + j];
            }
          },
          results: [plain],
        },
        expected: () => [denseBackwardBias(dy.view, batch, outputs)],
      };
    },
  };
}
