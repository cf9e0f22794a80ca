/**
 * Layers with parameters as functions of tensors: which tensors stand between x and the options, what the layer calls them,
 * and what their shapes say of the layer.
 * @module
 */
import type { Tensor } from '../base/types.ts';
import type { LayerType } from '../layers/registry.ts';

/** Tensors by the letters of the formulas. */
export interface Weights {
  readonly w: Tensor;
  readonly v: Tensor;
  /** Null: no bias. */
  readonly b: Tensor | null;
}

/** The tensors of a layer. */
export interface WeightedLayer {
  /** In their order, each with the name of the parameter. */
  readonly names: Readonly<Record<string, string>>;
  /** How many axes `w` and `v` have. */
  readonly rank: number;
  /** The options that the weights tell. */
  told?(weights: Weights, x: Tensor, options: { readonly groups?: number }): object;
}

const names = { w: 'weight', b: 'bias' };

/** All of them. */
export const weightedLayers: { readonly [Type in LayerType]?: WeightedLayer } = {
  batchNorm: { rank: 1, names: { ...names, mean: 'running_mean', variance: 'running_var' } },
  conv2d: {
    names,
    rank: 4,
    told: ({ w, b }) => ({ filters: w.shape[0], ...windowOf(w, b) }),
  },
  conv2dTranspose: {
    names,
    rank: 4,
    told: ({ w, b }, _x, { groups = 1 }) => ({
      filters: (w.shape[1] ?? 0) * groups,
      ...windowOf(w, b),
    }),
  },
  dense: {
    names,
    rank: 2,
    told: ({ w, b }) => ({ units: w.shape[0], useBias: b !== null }),
  },
  depthwiseConv2d: {
    names,
    rank: 4,
    told: ({ w, b }, x) => ({ multiplier: multiplierOf(w, x), ...windowOf(w, b) }),
  },
  groupNorm: { rank: 1, names },
  prelu: { rank: 1, names: { w: 'weight' } },
  separableConv2d: {
    names: { v: 'depthwise.weight', w: 'pointwise.weight', b: 'bias' },
    rank: 4,
    told: ({ v, w, b }, x) => ({
      filters: w.shape[0],
      multiplier: multiplierOf(v, x),
      ...windowOf(v, b),
    }),
  },
};

function windowOf({ shape }: Tensor, b: Tensor | null) {
  return { kernelSize: shape.slice(2), useBias: b !== null };
}

/** Filters of each channel. If they are no whole number, the shape of the weight will not be the layer's. */
function multiplierOf({ shape: [filters = 1] }: Tensor, { shape: [, channels = 1] }: Tensor) {
  return Math.floor(filters / channels) || 1;
}
