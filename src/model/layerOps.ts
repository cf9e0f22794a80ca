/**
 * Layers without parameters as functions of tensors, a pair for each: `averagePool2d(x, options)` and
 * `averagePool2dBackward(dy, x, options)`, or of a list of tensors `concat(xs)` and `concatBackward(dy, xs)`.
 * @module
 */
import { checkOptions } from '../base/options.ts';
import type { Tensor } from '../base/types.ts';
import type * as layers from '../layers/index.ts';
import type { OwnOptions } from '../layers/layer.ts';
import { definitionOf, type LayerSpec } from '../layers/registry.ts';

/** Of one tensor. */
const SINGLE = [
  'averagePool2d',
  'crop2d',
  'flatten',
  'globalAveragePool2d',
  'globalMaxPool2d',
  'identity',
  'maxPool2d',
  'reshape',
  'upsample2d',
  'zeroPad2d',
] as const;

/** Of several tensors. */
const SEVERAL = ['add', 'concat', 'multiply'] as const;

type Factories = typeof layers;
type Single = (typeof SINGLE)[number];
type Several = (typeof SEVERAL)[number];

/** One object: needed if an option is, none if there are no options. */
type Options<Own> = keyof Own extends never
  ? []
  : object extends Own
    ? [options?: Own]
    : [options: Own];
type OptionsOf<Name extends Single> = Options<OwnOptions<ReturnType<Factories[Name]>>>;

/** The formulas are those of the layers; every tensor is `[N, …]`. */
export type LayerOps = {
  readonly [Name in Single]: (x: Tensor, ...options: OptionsOf<Name>) => Tensor;
} & {
  readonly [Name in Single as `${Name}Backward`]: (
    dy: Tensor,
    x: Tensor,
    ...options: OptionsOf<Name>
  ) => Tensor;
} & { readonly [Name in Several]: (xs: readonly Tensor[]) => Tensor } & {
  readonly [Name in Several as `${Name}Backward`]: (
    dy: Tensor,
    xs: readonly Tensor[],
  ) => readonly Tensor[];
};

/** All of them, by what runs a layer forward, and backward. */
export function layerOps(
  forward: (spec: LayerSpec, xs: readonly Tensor[]) => Tensor,
  backward: (spec: LayerSpec, dy: Tensor, xs: readonly Tensor[]) => readonly Tensor[],
): LayerOps {
  const pairs = [...SINGLE, ...SEVERAL].map((type) => {
    const definition = definitionOf({ type } as LayerSpec); // its options play no part in that
    const isSingle = definition.leastInputs === undefined;
    const { name, inputs, ...own } = definition.options; // a function has no place among others
    const read = (where: string, options: unknown) =>
      ({ type, ...checkOptions<object>(where, options, own) }) as LayerSpec;
    const listOf = (given: unknown) => (isSingle ? [given] : given) as readonly Tensor[]; // checked below
    return {
      [type]: (given: unknown, options?: unknown) => forward(read(type, options), listOf(given)),
      [`${type}Backward`](dy: Tensor, given: unknown, options?: unknown) {
        const dxs = backward(read(`${type}Backward`, options), dy, listOf(given));
        return isSingle ? dxs[0] : dxs;
      },
    };
  });
  return Object.assign({}, ...pairs); // a pair for every name
}
