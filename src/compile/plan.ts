/**
 * The memory plan: where every tensor of a training step lies. Arithmetic alone; no memory is touched here.
 *
 *   control | scalars | parameters | optimizer state | 8 gradient slices | indices labels losses predictions outputs | chunk | data set | region, one a thread
 *
 * A batch is cut into a fixed number of shards, whatever the number of threads. Each shard adds to a gradient slice
 * of its own and the slices are summed in one order (compile.ts), so the sums, and with them the weights, have the same bits on
 * one thread or many. A region holds the activations of one shard: small enough to stay in the second-level cache,
 * and used by one shard after another.
 * @module
 */

import { elementCount } from '../base/shape.ts';
import { CONTROL_BYTES } from '../threads/barrier.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { Layout } from '../wasm/memory.ts';
import type { Step } from './fuse.ts';
import type { Network } from './network.ts';

/** Into how many shards a batch is cut. Part of the recipe: another number gives other bits. */
export const SHARDS = 8;

/** Most numbers that an optimizer remembers beside its blocks. */
export const SCALARS = 4;

const F32_BYTES = 4;
const I32_BYTES = 4;

/** What a plan must have room for. */
export interface Capacity {
  /** Most images of one step. */
  readonly batch: number;
  /** Bytes of the resident training images, and how many there are. */
  readonly imageBytes: number;
  readonly imageCount: number;
  /** Blocks, each as long as the parameters, that the optimizer remembers. */
  readonly stateBlocks: number;
}

/** Addresses of images, as u8 or f32, and of their labels, as u8. */
export interface Source {
  readonly images: number;
  readonly labels: number;
}

/** Addresses of all that one shard works with. */
export interface Region {
  /** f32: the input of the first step, then the output of every step; a view has the address of its input. */
  readonly activations: readonly number[];
  /** What each step keeps for its backward pass. */
  readonly saved: readonly number[];
  /** f32: two buffers that take turns as dy and dx. */
  readonly gradients: readonly [number, number];
  readonly scratch: number;
}

export interface Plan {
  readonly network: Network;
  /** What runs, in order. */
  readonly steps: readonly Step[];
  readonly capacity: Capacity;
  /** Words by which threads wait for one another (barrier.ts). */
  readonly control: number;
  /** f64[4]: the numbers that an optimizer remembers. */
  readonly scalars: number;
  /** f32[parameterCount]: all parameters. */
  readonly parameters: number;
  /** f32[parameterCount] for each block of the optimizer's state. */
  readonly state: readonly number[];
  /** f32[parameterCount] for each shard; the first one receives the sum. */
  readonly gradients: readonly number[];
  /** i32[batch]: which images of the source make up the batch. */
  readonly indices: number;
  /** i32[batch]. */
  readonly labels: number;
  /** f32[batch]. */
  readonly losses: number;
  /** i32[batch]: the most probable class of each image. */
  readonly predictions: number;
  /** f32[batch, outputs]: what the network makes of each image when it predicts. */
  readonly outputs: number;
  /** Up to `batch` images from outside, for evaluation and prediction. */
  readonly chunk: Source;
  /** The resident training set. */
  readonly dataset: Source;
  readonly regions: readonly Region[];
  readonly bytes: number;
}

/** Lays out a network that runs as `steps`, for `capacity`; `kernels` is asked for its scratch sizes and nothing else. */
export function planMemory(
  network: Network,
  steps: readonly Step[],
  capacity: Capacity,
  kernels: Kernels,
  threads: number,
): Plan {
  const { batch, imageBytes, imageCount, stateBlocks } = capacity;
  const layout = new Layout();
  const f32 = (length: number) => layout.reserve(length * F32_BYTES);
  const i32 = (length: number) => layout.reserve(length * I32_BYTES);
  const inputs = elementCount(network.spec.inputShape);
  const plan = {
    network,
    steps,
    capacity,
    control: layout.reserve(CONTROL_BYTES),
    scalars: layout.reserve(SCALARS * Float64Array.BYTES_PER_ELEMENT),
    parameters: f32(network.parameterCount),
    state: Array.from({ length: stateBlocks }, () => f32(network.parameterCount)),
    gradients: Array.from({ length: SHARDS }, () => f32(network.parameterCount)),
    indices: i32(batch),
    labels: i32(batch),
    losses: f32(batch),
    predictions: i32(batch),
    outputs: f32(batch * elementCount(network.output)),
    chunk: { images: f32(batch * inputs), labels: layout.reserve(batch) },
    dataset: { images: layout.reserve(imageBytes), labels: layout.reserve(imageCount) },
    regions: Array.from({ length: threads }, () =>
      planRegion(layout, steps, inputs, Math.ceil(batch / SHARDS), kernels),
    ),
  };
  return { ...plan, bytes: layout.bytes };
}

function planRegion(
  layout: Layout,
  steps: readonly Step[],
  inputs: number,
  images: number,
  kernels: Kernels,
): Region {
  const tensor = (length: number) => layout.reserve(images * length * F32_BYTES);
  const activations = [tensor(inputs)];
  for (const [index, { isView, output }] of steps.entries()) {
    const x = activations[index] ?? 0;
    activations.push(isView ? x : tensor(elementCount(output)));
  }
  const saved = steps.map((step) => layout.reserve(images * step.savedBytes(kernels)));
  const largest = Math.max(inputs, ...steps.map(({ output }) => elementCount(output)));
  const scratchBytes = steps.map((step) => step.scratchBytes(kernels, images));
  return {
    activations,
    saved,
    gradients: [tensor(largest), tensor(largest)],
    scratch: layout.reserve(Math.max(0, ...scratchBytes)),
  };
}
