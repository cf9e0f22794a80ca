/** The optimizers by the `type` of their specs. @module */
import { definitionIn, readSpec } from '../base/spec.ts';
import * as optimizers from './index.ts';
import type { OptimizerDefinition } from './optimizer.ts';

type Factories = typeof optimizers;

/** An optimizer and its options: plain JSON. */
export type OptimizerSpec = ReturnType<Factories[keyof Factories]>;

/** Name of an optimizer. */
export type OptimizerType = OptimizerSpec['type'];

/** Takes any value for an optimizer: a copy of it, checked but for its schedule. @throws {TypeError | RangeError} naming what is wrong. */
export function readOptimizer(where: string, value: unknown): OptimizerSpec {
  return readSpec<OptimizerSpec>(where, 'an optimizer', optimizers, value);
}

/** The definition behind a checked spec. */
export function optimizerOf<Spec extends OptimizerSpec>(spec: Spec): OptimizerDefinition<Spec> {
  return definitionIn<Spec, OptimizerDefinition<Spec>>(optimizers, spec);
}

/** Whether there is an optimizer of this name. */
export function isOptimizerType(name: unknown): name is OptimizerType {
  return typeof name === 'string' && Object.hasOwn(optimizers, name);
}
