/**
 * What a kernel bench is made of. A case is a kernel at a shape; prepared over a workspace it holds two sides, the
 * kernel and the same loops in plain JavaScript, and what both must come to.
 * @module
 */
import type { Kernels } from '../wasm/kernels.ts';
import type { Workspace } from './workspace.ts';

/** What a call does, as the bench counts it. */
export interface Work {
  /** What it is held against: the machine's multiply-add peak, or the speed at which a block as large is read. */
  readonly limit: 'compute' | 'memory';
  /** Additions, multiplications and comparisons; an exponential, a logarithm or a division counts as one. */
  readonly flops: number;
  /** Of the tensors that go in and come out, each once; of those added to, twice. Scratch space is not counted. */
  readonly bytes: number;
}

/** One of the two ways to do the work. */
export interface Side {
  /** One call, with arguments that stay the same: every call takes the same time. */
  run(): void;
  /** What `run` writes. */
  readonly results: readonly (Float32Array | Int32Array)[];
}

/** A case with its memory laid out and its inputs drawn. */
export interface Prepared {
  readonly kernel: Side;
  readonly plain: Side;
  /** The oracle's results, in the order of `results`. */
  expected(): readonly ArrayLike<number>[];
}

/** A kernel at a shape. */
export interface Case {
  readonly kernel: keyof Kernels;
  /** For people, and to find the case again in another run: `16×1×28×28, 12 filters 3×3`. */
  readonly shape: string;
  readonly work: Work;
  /** True where the kernel adds to what is there: it is verified from zeros, any other from NaN. */
  readonly adds?: true;
  prepare(workspace: Workspace): Prepared;
}

/** `gemmNN 240×240×240`: what `--filter` matches and what a comparison pairs by. */
export function caseName({ kernel, shape }: { kernel: string; shape: string }): string {
  return `${kernel} ${shape}`;
}
