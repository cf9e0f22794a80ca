/** The optimizers there are, by the `type` their specs carry. @module */
import { describe } from '../base/errors.ts';
import {
  type AdamSpec,
  type AdamwSpec,
  adam,
  adamOptimizer,
  adamw,
  adamwOptimizer,
} from './adam.ts';
import {
  type MomentumSpec,
  momentum,
  momentumOptimizer,
  type NesterovSpec,
  nesterov,
  nesterovOptimizer,
} from './momentum.ts';
import type { OptimizerDefinition } from './optimizer.ts';
import { type RmspropSpec, rmsprop, rmspropOptimizer } from './rmsprop.ts';
import { type SgdSpec, sgd, sgdOptimizer } from './sgd.ts';

/** An optimizer and its options: plain JSON. */
export type OptimizerSpec =
  | AdamSpec
  | AdamwSpec
  | MomentumSpec
  | NesterovSpec
  | RmspropSpec
  | SgdSpec;

/** Name of an optimizer. */
export type OptimizerType = OptimizerSpec['type'];

const definitions: {
  readonly [Spec in OptimizerSpec as Spec['type']]: OptimizerDefinition<Spec>;
} = {
  sgd: sgdOptimizer,
  momentum: momentumOptimizer,
  nesterov: nesterovOptimizer,
  adam: adamOptimizer,
  adamw: adamwOptimizer,
  rmsprop: rmspropOptimizer,
};

/** The definition behind a spec, its options checked. */
export function optimizerOf<Spec extends OptimizerSpec>(spec: Spec): OptimizerDefinition<Spec> {
  const type: unknown = spec?.type;
  if (!isOptimizerType(type)) {
    throw new TypeError(
      `fit: expected an optimizer (${Object.keys(definitions).join(', ')}), got ${describe(type ?? spec)}. Use optimizers.sgd({ learningRate: 0.01 }).`,
    );
  }
  // the table is keyed by the very `type` that tells the specs apart
  const definition = definitions[type] as unknown as OptimizerDefinition<Spec>;
  definition.check(spec);
  return definition;
}

/** Factories, as users write them: `optimizers.sgd({ learningRate: 0.01 })`. */
export const optimizers: {
  readonly sgd: typeof sgd;
  readonly momentum: typeof momentum;
  readonly nesterov: typeof nesterov;
  readonly adam: typeof adam;
  readonly adamw: typeof adamw;
  readonly rmsprop: typeof rmsprop;
} = { sgd, momentum, nesterov, adam, adamw, rmsprop };

/** Whether there is an optimizer of this name. */
export function isOptimizerType(name: unknown): name is OptimizerType {
  return typeof name === 'string' && Object.hasOwn(definitions, name);
}
