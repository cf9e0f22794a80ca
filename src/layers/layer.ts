/** What a layer is: data and a few pure functions. It owns no memory and runs nothing; `compile` plans and emits. @module */

import type { Shape } from '../base/types.ts';
import type { Kernels } from '../wasm/kernels.ts';

/** How the values of a parameter are drawn before training. */
export type Initializer = 'heNormal' | 'zeros';

/** A trainable tensor of a layer. */
export interface ParameterDefinition {
  readonly name: 'weight' | 'bias';
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** Inputs that feed one output: what He's initialisation scales by. */
  readonly fanIn: number;
}

/** Names of the kernels that a program may call. */
export type KernelName = keyof Kernels;

/** Takes the kernel calls of a layer, the forward ones in their order and the backward ones in theirs. */
export interface Emitter {
  forward<K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>): void;
  backward<K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>): void;
}

/**
 * Where the tensors of one layer lie, for `batch` images: byte addresses, gradients beside their tensors.
 * `dx` is 0 where nothing before this layer learns; `b` and `db` are 0 where there is no bias.
 */
export interface LayerTensors {
  readonly batch: number;
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly w: number;
  readonly b: number;
  readonly dw: number;
  readonly db: number;
  /** What forward keeps for backward, `savedBytes` for each image. */
  readonly saved: number;
  /** `scratchBytes`, free to use within one call. */
  readonly scratch: number;
}

/** All that `compile` needs to know of a layer. Shapes are of one image, without the batch. */
export interface LayerDefinition<Spec> {
  /** Names of the options that a spec may hold beside `type`. */
  readonly options: readonly (keyof Spec & string)[];
  /** True where y is x under another shape: no memory, no calls. */
  readonly isView?: true;
  /** Throws `TypeError`, `RangeError` or `ShapeError` where an option or the input does not fit. */
  outputShape(where: string, spec: Spec, input: Shape): Shape;
  parameters(spec: Spec, input: Shape): readonly ParameterDefinition[];
  savedBytes?(kernels: Kernels, spec: Spec, input: Shape): number;
  scratchBytes?(kernels: Kernels, spec: Spec, input: Shape, batch: number): number;
  emit(to: Emitter, spec: Spec, input: Shape, tensors: LayerTensors): void;
}
