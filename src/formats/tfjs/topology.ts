/** A LayersModel while it is written: its layers, its weights, and what is known of each value. @module */
import type { Shape, Tensor } from '../../base/types.ts';
import type { Network, NetworkLayer } from '../../compile/network.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import { type ModelFile, weightOf } from '../convlet/source.ts';

/** A layer as Keras writes it, and the names of the layers that it reads; undefined stands for the input of the model. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly inputs: readonly (string | undefined)[];
}

/** A parameter in TensorFlow's layout. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** What is known of a value in the TensorFlow.js model. */
export interface Value {
  /** The layer that computes it; undefined for the input of the model. */
  readonly layer: string | undefined;
  /** The image whose channels-last order the features are in, between a flatten and its dense layer. */
  readonly flattened: Shape | undefined;
  /** True if no number can be below 0, so that padding with 0 never wins a maximum. */
  readonly isPositive: boolean;
}

/** The layers and weights written so far. */
export interface Topology {
  readonly file: ModelFile;
  readonly network: Network;
  readonly layers: KerasLayer[];
  readonly weights: NamedTensor[];
}

/** One of our layers and what it reads. */
export interface Place<Spec extends LayerSpec = LayerSpec> {
  readonly to: Topology;
  readonly layer: NetworkLayer;
  readonly spec: Spec;
  /** The shape of its first input; `x` is what is known of that input. */
  readonly input: Shape;
  readonly x: Value;
  readonly xs: readonly Value[];
}

export type SpecOf<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

/** Adds a layer. @returns its name: its kind, and the index of our layer. */
export function addLayer(
  { to, layer: { index }, x }: Place,
  type: string,
  kind: string,
  config: object,
  from: readonly Value[] = [x],
): string {
  const name = `${kind}_${index}`;
  const common = { name, trainable: true, dtype: 'float32' };
  const inputs = from.map(({ layer }) => layer);
  to.layers.push({ class_name: type, config: { ...common, ...config }, inputs });
  return name;
}

export function addWeights(
  { to }: Place,
  layer: string,
  weights: Readonly<Record<string, Tensor | undefined>>,
): void {
  for (const [name, tensor] of Object.entries(weights)) {
    if (tensor !== undefined) to.weights.push({ name: `${layer}/${name}`, tensor });
  }
}

export function valuesOf({ to, layer }: Place): { weight: Tensor; bias: Tensor | undefined } {
  const [weight, bias] = layer.parameters.map(({ key }) => weightOf(to.file, key));
  if (weight === undefined) throw new Error('internal: a layer without its weight');
  return { weight, bias };
}

/** Of images the last one. */
export function channelAxis({ input }: Place): number {
  return input.length === 3 ? -1 : 1;
}
