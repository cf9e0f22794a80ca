/**
 * What a layer is: data and a few pure functions. It owns no memory and runs nothing: `compile` asks for shapes, plans
 * all memory, and turns `emit` into the kernel calls of a step.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import type { OptionChecks } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import type { KernelName, Kernels } from '../wasm/kernels.ts';
import type { Initial } from './initializers.ts';

/** Where a layer stands among the others. Every layer takes these beside its own options. */
export interface Placement {
  /** Unique in its model. Other layers may read the output by this name, and parameters are called `name.weight`. */
  readonly name?: string;
  /** Names of the layers to read, `'input'` for the image; the layer before this one by default. */
  readonly inputs?: readonly string[];
}

/** The options of a spec that are the layer's own. */
export type OwnOptions<Spec> = Omit<Spec, 'type' | keyof Placement>;

/** Shapes of one image each, without the batch: as many as the layer has inputs. */
export type Shapes = readonly [Shape, ...Shape[]];

/** A tensor that belongs to a layer. */
export interface ParameterDefinition {
  readonly name: string;
  readonly shape: Shape;
  /** `'trained'`: follows its gradient. `'running'`: kept by the layer itself while it trains, as statistics are. */
  readonly role: 'trained' | 'running';
  readonly initial: Initial;
  /** True for what multiplies inputs: weight decay without biases takes these alone. */
  readonly isWeight?: true;
  /** Backward adds once to each element of the gradient for so many images at most; left out: it may add more often. */
  readonly addsOnce?: number;
}

/** True while training: layers such as dropout do something else then. */
export type Mode = 'train' | 'evaluate';

/** Takes the kernel calls of a layer for one shard, the forward ones in their order and the backward ones in theirs. */
export interface Emitter {
  forward<K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>): void;
  backward<K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>): void;
  /** What follows among the forward calls, or the backward ones, waits until every shard is here. */
  meet(pass: 'forward' | 'backward'): void;
  /** A call once a batch, after all of its passes, when nothing else runs that could read what it writes. */
  update<K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>): void;
}

/** Byte addresses by the name of the parameter. */
export type Addresses = Readonly<Record<string, number>>;

/**
 * Partial results of a layer over the whole batch: a block for each shard, `bytes` from one to the next. Each shard
 * writes its own; after a `meet` it may read all of them, in shard order so that the sums have the same bits on any thread.
 */
export interface Partials {
  readonly first: number;
  readonly own: number;
  readonly bytes: number;
  /** Shards that have images. */
  readonly shards: number;
}

/** Where the tensors of a layer lie, for the images of one shard: byte addresses, gradients beside their tensors. */
export interface LayerCall {
  readonly mode: Mode;
  /** Images of this shard. */
  readonly batch: number;
  /** Place of its first image in the whole batch. */
  readonly first: number;
  /** Images of the whole batch. */
  readonly total: number;
  /** Index in the spec. */
  readonly layer: number;
  /** u32[3]: seed, epoch of the model's life, batch of the epoch. */
  readonly clock: number;
  /** The first input, or the only one. */
  readonly x: number;
  /** 0 if nothing before this layer learns, or if that gradient is dy itself (`passesGradient`). */
  readonly dx: number;
  readonly y: number;
  readonly dy: number;
  /** All inputs, and their gradients: `xs[0]` is x. */
  readonly xs: readonly number[];
  readonly dxs: readonly number[];
  readonly parameters: Addresses;
  /** Of the parameters that learn: none in a frozen layer. */
  readonly gradients: Addresses;
  /** What forward keeps for backward, `savedBytes` for each image. */
  readonly saved: number;
  /** `scratchBytes`, free to use within one call. */
  readonly scratch: number;
  readonly partials: Partials;
}

/** A part of the scratch of a call, and what makes it smaller. */
export interface LargestScratch {
  readonly part: string;
  readonly bytes: number;
  readonly remedy: string;
}

/** How much memory a layer asks for beside its tensors. Shapes are of one image each. */
export interface LayerMemory<Spec> {
  /** Kept from forward to backward, for each image. */
  savedBytes?(kernels: Kernels, spec: Spec, inputs: Shapes): number;
  /** For any one call on `batch` images. */
  scratchBytes?(kernels: Kernels, spec: Spec, inputs: Shapes, batch: number): number;
  /** What takes most of the scratch, for the message if it is too much. */
  largestScratch?(spec: Spec, inputs: Shapes): LargestScratch;
  /** Of the partial results of one shard. Given, the layer works on the whole batch: its shards meet. */
  partialBytes?(spec: Spec, inputs: Shapes): number;
}

/** All that `compile` needs to know of a layer. */
export interface LayerDefinition<Spec> extends LayerMemory<Spec> {
  readonly type: string;
  readonly options: OptionChecks<OwnOptions<Spec>>;
  /** Fewest inputs, if several are allowed; else the layer has one. */
  readonly leastInputs?: number;
  /** True if y is x under another shape: no memory, no calls. */
  readonly isView?: true;
  /** True if the gradient of every input is dy itself. */
  readonly passesGradient?: true;
  /** True if y may take the place of x when nobody else reads x. */
  readonly isInPlace?: true;
  /** True if the layer does something else while training. */
  readonly hasModes?: true;
  /** Tensors that backward reads again; `x` and `y` by default. */
  readonly backwardReads?: readonly ('x' | 'y')[];
  /** Throws `TypeError`, `RangeError` or `ShapeError` if an option or an input does not fit. */
  outputShape(where: string, spec: Spec, inputs: Shapes): Shape;
  parameters?(spec: Spec, inputs: Shapes): readonly ParameterDefinition[];
  /** Throws `RangeError` if the layer cannot train on batches as small as `least` images. */
  checkBatch?(where: string, spec: Spec, inputs: Shapes, least: number): void;
  emit(to: Emitter, spec: Spec, inputs: Shapes, call: LayerCall): void;
}

/** The shape of one row of features an image, or a `ShapeError`. */
export function features(where: string, input: Shape): Shape {
  if (input.length === 1) return input;
  throw new ShapeError(
    `${where}: expected one row of features an image, got ${formatShape(input)}. Put layers.flatten() before it.`,
  );
}
