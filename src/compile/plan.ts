/**
 * The memory plan: where every tensor of a training step lies. Arithmetic alone; no memory is touched here.
 *
 *   control | clock | scalars | norms | parameters | optimizer state | slices of gradients | average | group
 *           | numbers, maps | batch: training, evaluation | chunk | data set | partial results of the shards | regions
 *
 * A batch is cut into a fixed number of shards, whatever the number of threads. Each shard adds to a slice of gradients,
 * and these are summed in one order (gradients.ts), so the sums, and with them the weights, have the same bits on one thread or
 * many. A region holds the tensors of one shard: small enough to stay in the second-level cache, and used by
 * one shard of a thread after another. Only networks whose shards meet within a step (`partialBytes`) have a region a shard.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import { CONTROL_BYTES } from '../threads/tasks.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { alignUp, Layout, mebibytes } from '../wasm/memory.ts';
import type { Step } from './fuse.ts';
import { type Lifetimes, placeStorages, planLifetimes } from './lifetimes.ts';
import type { Network } from './network.ts';
import { mostShards, type Ranks } from './ranks.ts';
import { SCALARS } from './work.ts';

/** Into how many shards a batch is cut by default. Part of the recipe: another number gives other bits. */
export const DEFAULT_SHARDS = 8;

/** The gradients of the shards are added up in as many sums, by turns; then the sums are added. */
export const SUMS = 2;

/**
 * Bytes of the trained parameters from which on two threads have a chain of shards each, with fewer slices. With less, it is
 * better that a thread which is done takes shards of the other.
 */
const LARGE_SLICE = 2 ** 21;

/** Gradients in a block of which the squares are summed: fixed, so that their order is the same on any thread count. */
export const NORM_BLOCK = 4096;

/** Seed, epoch of the model's life, batch of the epoch. */
export const CLOCK_WORDS = 3;

/** Numbers of an affine map. */
export const MAP = 6;

/** Elements of a cache line: what two threads should not share. */
export const LINE_ELEMENTS = 16;

/** Part of the trained parameters. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** As many ranges, of whole units but for the last. */
export function rangesOf(count: number, ranges: number, unit: number): Range[] {
  const size = Math.ceil(count / ranges / unit) * unit;
  return Array.from({ length: ranges }, (_, index) => {
    const start = Math.min(index * size, count);
    return { start, length: Math.min(size, count - start) };
  });
}

/** Of an f32 or an i32. */
export const ELEMENT_BYTES = 4;

/** What a plan must have room for. */
export interface Capacity {
  /** Most images of one step. */
  readonly batch: number;
  /** Bytes of the resident training images, all or a block of them, and of their targets. */
  readonly imageBytes: number;
  readonly targetBytes: number;
  /** Whether targets are values, a tensor like the network's output for each image, rather than labels. */
  readonly hasValues: boolean;
  /** Blocks, each as long as the trained parameters, that the optimizer remembers. */
  readonly stateBlocks: number;
  readonly shards: number;
  /** Whether an average of the weights is kept, and whether gradients of several batches are added up. */
  readonly hasAverage: boolean;
  readonly hasGroups: boolean;
  /** Among whom the shards of training are divided. */
  readonly ranks: Ranks;
}

/** Addresses of images, as u8 or f32, and of their targets: labels, as u8 or i32, or values, as f32. */
export interface Source {
  readonly images: number;
  readonly targets: number;
}

/** Addresses of what goes into a batch and of what comes out, image by image. Training and evaluation have one each. */
export interface Batch {
  /** i32[batch]: in which rows of the source the images of the batch are. */
  readonly indices: number;
  /** i32[batch], labels, or f32[batch, outputs], values. */
  readonly targets: number;
  /** f32[batch]: factors of the images in the mean that the loss is, if they weigh. */
  readonly weights: number;
  /** f64[batch]: what each image adds to the sum of the weights. */
  readonly products: number;
  /** f32[outputs]: weights of the outputs, if the loss has some. */
  readonly outputWeights: number;
  /** f32[batch]. */
  readonly losses: number;
  /** i32[batch]: the class that the network decides for. */
  readonly predictions: number;
  /** f32[batch, outputs]: the network's output, the logits if the loss takes those. */
  readonly outputs: number;
}

