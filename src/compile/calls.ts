/**
 * From a plan to the kernel calls of one step, as plain data (work.ts).
 *
 * Calls are kept by shard and by part, so that a shard can run on any thread and a bench can time a part:
 *
 *   gather    images by index → x₀, labels → i32
 *   forward   the steps in order
 *   loss      logits → losses, predictions and the gradient of the logits
 *   backward  the steps in reverse, into the gradient slice of the shard
 * @module
 */

import { elementCount } from '../base/shape.ts';
import type { Emitter, KernelName, LayerTensors } from '../layers/layer.ts';
import { categoricalCrossentropy } from '../losses/categoricalCrossentropy.ts';
import type { OptimizerSpec } from '../optimizers/index.ts';
import type { Step } from './fuse.ts';
import { type Plan, type Region, SHARDS, type Source } from './plan.ts';
import type { Call, Work } from './work.ts';

/** Of an f32 or an i32. */
const ELEMENT_BYTES = 4;
/** Of them, in a cache line: what two threads should not share. */
const LINE_ELEMENTS = 16;

/** The calls of one shard, by part. A part that a program does not need is empty. */
export interface ShardCalls {
  readonly gather: readonly Call[];
  readonly forward: readonly Call[];
  readonly loss: readonly Call[];
  readonly backward: readonly Call[];
}

/** What the calls are for. */
export type Purpose = 'train' | 'evaluate' | 'predict';

/** How a source holds its pixels. */
export type PixelType = 'u8' | 'f32';

/** Everything that tells the calls of one step from those of another on the same plan. */
export interface StepOptions {
  readonly purpose: Purpose;
  readonly source: Source;
  readonly pixels: PixelType;
  /** Images of this step, at most the plan's batch. */
  readonly count: number;
}

/** One part of a batch: images `start` to `start + count`. */
interface Shard {
  readonly index: number;
  readonly start: number;
  readonly count: number;
}

/** The calls of a step, one entry a shard that has images, in shard order. Entry i runs in region i mod threads. */
export function compileStep(plan: Plan, options: StepOptions): readonly ShardCalls[] {
  return shardsOf(options.count).map((shard, index) => {
    const region = plan.regions[index % plan.regions.length] as Region; // a remainder is in range
    return compileShard(plan, region, shard, options);
  });
}

/**
 * The calls of a step by thread: entry t is what thread t does, shard after shard, in the order of the parts. Where there
 * are two threads, each ends with the sum of its half of the gradients.
 */
export function compileThreads(plan: Plan, options: StepOptions): readonly (readonly Call[])[] {
  const shards = compileStep(plan, options);
  return plan.regions.map((_, thread) => {
    const calls = shards
      .filter((_, index) => index % plan.regions.length === thread)
      .flatMap(({ gather, forward, loss, backward }) => [
        ...gather,
        ...forward,
        ...loss,
        ...backward,
      ]);
    if (options.purpose !== 'train' || !ownsHalf(plan)) return calls;
    return [...calls, ...sumHalf(plan, shards.length, thread, 0, plan.network.parameterCount)];
  });
}

/**
 * Gradients are added in two halves, the shards with an even and those with an odd number, each in shard order; then the
 * second half is added to the first. Two threads have made a half each: added up where it was made, a quarter of the
 * numbers crosses to the other core, which is 0.93 of an epoch's time where the cores lie far apart.
 */
const HALVES = 2;

function ownsHalf(plan: Plan): boolean {
  return plan.regions.length === HALVES;
}

/** Adds the slices of a half of `count` to its first one, in a range of the parameters. */
function sumHalf(plan: Plan, count: number, half: number, start: number, length: number): Call[] {
  const slices = plan.gradients.slice(0, count).filter((_, index) => index % HALVES === half);
  const [sum = 0, first] = slices.map((slice) => slice + start * ELEMENT_BYTES);
  if (first === undefined) return [];
  return [call('accumulate', sum, first, length, slices.length - 1, first - sum)];
}

/**
 * What follows the gradients of `count` images, by thread: each takes a range of the parameters, adds up its part of the
 * gradient slices, and updates. Element by element, so the bits are the same whoever does it.
 */
export function compileUpdate(
  plan: Plan,
  optimizer: OptimizerSpec,
  count: number,
): readonly (readonly Work[])[] {
  const [even = 0, odd = even] = plan.gradients;
  const shards = shardsOf(count).length;
  return rangesOf(plan.network.parameterCount, plan.regions.length).map(({ start, length }) => {
    const at = (block: number) => block + start * ELEMENT_BYTES;
    const halves = ownsHalf(plan)
      ? []
      : [0, 1].flatMap((half) => sumHalf(plan, shards, half, start, length));
    const both = shards > 1 ? [call('accumulate', at(even), at(odd), length, 1, odd - even)] : [];
    const tensors = { w: at(plan.parameters), dw: at(even), length, state: plan.state.map(at) };
    return [...halves, ...both, { optimizer, tensors, scalars: plan.scalars }];
  });
}

