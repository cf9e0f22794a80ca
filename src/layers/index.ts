/** The layers there are, by the `type` their specs carry. @module */
import { type Conv2dSpec, conv2d, conv2dLayer } from './conv2d.ts';
import { type DenseSpec, dense, denseLayer } from './dense.ts';
import { type FlattenSpec, flatten, flattenLayer } from './flatten.ts';
import type { LayerDefinition } from './layer.ts';
import { type MaxPool2dSpec, maxPool2d, maxPool2dLayer } from './maxPool2d.ts';
import { type ReluSpec, relu, reluLayer } from './relu.ts';
import { type SoftmaxSpec, softmax, softmaxLayer } from './softmax.ts';

/** One entry of a model's list of layers: plain JSON. */
export type LayerSpec =
  | Conv2dSpec
  | DenseSpec
  | FlattenSpec
  | MaxPool2dSpec
  | ReluSpec
  | SoftmaxSpec;

type Definitions = {
  readonly [Spec in LayerSpec as Spec['type']]: LayerDefinition<Spec>;
};

const definitions: Definitions = {
  conv2d: conv2dLayer,
  dense: denseLayer,
  flatten: flattenLayer,
  maxPool2d: maxPool2dLayer,
  relu: reluLayer,
  softmax: softmaxLayer,
};

/** Names of all layers, for messages. */
export const layerTypes: readonly string[] = Object.keys(definitions);

/** The definition behind a spec. */
export function definitionOf<Spec extends LayerSpec>(spec: Spec): LayerDefinition<Spec> {
  // the table is keyed by the very `type` that tells the specs apart
  return definitions[spec.type] as unknown as LayerDefinition<Spec>;
}

/** Factories of the specs, as users write them: `layers.conv2d({ filters: 12, kernelSize: 3 })`. */
export const layers: {
  readonly conv2d: typeof conv2d;
  readonly dense: typeof dense;
  readonly flatten: typeof flatten;
  readonly maxPool2d: typeof maxPool2d;
  readonly relu: typeof relu;
  readonly softmax: typeof softmax;
} = { conv2d, dense, flatten, maxPool2d, relu, softmax };
