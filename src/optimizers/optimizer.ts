/** What an optimizer is: its rule as kernel calls over the one block of parameters. @module */
import type { Kernels } from '../kernels.ts';

/** The blocks that an update works on: byte addresses of f32, `length` elements each. */
export interface UpdateTensors {
  readonly w: number;
  readonly dw: number;
  readonly length: number;
}

/** All that a program needs to know of an optimizer. */
export interface OptimizerDefinition<Spec> {
  /** Throws `TypeError` or `RangeError` where an option does not fit. */
  check(spec: Spec): void;
  /** One step: `w` becomes what the rule makes of `w` and `dw`. */
  update(kernels: Kernels, spec: Spec, tensors: UpdateTensors): void;
}
