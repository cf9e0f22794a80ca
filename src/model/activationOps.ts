/**
 * Activations that take one number at a time as functions of tensors: `gelu(x)` and `geluBackward(dy, x)`, a pair for each
 * row of src/layers/activations.ts.
 * @module
 */
import { checkOptions } from '../base/options.ts';
import type { Tensor } from '../base/types.ts';
import * as activations from '../layers/activations.ts';
import type { OwnOptions } from '../layers/layer.ts';
import type { LayerSpec } from '../layers/registry.ts';
import { anyPair, anyShape } from './rows.ts';

type Activations = typeof activations;

/** One object if the function has options. */
type Options<Spec> = keyof OwnOptions<Spec> extends never ? [] : [options?: OwnOptions<Spec>];

type Forward<Spec> = (x: Tensor, ...options: Options<Spec>) => Tensor;
type Backward<Spec> = (dy: Tensor, x: Tensor, ...options: Options<Spec>) => Tensor;

/** Tensors of any shape. The formulas are those of the layers. */
export type ActivationOps = {
  readonly [Name in keyof Activations]: Forward<ReturnType<Activations[Name]>>;
} & {
  readonly [Name in keyof Activations as `${Name}Backward`]: Backward<
    ReturnType<Activations[Name]>
  >;
};

/** All of them, by what runs a layer forward, and backward. */
export function activationOps(
  forward: (spec: LayerSpec, x: Tensor) => Tensor,
  backward: (spec: LayerSpec, dy: Tensor, x: Tensor) => Tensor,
): ActivationOps {
  const pairs = Object.values(activations).map(({ definition }) => {
    const { type } = definition;
    const { name, inputs, ...own } = definition.options; // a function has no place among others
    const read = (where: string, options: unknown) =>
      ({ type, ...checkOptions<object>(where, options, own) }) as LayerSpec;
    return {
      [type](x: Tensor, options?: unknown) {
        const spec = read(type, options);
        return anyShape(type, x, (rows) => forward(spec, rows));
      },
      [`${type}Backward`](dy: Tensor, x: Tensor, options?: unknown) {
        const spec = read(`${type}Backward`, options);
        return anyPair(`${type}Backward`, dy, x, (g, rows) => backward(spec, g, rows));
      },
    };
  });
  return Object.assign({}, ...pairs); // a pair for every name
}