/** Addresses of all that a shard works with. */
export interface Region {
  /** f32, by storage of the lifetimes. */
  readonly storages: readonly number[];
  readonly scratch: number;
}

export interface Plan {
  readonly network: Network;
  /** What runs, in order. */
  readonly steps: readonly Step[];
  readonly lifetimes: Lifetimes;
  readonly capacity: Capacity;
  /** How many share the work. */
  readonly threads: number;
  /** Words by which threads wait for one another (barrier.ts). */
  readonly control: number;
  /** u32[3]. */
  readonly clock: number;
  /** f64[SCALARS]. */
  readonly scalars: number;
  /** f64[trained parameters / NORM_BLOCK, rounded up]: sums of squares of the gradients. */
  readonly norms: number;
  /** f32[2, channels]: means and deviations of the pixels; 0 if they are taken as they are. */
  readonly normalization: number;
  /** f32[blockLength]: all parameters. */
  readonly parameters: number;
  /** f32[trainedCount] for each block of the optimizer's state. */
  readonly state: readonly number[];
  /** f32[trainedCount]: the slices. The first one receives the sum. */
  readonly gradients: readonly number[];
  /** Whether each thread has a chain of shards, which share a slice (gradients.ts): on one thread, or on two for large slices. */
  readonly hasChains: boolean;
  /** f32[trainedCount]: the average of the trained parameters; 0 if there is none. */
  readonly average: number;
  /** f32[trainedCount]: the gradient of a group of batches; 0 if every batch has an update of its own. */
  readonly group: number;
  /** f32[…]: for each slice, where the ranks put their shares of this rank's range; empty if there is one rank (ranks.ts). */
  readonly received: readonly number[];
  /** i32[ranks]: which ranks wish to stop. */
  readonly wishes: number;
  /** i32[batch]: indices of the images of a training step in the training data, from which maps are drawn. */
  readonly numbers: number;
  /** f32[batch, MAP]: of each image of a training step, if images are augmented. */
  readonly maps: number;
  readonly training: Batch;
  readonly evaluation: Batch;
  /** Up to `batch` images from outside, for evaluation and prediction. */
  readonly chunk: Source;
  /** The training set, or the block of it that is resident. */
  readonly dataset: Source;
  /** Of each step: the blocks of all shards, one after another. */
  readonly partials: readonly number[];
  /** Storages, by thread; or, if shards meet within a step of training, by shard of this rank. */
  readonly regions: readonly (readonly number[])[];
  readonly hasRegionsByShard: boolean;
  /** By thread. */
  readonly scratch: readonly number[];
  readonly bytes: number;
}

/**
 * Lays out a network that runs as `steps`, for `capacity`; `kernels` is asked for its scratch sizes and nothing else.
 * @throws {RangeError} if it takes more memory than WebAssembly can address: how much, and for what.
 */
