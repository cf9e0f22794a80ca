/**
 * What an optimizer is: its rule as one kernel call over a range of the one block of trained parameters.
 *
 * The learning rate comes with every update, since it may follow a schedule. What all optimizers can do, such as clipping, is
 * done before the rule (compile/work.ts).
 * @module
 */
import { wrongKind } from '../base/checks.ts';
import {
  flag,
  notNegative,
  type OptionCheck,
  type OptionChecks,
  positive,
} from '../base/options.ts';
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
  /** Cuts every number of the gradient to at most this, either way; not at all by default. */
  readonly clipValue?: number;
  /**
   * λ, 0 or more: `dw += λ·w` before the rule, as an L2 penalty of λ/2·‖w‖² has it; in adamw the rule itself takes the share
   * α·λ off every parameter. Default: 0.01 in adamw, 0 elsewhere.
   */
  readonly weightDecay?: number;
  /** False spares biases and the parameters of normalisation: the weights alone decay. @default true */
  readonly decayBiases?: boolean;
}

/** What every optimizer's spec holds. */
export interface CommonSpec extends Typed, CommonOptions {
  readonly learningRate: number | Schedule;
}

/** The blocks that an update works on: byte addresses of f32, `length` elements each. */
export interface UpdateTensors {
  readonly w: number;
  readonly dw: number;
  readonly length: number;
  /** What the optimizer remembers of its steps: as many blocks as `initialState` has numbers. */
  readonly state: readonly number[];
}

/** What an optimizer remembers: blocks as long as all trained parameters together, and numbers beside them. */
export interface OptimizerState {
  readonly blocks: readonly Float32Array[];
  readonly scalars: readonly number[];
}

/** All that a program needs to know of an optimizer. */
export interface OptimizerDefinition<Spec> extends Definition<Spec> {
  /**
   * The blocks that it remembers from step to step, each as long as the trained parameters: what all numbers of each are before
   * the first step.
   */
  initialState(spec: Spec): readonly number[];
  /** The numbers that it remembers beside them, as they are before the first step. */
  readonly scalars: readonly number[];
  /** What a step does to the numbers it remembers: once, before its update. */
  advance?(spec: Spec, scalars: Float64Array): void;
  /** True if the rule itself takes the decay off, so that it is not added to the gradient. */
  readonly decaysItself?: true;
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

const common: OptionChecks<CommonOptions> = {
  learningRate: rate,
  clipNorm: positive,
  clipValue: positive,
  weightDecay: notNegative,
  decayBiases: flag,
};

/** The factory of an optimizer; `options` are its own. */
export function optimizer<Spec extends CommonSpec>(
  definition: Omit<OptimizerDefinition<Spec>, 'options'> & {
    readonly options: OptionChecks<Omit<Spec, 'type' | keyof CommonOptions>>;
    readonly defaults: Omit<Spec, 'type' | keyof CommonOptions> & { readonly learningRate: number };
  },
): OptimizerFactory<Spec> {
  const options = { ...definition.options, ...common };
  return factoryOf('optimizers', { ...definition, options } as OptimizerDefinition<Spec>);
}
