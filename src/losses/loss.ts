/**
 * What a loss is: a number for each image, and its gradient by the network's output. The loss of a batch is the mean over
 * its images; if images or their classes have weights, the weighted mean (weighting.ts).
 * @module
 */
import { type Definition, type Factory, factoryOf, type Typed } from '../base/spec.ts';
import type { Shape, TargetKind } from '../base/types.ts';
import type { KernelName, Kernels } from '../wasm/kernels.ts';

/** Where a loss finds its tensors, for `batch` images of one shard: byte addresses. */
export interface LossCall {
  /** f32[batch], the loss of each image. */
  readonly losses: number;
  /** The gradient of x; 0 while nothing learns. Evaluation gives a place for it all the same. */
  readonly dx: number;
  /** f32[batch, length], the output of the network; its logits if the loss absorbs the last layer. */
  readonly x: number;
  /** i32[batch], labels, or f32[batch, length], values. */
  readonly targets: number;
  readonly kind: TargetKind;
  /** f32[length], as `weights` of the definition tells them; 0 if it tells none. */
  readonly weights: number;
  readonly batch: number;
  /** Numbers of the output of an image. */
  readonly length: number;
  /** Images of the whole batch, over which the loss is a mean. */
  readonly total: number;
}

/** Takes the kernel calls of a loss. */
export type EmitCall = <K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>) => void;

/** The labels of a data set; one with values has none. */
export interface Labelled {
  readonly labels?: ArrayLike<number>;
  readonly classes?: number;
}

/** All that a program needs to know of a loss. */
export interface LossDefinition<Spec> extends Definition<Spec> {
  readonly targets: readonly TargetKind[];
  /** A last layer of this type is not run under the loss, which takes that layer's input: both at once is exact. */
  readonly absorbs?: 'softmax' | 'sigmoid';
  /** How the network decides for a class: by its largest output, by whether an output is above a half, or not at all. */
  readonly prediction?: 'largest' | 'half';
  /** Throws `ShapeError` if the loss cannot take an output of this shape, or the spec does not fit it. */
  checkOutput(where: string, spec: Spec, output: Shape, targets: TargetKind): void;
  /** Throws `RangeError` if the loss cannot take these values. */
  checkValues?(where: string, values: Float32Array): void;
  /** The spec with numbers for what is to be counted in data. */
  resolve?(spec: Spec, data: Labelled): Spec;
  /** Weights of the outputs, one each; undefined if all are 1. */
  weights?(spec: Spec, length: number): readonly number[] | undefined;
  /**
   * The loss of a network that answers the same whatever it is shown: evenly for classes and for yes or no, else the mean of all
   * targets. Returns the part of one target: a label, or a number at its place in the output of an image; `length` of them are averaged.
   */
  guess(spec: Spec, length: number, mean: number): (target: number, place: number) => number;
  /** True if the weights are those of classes: the loss of a batch is divided by the sum of those of its labels. */
  readonly weighsLabels?: true;
  emit(call: EmitCall, spec: Spec, tensors: LossCall): void;
}

/** Makes specs of one type of loss. */
export type LossFactory<Spec> = Factory<Spec, Partial<Omit<Spec, 'type'>>, LossDefinition<Spec>>;

/** The factory of a loss. */
export function loss<Spec extends Typed>(definition: LossDefinition<Spec>): LossFactory<Spec> {
  return factoryOf('losses', definition);
}
