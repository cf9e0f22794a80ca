/** What layers with a weight and a bias have in common: how the two are drawn, and whether they learn. @module */
import { flag, type OptionChecks } from '../base/options.ts';
import type { Shape } from '../base/types.ts';
import { type Initializer, initializer, initialOf } from './initializers.ts';
import type { ParameterDefinition } from './layer.ts';

export interface WeightOptions {
  /** A bias for each output. @default true */
  readonly useBias?: boolean;
  /** How weights are drawn. @default 'heNormal' */
  readonly kernelInitializer?: Initializer;
  /** How biases are drawn. @default 'zeros' */
  readonly biasInitializer?: Initializer;
  /** False freezes the layer: its parameters keep their values. @default true */
  readonly trainable?: boolean;
}

export const weightChecks: OptionChecks<WeightOptions> = {
  useBias: flag,
  kernelInitializer: initializer,
  biasInitializer: initializer,
  trainable: flag,
};

/** The weight of this shape and the bias of `biasLength`, if there is one. Weight decay spares the bias if asked to. */
export function weightAndBias(
  options: WeightOptions,
  shape: Shape,
  biasLength: number,
): readonly [weight: ParameterDefinition, ...bias: ParameterDefinition[]] {
  const weight = weightOf('weight', options, shape);
  return options.useBias === false ? [weight] : [weight, biasOf(options, shape, biasLength)];
}

/** A weight of a name. */
export function weightOf(
  name: string,
  { kernelInitializer = 'heNormal' }: WeightOptions,
  shape: Shape,
): ParameterDefinition {
  const initial = initialOf(kernelInitializer, shape);
  return { name, shape, role: 'trained', initial, isWeight: true };
}

/** The bias of a layer whose weight, or last weight, has this shape. */
export function biasOf(
  { biasInitializer = 'zeros' }: WeightOptions,
  weight: Shape,
  length: number,
): ParameterDefinition {
  const initial = initialOf(biasInitializer, weight);
  return { name: 'bias', shape: [length], role: 'trained', initial };
}
