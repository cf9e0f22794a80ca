/** The losses by the `type` of their specs. @module */
import { definitionIn, readSpec } from '../base/spec.ts';
import * as losses from './index.ts';
import type { Labelled, LossDefinition } from './loss.ts';

type Factories = typeof losses;

/** A loss and its options: plain JSON. */
export type LossSpec = ReturnType<Factories[keyof Factories]>;

/** What is minimised unless something else is said. */
export const DEFAULT_LOSS: LossSpec = losses.categoricalCrossentropy();

/** Takes any value for a loss, or its name alone: a copy of it, checked. @throws {TypeError | RangeError} naming what is wrong. */
export function readLoss(where: string, value: unknown): LossSpec {
  return readSpec<LossSpec>(where, 'a loss', losses, value);
}

/** A checked spec with numbers for what is to be counted in data. Data without labels have nothing to count. */
export function resolveLoss(spec: LossSpec, data: Labelled): LossSpec {
  return lossOf(spec).resolve?.(spec, data) ?? spec;
}

/** The definition behind a checked spec. */
export function lossOf<Spec extends LossSpec>(spec: Spec): LossDefinition<Spec> {
  return definitionIn<Spec, LossDefinition<Spec>>(losses, spec);
}
