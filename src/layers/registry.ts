/** The layers by the `type` of their specs. @module */
import { definitionIn, readSpec } from '../base/spec.ts';
import type { PlacedDefinition } from './factory.ts';
import * as layers from './index.ts';

type Factories = typeof layers;

/** One entry of a model's list of layers: plain JSON. */
export type LayerSpec = ReturnType<Factories[keyof Factories]>;

/** Names of all layers. */
export type LayerType = keyof Factories;

/** Takes any value for a layer: a copy of it, checked. @throws {TypeError | RangeError} naming the layer or the option. */
export function readLayer(where: string, value: unknown): LayerSpec {
  return readSpec<LayerSpec>(where, 'a layer', layers, value);
}

/** The definition behind a checked spec. */
export function definitionOf<Spec extends LayerSpec>(spec: Spec): PlacedDefinition<Spec> {
  return definitionIn<Spec, PlacedDefinition<Spec>>(layers, spec);
}
