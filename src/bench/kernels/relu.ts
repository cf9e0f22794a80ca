/** ReLU, both ways. Kernels: assembly/activations/relu.ts. Oracle: src/reference/activations.ts. @module */
import { reluBackward, reluForward } from '../../reference/activations.ts';
import type { Case } from '../case.ts';

/** Elements: the first activations of the reference network for one shard, and more than a cache holds. */
const LENGTHS: readonly number[] = [16 * 12 * 26 * 26, 4 * 2 ** 20];

export const reluCases: readonly Case[] = LENGTHS.flatMap((length) => [
  forward(length),
  backward(length),
]);

function forward(length: number): Case {
  return {
    kernel: 'reluForward',
    shape: String(length),
    work: { limit: 'memory', flops: length, bytes: 8 * length },
    prepare(workspace) {
      const [x, y] = [workspace.uniform(length), workspace.f32(length)];
      const plain = new Float32Array(length);
      return {
        kernel: { run: () => workspace.kernels.reluForward(y.at, x.at, length), results: [y.view] },
        plain: { run: () => plainForward(plain, x.view), results: [plain] },
        expected: () => [reluForward(x.view)],
      };
    },
  };
}

function backward(length: number): Case {
  return {
    kernel: 'reluBackward',
    shape: String(length),
    work: { limit: 'memory', flops: length, bytes: 12 * length },
    prepare(workspace) {
      const [dy, y] = [workspace.uniform(length), workspace.uniform(length)];
      const dx = workspace.f32(length);
      const plain = new Float32Array(length);
      return {
        kernel: {
          run: () => workspace.kernels.reluBackward(dx.at, dy.at, y.at, length),
          results: [dx.view],
        },
        plain: { run: () => plainBackward(plain, dy.view, y.view), results: [plain] },
        expected: () => [reluBackward(dy.view, y.view)],
      };
    },
  };
}

function plainForward(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : 0;
}

function plainBackward(dx: Float32Array, dy: Float32Array, y: Float32Array): void {
  for (let i = 0; i < dx.length; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
}