export function planMemory(
  network: Network,
  steps: readonly Step[],
  capacity: Capacity,
  kernels: Kernels,
  threads: number,
): Plan {
  const { batch, imageBytes, targetBytes, stateBlocks, shards, ranks } = capacity;
  const { trainedCount, blockLength } = network;
  const layout = new Layout();
  const parts: [string, number][] = [];
  const part = <T>(name: string, lay: () => T): T => {
    const before = layout.bytes;
    const laid = lay();
    parts.push([name, layout.bytes - before]);
    return laid;
  };
  const words = (length: number) => layout.reserve(length * ELEMENT_BYTES);
  const doubles = (length: number) => layout.reserve(length * Float64Array.BYTES_PER_ELEMENT);
  const lifetimes = planLifetimes(network, steps, kernels);
  const meets = steps.some(({ partialBytes }) => partialBytes > 0);
  const isLarge = trainedCount * ELEMENT_BYTES >= LARGE_SLICE;
  const own = mostShards(shards, ranks);
  const isDivided = ranks.size > 1;
  const isOrdered = isDivided && ranks.reduce === 'ordered';
  const needsAll = meets || isOrdered;
  const hasChains = !needsAll && (threads === 1 || (threads === SUMS && isLarge));
  const slices = hasChains ? Math.min(SUMS + threads, own) : own;
  const [share = { length: 0 }] = rangesOf(trainedCount, ranks.size, LINE_ELEMENTS);
  const inputs = elementCount(network.spec.inputShape);
  const targetLength = targetWords(network, capacity);
  const plan = {
    network,
    steps,
    lifetimes,
    capacity,
    threads,
    hasChains,
    hasRegionsByShard: meets,
    ...part('parameters, gradients and optimizer', () => ({
      control: layout.reserve(CONTROL_BYTES),
      clock: words(CLOCK_WORDS),
      scalars: doubles(SCALARS),
      norms: doubles(Math.ceil(trainedCount / NORM_BLOCK)),
      normalization: network.spec.normalize ? words(2 * (network.spec.inputShape[0] ?? 0)) : 0,
      parameters: words(blockLength),
      state: Array.from({ length: stateBlocks }, () => words(trainedCount)),
      gradients: Array.from({ length: slices }, () => words(trainedCount)),
      average: capacity.hasAverage ? words(trainedCount) : 0,
      group: capacity.hasGroups ? words(trainedCount) : 0,
      received: Array.from({ length: isOrdered ? own : 0 }, () => words(ranks.size * share.length)),
    })),
    ...part('batches', () => ({
      wishes: words(ranks.size),
      numbers: words(batch),
      maps: words(batch * MAP),
      training: planBatch(layout, network, capacity),
      evaluation: planBatch(layout, network, capacity),
      chunk: { images: words(batch * inputs), targets: words(batch * targetLength) },
    })),
    ...part('the data set', () => ({
      dataset: { images: layout.reserve(imageBytes), targets: layout.reserve(targetBytes) },
    })),
    ...part('activations', () => ({
      partials: steps.map(({ partialBytes }) => layout.reserve(shards * alignUp(partialBytes))),
      regions: Array.from({ length: meets ? Math.max(own, threads) : threads }, () => {
        const images = Math.ceil(batch / shards);
        const placed = placeStorages(lifetimes.storages, images, layout.bytes, alignUp);
        layout.reserve(placed.end - layout.bytes);
        return placed.addresses;
      }),
    })),
  };
  const scratch = part('scratch', () => {
    const images = Math.ceil(batch / shards);
    const [, height = 0, width = 0] = network.spec.inputShape;
    const bytes = Math.max(
      kernels.affineScratchBytes(height, width),
      ...steps.map((step) => step.scratchBytes(kernels, images)),
    );
    return Array.from({ length: threads }, () => layout.reserve(bytes));
  });
  checkBytes(layout.bytes, parts);
  return { ...plan, scratch, bytes: layout.bytes };
}

/** What a shard of this rank works with on a thread. Only in training do shards meet. */
export function regionOf(plan: Plan, shard: number, thread: number, isTraining: boolean): Region {
  const storages = plan.regions[plan.hasRegionsByShard && isTraining ? shard : thread] ?? [];
  return { storages, scratch: plan.scratch[thread] ?? 0 };
}

/** Words of the target of an image: of a label one, of values as many as the network has outputs. */
export function targetWords(
  { output }: Network,
  { hasValues }: Pick<Capacity, 'hasValues'>,
): number {
  return hasValues ? elementCount(output) : 1;
}

function planBatch(layout: Layout, network: Network, capacity: Capacity): Batch {
  const { batch } = capacity;
  const words = (length: number) => layout.reserve(length * ELEMENT_BYTES);
  return {
    indices: words(batch),
    targets: words(batch * targetWords(network, capacity)),
    weights: words(batch),
    products: layout.reserve(batch * Float64Array.BYTES_PER_ELEMENT),
    outputWeights: words(elementCount(network.output)),
    losses: words(batch),
    predictions: words(batch),
    outputs: words(batch * elementCount(network.output)),
  };
}

/** The 4 GiB that an address of 32 bits can tell apart. */
const MOST_BYTES = 2 ** 32;

function checkBytes(bytes: number, parts: readonly (readonly [string, number])[]): void {
  if (bytes <= MOST_BYTES) return;
  const list = parts.map(([name, size]) => `${mebibytes(size)} for ${name}`).join(', ');
  throw new RangeError(
    `memory: expected to need at most the ${mebibytes(MOST_BYTES)} that WebAssembly can address, got ${mebibytes(bytes)}: ${list}. Use a smaller batch, network or data set.`,
  );
}
