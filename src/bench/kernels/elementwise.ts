/**
 * One pass over flat blocks: zero, accumulate, sgd, exp. Kernels: assembly/optimizers/optimizer.ts, assembly/lib/math.ts.
 * Oracle: the formulas themselves, in double precision. The plain loops may use the engine's own exp, as their results
 * reach no weight.
 * @module
 */
import type { Kernels } from '../../wasm/kernels.ts';
import type { Case } from '../case.ts';
import type { Workspace } from '../workspace.ts';

/** Lengths: the parameters of the reference network, of LeNet-5, and of the larger network of the training bench. */
const LENGTHS: readonly number[] = [20_410, 61_706, 1_199_882];
const RATE = 0.01;

interface Elementwise {
  readonly kernel: keyof Kernels;
  /** Per element, counted as in `Work`. */
  readonly flops: number;
  readonly bytes: number;
  call(kernels: Kernels, y: number, x: number, length: number): void;
  plain(y: Float32Array, x: Float32Array): void;
  /** True if y is read too. It then holds 0 when the call is verified. */
  readonly adds?: true;
  /** The expected y of one element. */
  exact(x: number): number;
}

const OPERATIONS: readonly Elementwise[] = [
  {
    kernel: 'zero',
    flops: 0,
    bytes: 4,
    call: (kernels, y, _x, length) => kernels.zero(y, length),
    plain: (y) => void y.fill(0),
    exact: () => 0,
  },
  {
    kernel: 'accumulate',
    flops: 1,
    bytes: 12,
    adds: true,
    call: (kernels, y, x, length) => kernels.accumulate(y, x, length, 1, 4 * length),
    plain(y, x) {
      for (let i = 0; i < y.length; i++) y[i] += x[i];
    },
    exact: (x) => x,
  },
  {
    kernel: 'sgd',
    flops: 2,
    bytes: 12,
    adds: true,
    call: (kernels, w, dw, length) => kernels.sgd(w, dw, length, RATE),
    plain(w, dw) {
      for (let i = 0; i < w.length; i++) w[i] -= RATE * dw[i];
    },
    exact: (dw) => -RATE * dw,
  },
  {
    kernel: 'exp',
    flops: 1,
    bytes: 8,
    call: (kernels, y, x, length) => kernels.exp(y, x, length),
    plain(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]);
    },
    exact: Math.exp,
  },
];

export const elementwiseCases: readonly Case[] = OPERATIONS.flatMap((operation) =>
  LENGTHS.map((length) => ({
    kernel: operation.kernel,
    shape: String(length),
    work: {
      limit: 'memory' as const,
      flops: operation.flops * length,
      bytes: operation.bytes * length,
    },
    ...(operation.adds && { adds: operation.adds }),
    prepare: (workspace: Workspace) => prepare(operation, length, workspace),
  })),
);

function prepare(
  { call, plain, exact }: Elementwise,
  length: number,
  workspace: Workspace,
): ReturnType<Case['prepare']> {
  const [x, y, own] = [workspace.uniform(length), workspace.f32(length), new Float32Array(length)];
  return {
    kernel: { run: () => call(workspace.kernels, y.at, x.at, length), results: [y.view] },
    plain: { run: () => plain(own, x.view), results: [own] },
    expected: () => [Float64Array.from(x.view, exact)],
  };
}
