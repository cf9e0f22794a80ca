/** What an optimizer is: its rule as one kernel call over the one block of parameters. @module */
import type { Kernels } from '../wasm/kernels.ts';

/** The blocks that an update works on: byte addresses of f32, `length` elements each. */
export interface UpdateTensors {
  readonly w: number;
  readonly dw: number;
  readonly length: number;
  /** What the optimizer remembers of its steps: as many blocks as it asked for, 0 before the first step. */
  readonly state: readonly number[];
  /** Numbers that it remembers beside them, as `advance` left them. */
  readonly scalars: Float64Array;
}

/** What an optimizer remembers: blocks as long as all parameters together, and numbers beside them. */
export interface OptimizerState {
  readonly blocks: readonly Float32Array[];
  readonly scalars: readonly number[];
}

/** All that a program needs to know of an optimizer. */
export interface OptimizerDefinition<Spec> {
  /** How many blocks, each as long as the parameters, it remembers from step to step. */
  readonly stateBlocks: number;
  /** The numbers that it remembers beside them, as they are before the first step. */
  readonly scalars: readonly number[];
  /** Throws `TypeError` or `RangeError` where an option does not fit. */
  check(spec: Spec): void;
  /** What a step does to the numbers it remembers: once, before its update. */
  advance?(spec: Spec, scalars: Float64Array): void;
  /** One step: `w` becomes what the rule makes of `w`, `dw` and the state. A part of the block can be given alone. */
  update(kernels: Kernels, spec: Spec, tensors: UpdateTensors): void;
}
