/**
 * The parts of a kernel bench. A case is a kernel at a shape. Prepared over a workspace, it has two sides, the kernel and
 * the same loops in plain JavaScript, and the results that both must give.
 * @module
 */
import type { Kernels } from '../wasm/kernels.ts';
import type { Workspace } from './workspace.ts';

/** The work of one call, as the bench counts it. */
export interface Work {
  /** What the rate is compared with: the multiply-add peak, or the speed at which a block of the same size is read. */
  readonly limit: 'compute' | 'memory';
  /** Additions, multiplications and comparisons; an exponential, a logarithm or a division counts as one. */
  readonly flops: number;
  /** Bytes of inputs and outputs, each counted once; outputs that are added to count twice. Scratch is not counted. */
  readonly bytes: number;
}

/** Numbers of any kind that kernels take. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** One of the two ways to do the work. */
export interface Side {
  /** One call. Its arguments stay the same, so every call takes the same time. */
  run(): void;
  /** The arrays that `run` writes. */
  readonly results: readonly Numbers[];
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
  /** Shown to people, and used to find the case in another run: `16×1×28×28, 12 filters 3×3`. */
  readonly shape: string;
  readonly work: Work;
  /**
   * What every number of the results is before the call that is verified, if the kernel reads them: 0 if it adds to them.
   * @default NaN, or −1 if the results are integers
   */
  readonly start?: number;
  /** Lays out its tensors, and returns what is timed and what is verified. */
  prepare(workspace: Workspace): Prepared;
}

/** `gemmNN 240×240×240`: the name that `--filter` matches, and by which comparisons pair cases. */
export function caseName({ kernel, shape }: { kernel: string; shape: string }): string {
  return `${kernel} ${shape}`;
}
