/**
 * What an optimizer is: its rule as one kernel call over a range of the one block of trained parameters.
 *
 * The learning rate comes with every update, since it may follow a schedule. What all optimizers can do, such as clipping, is
 * done before the rule (compile/work.ts).
 * @module
 */
import { wrongKind } from '../base/checks.ts';
import { type OptionCheck, type OptionChecks, positive } from '../base/options.ts';
import { type Definition, type Factory, factoryOf, type Typed } from '../base/spec.ts';
import type { Schedule } from '../base/types.ts';
import type { Kernels } from '../wasm/kernels.ts';

/** What every optimizer takes beside its own options. */
export interface CommonOptions {
  /** α, above 0, or a schedule of it. */
  readonly learningRate?: number | Schedule;
  /**
   * Scales the gradient of all parameters together to this length when it is longer (Pascanu, Mikolov & Bengio, "On the
   * difficulty of training recurrent neural networks", 2013, section 3.2); not at all by default.
   */
  readonly clipNorm?: number;
}

/** What every optimizer's spec holds. */
export interface CommonSpec extends Typed {
  readonly learningRate: number | Schedule;
  readonly clipNorm?: number;
}

/** The blocks that an update works on: byte addresses of f32, `length` elements each. */
export interface UpdateTensors {
  readonly w: number;
  readonly dw: number;
  readonly length: number;
  /** What the optimizer remembers of its steps: as many blocks as it asked for, 0 before the first step. */
  readonly state: readonly number[];
}

/** What an optimizer remembers: blocks as long as all trained parameters together, and numbers beside them. */
export interface OptimizerState {
  readonly blocks: readonly Float32Array[];
  readonly scalars: readonly number[];
}

/** All that a program needs to know of an optimizer. */
export interface OptimizerDefinition<Spec> extends Definition<Spec> {
  /** How many blocks, each as long as the trained parameters, it remembers from step to step. */
  readonly stateBlocks: number;
  /** The numbers that it remembers beside them, as they are before the first step. */
  readonly scalars: readonly number[];
  /** What a step does to the numbers it remembers: once, before its update. */
  advance?(spec: Spec, scalars: Float64Array): void;
  /** One step: `w` becomes what the rule makes of `w`, `dw` and the state. A part of the block can be given alone. */
  update(
    kernels: Kernels,
    spec: Spec,
    tensors: UpdateTensors,
    learningRate: number,
    scalars: Float64Array,
  ): void;
}

/** Makes specs of one type of optimizer; every option has a default. */
export type OptimizerFactory<Spec> = Factory<
  Spec,
  Partial<Omit<Spec, 'type'>>,
  OptimizerDefinition<Spec>
>;

/** Schedules are checked where they are known (model/rate.ts). */
const rate: OptionCheck = (where, name, value) => {
  if (typeof value === 'number') return positive(where, name, value);
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    throw wrongKind(where, name, 'a number or one of schedules', value);
  }
};

const common = { learningRate: rate, clipNorm: positive } satisfies OptionChecks<CommonOptions>;

/** The factory of an optimizer; `options` are its own. */
export function optimizer<Spec extends CommonSpec>(
  definition: Omit<OptimizerDefinition<Spec>, 'options'> & {
    readonly options: OptionChecks<Omit<Spec, keyof CommonSpec>>;
    readonly defaults: Omit<Spec, 'type' | 'clipNorm'>;
  },
): OptimizerFactory<Spec> {
  const options = { ...definition.options, ...common };
  return factoryOf('optimizers', { ...definition, options } as OptimizerDefinition<Spec>);
}
