/** The types of the functions of layers: what each takes and returns. @module */
import type { Tensor } from '../base/types.ts';
import type { TransposeOptions, WindowOptions } from '../base/window.ts';
import type * as activations from '../layers/activations.ts';
import type * as layers from '../layers/index.ts';
import type { OwnOptions } from '../layers/layer.ts';
import type { LayerType } from '../layers/registry.ts';
import type { LayerOptions } from './runOptions.ts';

type Factories = typeof layers;
type Own<Name extends LayerType> = OwnOptions<ReturnType<Factories[Name]>>;

/** Of one tensor of any shape. */
type Rowwise = keyof typeof activations | 'softmax';

/** Of several tensors. */
type Several = 'add' | 'concat' | 'multiply';

/** With parameters, or with modes: each has a signature of its own. */
type Special = Exclude<keyof SpecialOps, `${string}Backward`>;

/** Of one tensor `[N, …]`. */
type Single = Exclude<LayerType, Rowwise | Several | Special>;

/** One object: needed if an option is, none if there are no options. */
type Options<Given> = keyof Given extends never
  ? []
  : object extends Given
    ? [options?: Given]
    : [options: Given];

/** Options of a convolution; the kernel size is the weight's. */
export interface ConvOptions extends Omit<WindowOptions, 'kernelSize'> {
  readonly groups?: number;
}

/** The same of a depthwise or a separable one. */
export interface DepthwiseOptions extends Omit<WindowOptions, 'kernelSize'> {
  /** Filters of each input channel. @default what the weight has */
  readonly multiplier?: number;
}

/** The same of a transposed one. */
export interface ConvTransposeOptions extends Omit<TransposeOptions, 'kernelSize'> {
  readonly groups?: number;
}

/** Gradients of the loss by the input, the weight and the bias of a layer. */
export interface Gradients {
  readonly dx: Tensor;
  readonly dw: Tensor;
  readonly db: Tensor;
}

/** The layers that have parameters or modes. A `b` of null: no bias. */
interface SpecialOps {
  /** `y[N, OC, OH, OW]` of `x[N, C, H, W]`, `w[OC, C / groups, KH, KW]` and `b[OC]`. */
  conv2d(x: Tensor, w: Tensor, b: Tensor | null, options?: ConvOptions): Tensor;
  /** `dx`, `dw` and `db` of `conv2d`. */
  conv2dBackward(dy: Tensor, x: Tensor, w: Tensor, options?: ConvOptions): Gradients;
  /** `y[N, OC, OH, OW]` of `x[N, C, H, W]`, `w[OC, 1, KH, KW]` and `b[OC]`, OC = C · multiplier. */
  depthwiseConv2d(x: Tensor, w: Tensor, b: Tensor | null, options?: DepthwiseOptions): Tensor;
  /** `dx`, `dw` and `db` of `depthwiseConv2d`. */
  depthwiseConv2dBackward(dy: Tensor, x: Tensor, w: Tensor, options?: DepthwiseOptions): Gradients;
  /** `y[N, OC, OH, OW]` of `x[N, C, H, W]`, the depthwise `v[C · multiplier, 1, KH, KW]`, `w[OC, C · multiplier, 1, 1]`, `b[OC]`. */
  separableConv2d(
    x: Tensor,
    v: Tensor,
    w: Tensor,
    b: Tensor | null,
    options?: DepthwiseOptions,
  ): Tensor;
  /** `dx`, `dv`, `dw` and `db` of `separableConv2d`. */
  separableConv2dBackward(
    dy: Tensor,
    x: Tensor,
    v: Tensor,
    w: Tensor,
    options?: DepthwiseOptions,
  ): Gradients & { readonly dv: Tensor };
  /** `y[N, OC, OH, OW]` of `x[N, C, H, W]`, `w[C, OC / groups, KH, KW]` and `b[OC]`. */
  conv2dTranspose(x: Tensor, w: Tensor, b: Tensor | null, options?: ConvTransposeOptions): Tensor;
  /** `dx`, `dw` and `db` of `conv2dTranspose`. */
  conv2dTransposeBackward(
    dy: Tensor,
    x: Tensor,
    w: Tensor,
    options?: ConvTransposeOptions,
  ): Gradients;
  /** `y[N, O] = x[N, I]·w[O, I]ᵀ + b[O]`. */
  dense(x: Tensor, w: Tensor, b: Tensor | null): Tensor;
  /** `dx`, `dw` and `db` of `dense`. */
  denseBackward(dy: Tensor, x: Tensor, w: Tensor): Gradients;
  /** `x > 0 ? x : w[c]·x` of `x[N, C, …]` and `w[C]`. */
  prelu(x: Tensor, w: Tensor): Tensor;
  /** `dx` and `dw` of `prelu`. */
  preluBackward(dy: Tensor, x: Tensor, w: Tensor): Pick<Gradients, 'dx' | 'dw'>;
  /**
   * `w·(x − mean) / √(variance + epsilon) + b`, all of `[C]`, of `x[N, C, H, W]` or `x[N, C]`. With `mode: 'train'` mean and
   * variance are those of the batch, and the given ones are not read; `layer` returns what they become. Null: 0 and 1.
   */
  batchNorm(
    x: Tensor,
    w: Tensor,
    b: Tensor,
    mean: Tensor | null,
    variance: Tensor | null,
    options?: Omit<Own<'batchNorm'>, 'trainable'> & LayerOptions,
  ): Tensor;
  /** `dx`, `dw` and `db` of `batchNorm`. */
  batchNormBackward(
    dy: Tensor,
    x: Tensor,
    w: Tensor,
    mean: Tensor | null,
    variance: Tensor | null,
    options?: Omit<Own<'batchNorm'>, 'trainable'> & LayerOptions,
  ): Gradients;
  /** The same by the mean and the variance of each group of channels of each image. */
  groupNorm(x: Tensor, w: Tensor, b: Tensor, options: Omit<Own<'groupNorm'>, 'trainable'>): Tensor;
  /** `dx`, `dw` and `db` of `groupNorm`. */
  groupNormBackward(
    dy: Tensor,
    x: Tensor,
    w: Tensor,
    options: Omit<Own<'groupNorm'>, 'trainable'>,
  ): Gradients;
  /** With `mode: 'train'` 0 or `x / (1 − rate)`, by seed, epoch and step; else x. */
  dropout(x: Tensor, options?: Own<'dropout'> & LayerOptions): Tensor;
  /** `dx` of `dropout`, by the same seed, epoch and step. */
  dropoutBackward(dy: Tensor, x: Tensor, options?: Own<'dropout'> & LayerOptions): Tensor;
}

type Simple = Rowwise | Single;

/** The formulas are those of the layers; every tensor is `[N, …]`, of any shape for activations and softmax over the last axis. */
export type LayerOps = SpecialOps & {
  readonly [Name in Simple]: (x: Tensor, ...options: Options<Own<Name>>) => Tensor;
} & {
  readonly [Name in Simple as `${Name}Backward`]: (
    dy: Tensor,
    x: Tensor,
    ...options: Options<Own<Name>>
  ) => Tensor;
} & { readonly [Name in Several]: (xs: readonly Tensor[]) => Tensor } & {
  readonly [Name in Several as `${Name}Backward`]: (
    dy: Tensor,
    xs: readonly Tensor[],
  ) => readonly Tensor[];
};
