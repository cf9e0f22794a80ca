/** What a layer is in C, in single precision. @module */
import type { NetworkLayer } from '../../../compile/network.ts';
import type { LayerSpec } from '../../../layers/registry.ts';
import type { Call } from '../program.ts';

/** A layer between its values, as C names them. */
export interface CLayer<Spec> extends Omit<NetworkLayer, 'spec'> {
  readonly spec: Spec;
  readonly y: string;
  readonly xs: readonly [string, ...string[]];
  /** The address of a parameter by its bare name, `0` if the layer has none of it. */
  parameter(name: string): string;
  /** The values of a parameter. */
  values(name: string): Float32Array;
  /** Adds a constant of the layer's. @returns its address. */
  constant(name: string, data: Float32Array): string;
}

/** Makes the calls of a layer. */
export type Row<Spec = LayerSpec> = (layer: CLayer<Spec>) => readonly Call[];

/** y is x under another shape. */
export const view = 'view';

/** A row that may write over its input if nobody else reads it. */
export interface InPlace<Spec> {
  readonly inPlace: Row<Spec>;
}

/** Every kind of row. */
export type AnyRow<Spec> = Row<Spec> | InPlace<Spec> | typeof view;

/** Rows of some types of layers. */
export type Rows<Type extends LayerSpec['type']> = {
  readonly [Spec in Extract<LayerSpec, { readonly type: Type }> as Spec['type']]: AnyRow<Spec>;
};