/** As many ranges, of whole cache lines but for the last. */
function rangesOf(count: number, ranges: number): { start: number; length: number }[] {
  const size = Math.ceil(count / ranges / LINE_ELEMENTS) * LINE_ELEMENTS;
  return Array.from({ length: ranges }, (_, index) => {
    const start = Math.min(index * size, count);
    return { start, length: Math.min(size, count - start) };
  });
}

/** The shards that have images: all, or one an image. Each adds to the gradient slice of its place here. */
function shardsOf(count: number): Shard[] {
  const bound = (index: number) => Math.ceil((index * count) / SHARDS);
  return Array.from({ length: SHARDS }, (_, index) => ({
    start: bound(index),
    count: bound(index + 1) - bound(index),
  }))
    .filter((shard) => shard.count > 0)
    .map((shard, index) => ({ ...shard, index }));
}

function compileShard(
  plan: Plan,
  region: Region,
  shard: Shard,
  { purpose, source, pixels, count }: StepOptions,
): ShardCalls {
  const { spec } = plan.network;
  const isPrediction = purpose === 'predict';
  // the loss takes the logits: a last softmax is left out wherever there is a loss
  const endsInSoftmax = plan.steps.at(-1)?.name === 'softmax';
  const steps = !isPrediction && endsInSoftmax ? plan.steps.slice(0, -1) : plan.steps;
  const tensors = isPrediction ? withOutputs(plan, region, shard) : region.activations;
  const { forward, backward, gradient } = emitSteps(
    plan,
    { ...region, activations: tensors },
    steps,
    shard,
  );

  const at = (base: number) => base + shard.start * ELEMENT_BYTES;
  const [indices, labels] = [at(plan.indices), at(plan.labels)];
  const gatherImages = pixels === 'u8' ? 'gatherU8' : 'gatherF32';
  const pixelCount = elementCount(spec.inputShape);
  const gather = [
    call(gatherImages, tensors[0] ?? 0, source.images, indices, shard.count, pixelCount),
  ];
  if (isPrediction) return { gather, forward, loss: [], backward: [] };

  gather.push(call('gatherLabels', labels, source.labels, indices, shard.count));
  const classes = elementCount(plan.network.output);
  const logits = tensors[steps.length] ?? 0;
  const lossTensors = {
    losses: at(plan.losses),
    x: logits,
    dx: gradient,
    labels,
    batch: shard.count,
    classes,
  };
  const loss = [
    call('softmaxCrossEntropy', ...categoricalCrossentropy(lossTensors, 1 / count)),
    call('argmax', at(plan.predictions), logits, shard.count, classes),
  ];
  if (purpose === 'evaluate') return { gather, forward, loss, backward: [] };
  const zero = call('zero', plan.gradients[shard.index] ?? 0, plan.network.parameterCount);
  return { gather, forward, loss, backward: [zero, ...backward] };
}

/** Calls of the steps both ways, and the address where backward expects the gradient of the last output. */
function emitSteps(
  plan: Plan,
  region: Region,
  steps: readonly Step[],
  shard: Shard,
): { forward: Call[]; backward: Call[]; gradient: number } {
  const firstLearning = steps.findIndex(({ parameters }) => parameters.length > 0);
  const forward: Call[] = [];
  const backward: Call[] = [];
  let [dx, dy] = region.gradients; // the dy of a step is the dx of the next
  for (const [index, step] of steps.entries()) {
    if (step.isView) continue;
    const own: Call[] = [];
    const emitter: Emitter = {
      forward: (kernel, ...args) => void forward.push({ kernel, args }),
      backward: (kernel, ...args) => void own.push({ kernel, args }),
    };
    // what nothing before it learns from is not computed
    const needed = { dx: index > firstLearning ? dx : 0, dy };
    const tensors = { ...stepTensors(plan, region, index, step, shard), ...needed };
    step.emit(emitter, tensors);
    if (index >= firstLearning) backward.unshift(...own);
    [dx, dy] = [dy, dx];
  }
  return { forward, backward, gradient: dx };
}

function stepTensors(
  plan: Plan,
  region: Region,
  index: number,
  { parameters }: Step,
  shard: Shard,
): Omit<LayerTensors, 'dx' | 'dy'> {
  const slice = plan.gradients[shard.index] ?? 0;
  const address = (block: number, name: 'weight' | 'bias') => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    return parameter === undefined ? 0 : block + parameter.offset * ELEMENT_BYTES;
  };
  return {
    batch: shard.count,
    x: region.activations[index] ?? 0,
    y: region.activations[index + 1] ?? 0,
    w: address(plan.parameters, 'weight'),
    b: address(plan.parameters, 'bias'),
    dw: address(slice, 'weight'),
    db: address(slice, 'bias'),
    saved: region.saved[index] ?? 0,
    scratch: region.scratch,
  };
}

/** The activations of a region, save that the last output goes straight to the shard's rows of `outputs`. */
function withOutputs(plan: Plan, { activations }: Region, shard: Shard): readonly number[] {
  const last = activations.at(-1);
  const rows = plan.outputs + shard.start * elementCount(plan.network.output) * ELEMENT_BYTES;
  return activations.map((address) => (address === last ? rows : address)); // views of it have its address
}

function call(kernel: KernelName, ...args: number[]): Call {
  return { kernel, args };
}
