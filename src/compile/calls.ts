/**
 * From a plan to the kernel calls of one step, as plain data (work.ts).
 *
 *   gather    images by index → x₀, augmented if training says so, normalised if the model says so; and targets by index
 *   forward   the steps in order
 *   loss      output → losses, predictions and the gradient of the output
 *   backward  the steps in reverse, into the gradient slice of the shard
 *
 * Calls are kept by shard and by part, so that a shard can run on any thread and a bench can time a part. A step is a list of
 * phases: within a phase shards know nothing of one another, and between two phases all of them meet. Most networks have one
 * phase; a layer that works on the whole batch cuts forward and backward.
 * @module
 */
import type { Bounds } from '../base/communicator.ts';
import { elementCount } from '../base/shape.ts';
import type { TargetKind } from '../base/types.ts';
import { type Augment, rangesOf } from '../data/augment.ts';
import type { Addresses, Emitter, Mode, Partials } from '../layers/layer.ts';
import type { EmitCall } from '../losses/loss.ts';
import { type LossSpec, lossOf } from '../losses/registry.ts';
import { alignUp } from '../wasm/memory.ts';
import type { Step } from './fuse.ts';
import {
  type Batch,
  ELEMENT_BYTES,
  MAP,
  type Plan,
  type Region,
  regionOf,
  type Source,
  sliceOf,
} from './plan.ts';
import { boundsOf, type Exchange, scaled } from './ranks.ts';

import { type Call, call, type Phase } from './work.ts';

/** The parts of a step, in their order. */
export const PARTS = ['gather', 'forward', 'loss', 'backward'] as const;

/** Calls of one part of a step. */
export interface PartCalls {
  readonly part: (typeof PARTS)[number];
  readonly calls: readonly Call[];
}

/** The calls of one shard: by phase, then by part. */
export type ShardCalls = readonly (readonly PartCalls[])[];

/** What the calls are for. `loss` decides what is computed from the output, and whether the last layer runs. */
export type Purpose =
  | { readonly type: 'train' | 'evaluate'; readonly loss: LossSpec }
  | { readonly type: 'predict' };

/** How a source holds its pixels, and its targets. */
export type PixelType = 'u8' | 'f32';
export type TargetType = 'u8' | 'i32' | 'f32';

/** Everything that tells the calls of one step from those of another on the same plan. */
export interface StepOptions {
  readonly purpose: Purpose;
  readonly pixels: PixelType;
  readonly targets: TargetType;
  /** Images of this step, at most the plan's batch. */
  readonly count: number;
  /** True if the images do not weigh alike: there is a factor for each. */
  readonly isWeighted?: boolean;
  /** How the images are changed first. */
  readonly augment?: Augment | undefined;
  /** True to compute with the average of the weights. */
  readonly usesAverage?: boolean;
  /** Whether ranks share an evaluation; otherwise this one computes all of it. Training is always shared. */
  readonly isShared?: boolean;
}

/** One part of a batch: images `start` to `start + count`. */
interface Shard {
  /** Among all that have images. */
  readonly index: number;
  readonly start: number;
  readonly count: number;
}

/** The calls of the shards of this rank, and what is the same for all shards. */
export interface StepCalls {
  readonly shards: readonly ShardCalls[];
  /** Calls that follow once a batch (`Emitter.update`). */
  readonly updates: readonly Call[];
  /** For each meeting of the shards, the step whose partial results they then read. */
  readonly meetings: readonly number[];
}

/** The calls of a step on one thread, one entry a shard of this rank, in shard order. */
export function compileStep(plan: Plan, options: StepOptions, thread = 0): StepCalls {
  const isTraining = options.purpose.type === 'train';
  const own = ownShards(plan, options);
  // a rank without images takes part in the meetings and the updates all the same
  const compiled = (own.length > 0 ? own : shardsOf(plan, options.count).slice(0, 1)).map(
    (shard, local) => {
      const region = regionOf(plan, local, thread, isTraining);
      return new ShardCompiler(plan, region, sliceOf(plan, local), shard, options).compile();
    },
  );
  const { updates = [], meetings = [] } = compiled[0] ?? {};
  return { shards: compiled.slice(0, own.length).map(({ phases }) => phases), updates, meetings };
}

/** The phases of a step, a task a shard, with what ranks tell one another when shards meet; and the calls that follow once a batch. */
export function compilePhases(
  plan: Plan,
  options: StepOptions,
): { readonly phases: readonly Phase[]; readonly updates: readonly Call[] } {
  const threads = Array.from({ length: plan.threads }, (_, thread) =>
    compileStep(plan, options, thread),
  );
  const { updates = [], meetings = [] } = threads[0] ?? {};
  const phases = Array.from({ length: meetings.length + 1 }, (_, phase): Phase[] => {
    const work: Phase = (thread) =>
      (threads[thread]?.shards ?? []).map((shard) =>
        (shard[phase] ?? []).flatMap(({ calls }) => calls),
      );
    const step = meetings[phase];
    const isTold = step !== undefined && plan.capacity.ranks.size > 1;
    return isTold ? [work, [partialsOf(plan, options, step)]] : [work];
  });
  return { phases: phases.flat(), updates };
}

/** The partial results of a step: each rank has those of its shards, and gets the others. */
function partialsOf(plan: Plan, { count }: StepOptions, index: number): Exchange {
  const shards = shardsOf(plan, count).length;
  const bytes = alignUp(plan.steps[index]?.partialBytes ?? 0);
  const bounds = scaled(boundsOf(shards, plan.capacity.ranks), bytes);
  return { type: 'gather', address: plan.partials[index] ?? 0, bounds };
}

/** What a batch came to, of the images of each rank, for all ranks; and which ranks wish to stop. */
export function resultsOf(plan: Plan, { purpose, count, targets }: StepOptions): Exchange[] {
  const { network, capacity, wishes } = plan;
  const batch = purpose.type === 'train' ? plan.training : plan.evaluation;
  const images = imagesOf(plan, count);
  const outputs = elementCount(network.output);
  const isOfValues = targets === 'f32';
  const rows: readonly (readonly [address: number, length: number])[] = [
    [batch.losses, 1],
    [batch.outputs, outputs],
    [batch.targets, isOfValues ? outputs : 1],
    ...(isOfValues ? [] : [[batch.predictions, 1] as const]),
  ];
  const wished = scaled(boundsOf(capacity.ranks.size, capacity.ranks), ELEMENT_BYTES);
  return [
    { type: 'gather', address: wishes, bounds: wished },
    ...rows.map(
      ([address, length]): Exchange => ({
        type: 'gather',
        address,
        bounds: scaled(images, length * ELEMENT_BYTES),
      }),
    ),
  ];
}

/** What the images of each rank weigh, for all ranks. */
export function weightsOf(plan: Plan, count: number): Exchange[] {
  const { training, products } = plan;
  const images = imagesOf(plan, count);
  return [
    { type: 'gather', address: training.weights, bounds: scaled(images, ELEMENT_BYTES) },
    { type: 'gather', address: products, bounds: scaled(images, 2 * ELEMENT_BYTES) },
  ];
}

/** The first image of each rank in a batch, and the end of the last one's. */
export function imagesOf(plan: Cutting, count: number): Bounds {
  const shards = shardsOf(plan, count);
  return boundsOf(shards.length, plan.capacity.ranks).map((bound) => shards[bound]?.start ?? count);
}

/** The shards that this rank computes. */
export function ownShards(
  plan: Plan,
  { purpose, count, isShared = purpose.type === 'train' }: StepOptions,
): readonly Shard[] {
  const { ranks } = plan.capacity;
  const shards = shardsOf(plan, count);
  const bounds = boundsOf(shards.length, ranks);
  return isShared ? shards.slice(bounds[ranks.rank], bounds[ranks.rank + 1]) : shards;
}

/** What says into which shards a batch is cut, and whose they are. */
interface Cutting {
  readonly capacity: Pick<Plan['capacity'], 'shards' | 'ranks'>;
}

/** The shards that have images: all, or one an image. Each adds to the gradient slice of its place here. */
export function shardsOf({ capacity: { shards } }: Cutting, count: number): readonly Shard[] {
  const bound = (index: number) => Math.ceil((index * count) / shards);
  return Array.from({ length: shards }, (_, index) => ({
    start: bound(index),
    count: bound(index + 1) - bound(index),
  }))
    .filter((shard) => shard.count > 0)
    .map((shard, index) => ({ ...shard, index }));
}

/** Calls between two meetings of the shards. */
type Segments = Call[][];

class ShardCompiler {
  readonly #plan: Plan;
  readonly #region: Region;
  /** Of the gradients. */
  readonly #slice: number;
  readonly #shard: Shard;
  readonly #options: StepOptions;
  readonly #updates: Call[] = [];
  readonly #batch: Batch;
  readonly #source: Source;
  /** Steps that run. */
  readonly #steps: readonly Step[];
  readonly #outputStorage: number | undefined;

  constructor(plan: Plan, region: Region, slice: number, shard: Shard, options: StepOptions) {
    const { purpose } = options;
    this.#plan = plan;
    this.#region = region;
    this.#slice = slice;
    this.#shard = shard;
    this.#options = options;
    this.#batch = purpose.type === 'train' ? plan.training : plan.evaluation;
    this.#source = purpose.type === 'train' ? plan.dataset : plan.chunk;
    this.#steps = stepsUnder(plan.steps, purpose);
    this.#outputStorage = plan.lifetimes.values[this.#steps.at(-1)?.output ?? 0];
  }

  compile(): Pick<StepCalls, 'updates' | 'meetings'> & { readonly phases: ShardCalls } {
    const { forward, backward, meetings } = this.#emitSteps();
    const phases = this.#phases(forward, backward);
    return { phases, updates: this.#updates, meetings };
  }

  #phases(forward: Segments, backward: Segments): ShardCalls {
    const { purpose } = this.#options;
    const [first = [], ...others] = forward;
    const phases: PartCalls[][] = [
      [
        { part: 'gather', calls: this.#gather() },
        { part: 'forward', calls: first },
      ],
      ...others.map((calls): PartCalls[] => [{ part: 'forward', calls }]),
    ];
    if (purpose.type === 'predict') return phases;
    const absorbed = this.#runAbsorbed();
    const loss = this.#loss(purpose.loss);
    if (purpose.type === 'evaluate') {
      phases.at(-1)?.push({ part: 'loss', calls: [...loss, ...absorbed] });
      return phases;
    }
    phases.at(-1)?.push({ part: 'loss', calls: loss });
    const { network } = this.#plan;
    const zero = call('zero', this.#slice, network.trainedCount);
    const [last = [], ...earlier] = backward;
    phases.at(-1)?.push({ part: 'backward', calls: [zero, ...last] });
    phases.push(...earlier.map((calls): PartCalls[] => [{ part: 'backward', calls }]));
    if (absorbed.length > 0) phases.at(-1)?.push({ part: 'backward', calls: absorbed });
    return phases;
  }

  #gather(): Call[] {
    const { network, lifetimes, normalization, clock } = this.#plan;
    const { purpose, pixels, targets, augment } = this.#options;
    const { start, count } = this.#shard;
    const { images } = this.#source;
    const indices = this.#rows(this.#batch.indices, 1);
    const [channels = 0, height = 0, width = 0] = network.spec.inputShape;
    const x = this.#storage(lifetimes.values[0]);
    const calls: Call[] = [];
    if (augment === undefined) {
      const gatherImages = pixels === 'u8' ? 'gatherU8' : 'gatherF32';
      calls.push(call(gatherImages, x, images, indices, count, channels * height * width));
    } else {
      const maps = this.#rows(this.#plan.maps, MAP);
      const numbers = this.#rows(this.#plan.numbers, 1);
      const { scratch } = this.#region;
      const sample = pixels === 'u8' ? 'affineU8' : 'affineF32';
      const sizes = [count, channels, height, width] as const;
      calls.push(
        call('affineMaps', maps, clock, numbers, count, height, width, ...rangesOf(augment)),
        call(sample, x, images, indices, maps, scratch, ...sizes, augment.fill),
      );
    }
    if (normalization !== 0) {
      calls.push(call('normalize', x, normalization, count, channels, height * width));
    }
    if (purpose.type === 'predict') return calls;
    const length = this.#kind === 'values' ? elementCount(network.output) : 1;
    const to = this.#batch.targets + start * length * ELEMENT_BYTES;
    const from = this.#source.targets;
    if (targets === 'f32') calls.push(call('gatherF32', to, from, indices, count, length));
    else
      calls.push(call(targets === 'u8' ? 'gatherLabels' : 'gatherI32', to, from, indices, count));
    return calls;
  }

  #loss(spec: LossSpec): Call[] {
    const { network, lifetimes } = this.#plan;
    const { count: total, isWeighted = false } = this.#options;
    const { count } = this.#shard;
    const definition = lossOf(spec);
    const length = elementCount(network.output);
    const output = this.#steps.at(-1)?.output ?? 0;
    const x = this.#storage(lifetimes.values[output]);
    const calls: Call[] = [];
    const emit: EmitCall = (kernel, ...args) => void calls.push({ kernel, args });
    const losses = this.#rows(this.#batch.losses, 1);
    const dx = this.#storage(lifetimes.gradients[output] ?? lifetimes.lossGradient);
    const hasWeights = definition.weights?.(spec, length) !== undefined;
    definition.emit(emit, spec, {
      losses,
      dx,
      x,
      targets: this.#rows(this.#batch.targets, this.#kind === 'values' ? length : 1),
      kind: this.#kind,
      weights: hasWeights ? this.#batch.outputWeights : 0,
      batch: count,
      length,
      total,
    });
    if (isWeighted) {
      emit('weighImages', losses, dx, this.#rows(this.#batch.weights, 1), count, length);
    }
    if (this.#kind === 'values') return calls;
    const predictions = this.#rows(this.#batch.predictions, 1);
    if (definition.prediction === 'largest') emit('argmax', predictions, x, count, length);
    if (definition.prediction === 'half') emit('positive', predictions, x, count);
    return calls;
  }

  /**
   * The layer that the loss absorbed, after all that reads its input: values are compared with the output of the network itself.
   * It runs in place.
   */
  #runAbsorbed(): Call[] {
    const { steps, lifetimes } = this.#plan;
    const index = this.#steps.length;
    const step = steps[index];
    if (step === undefined || this.#kind === 'classes') return [];
    const x = this.#storage(lifetimes.values[this.#steps.at(-1)?.output ?? 0]);
    const calls: Call[] = [];
    const to: Emitter = {
      forward: (kernel, ...args) => void calls.push({ kernel, args }),
      backward: () => {},
      meet: () => {},
      update: () => {},
    };
    step.emit(to, { ...this.#callOf(step, index, 'evaluate'), x, y: x, xs: [x] });
    return calls;
  }

  get #kind(): TargetKind {
    return this.#options.targets === 'f32' ? 'values' : 'classes';
  }

  /** Calls of the steps both ways, cut where the shards meet. Backward runs from the last step to the first. */
  #emitSteps(): { forward: Segments; backward: Segments; meetings: readonly number[] } {
    const { lifetimes } = this.#plan;
    const mode: Mode = this.#options.purpose.type === 'train' ? 'train' : 'evaluate';
    const forward: Segments = [[]];
    const backward: Segments = [[]];
    const meetings: number[] = [];
    let backwardMeetings: number[] = [];
    for (const [index, step] of this.#steps.entries()) {
      const own: Segments = [[]];
      const to: Emitter = {
        forward: (kernel, ...args) => void forward.at(-1)?.push({ kernel, args }),
        backward: (kernel, ...args) => void own.at(-1)?.push({ kernel, args }),
        meet: (pass) => {
          (pass === 'forward' ? forward : own).push([]);
          if (pass === 'forward') meetings.push(index);
        },
        update: (kernel, ...args) => void this.#updates.push({ kernel, args }),
      };
      if (!step.isView) step.emit(to, this.#callOf(step, index, mode));
      if (lifetimes.gradients[step.output] === undefined) continue; // nothing here or before it learns
      own[0]?.unshift(...this.#sumGradients(index));
      // this step comes before those that came later: its last segment goes before their first
      const [next = [], ...rest] = backward;
      const joined = [...own.slice(0, -1), [...(own.at(-1) ?? []), ...next], ...rest];
      backward.splice(0, backward.length, ...joined);
      backwardMeetings = [...own.slice(1).map(() => index), ...backwardMeetings];
    }
    return { forward, backward, meetings: [...meetings, ...backwardMeetings] };
  }

  /** One gradient of the several that the readers of a value leave. */
  #sumGradients(index: number): Call[] {
    const { lifetimes, network } = this.#plan;
    const found = lifetimes.sums[index];
    if (found === undefined) return [];
    const length = this.#shard.count * elementCount(network.shapes[found.value] ?? []);
    const sum = this.#storage(found.sum);
    const [first = 0, ...others] = found.parts.map((part) => this.#storage(part));
    return others.map((part, i) => call('add', sum, i === 0 ? first : sum, part, length));
  }

  #callOf(step: Step, index: number, mode: Mode): Parameters<Step['emit']>[1] {
    const { lifetimes, parameters, average, clock } = this.#plan;
    const usesAverage = this.#options.usesAverage === true;
    const { count, start } = this.#shard;
    const xs = step.inputs.map((value) => this.#storage(lifetimes.values[value]));
    const dxs = (lifetimes.dxs[index] ?? []).map((dx) =>
      dx === undefined ? 0 : this.#storage(dx),
    );
    const dy = lifetimes.gradients[step.output];
    return {
      mode,
      batch: count,
      first: start,
      total: this.#options.count,
      clock,
      x: xs[0] ?? 0,
      dx: dxs[0] ?? 0,
      y: this.#storage(lifetimes.values[step.output]),
      dy: dy === undefined ? 0 : this.#storage(dy),
      xs,
      dxs,
      parameters: addressesOf(step.parameters, ({ role }) =>
        role === 'trained' && usesAverage ? average : parameters,
      ),
      gradients: addressesOf(
        step.parameters.filter(({ learns }) => learns),
        () => this.#slice,
      ),
      saved: this.#storage(lifetimes.saved[index]),
      scratch: this.#region.scratch,
      partials: this.#partials(step, index),
    };
  }

  #partials({ partialBytes }: Step, index: number): Partials {
    const first = this.#plan.partials[index] ?? 0;
    const bytes = alignUp(partialBytes);
    const shards = shardsOf(this.#plan, this.#options.count).length;
    return { first, own: first + this.#shard.index * bytes, bytes, shards };
  }

  /** Address of a storage. What the network puts out goes straight to the shard's rows of the batch. */
  #storage(storage: number | undefined): number {
    if (storage === undefined) return 0;
    if (storage !== this.#outputStorage) return this.#region.storages[storage] ?? 0;
    return this.#rows(this.#batch.outputs, elementCount(this.#plan.network.output));
  }

  /** Address of the shard's rows, of `length` words each, in an array of the batch. */
  #rows(address: number, length: number): number {
    return address + this.#shard.start * length * ELEMENT_BYTES;
  }
}

/** The steps that run: without the last one if the loss takes its place. */
function stepsUnder(steps: readonly Step[], purpose: Purpose): readonly Step[] {
  const absorbs = purpose.type === 'predict' ? undefined : lossOf(purpose.loss).absorbs;
  return absorbs !== undefined && steps.at(-1)?.name === absorbs ? steps.slice(0, -1) : steps;
}

function addressesOf(
  parameters: Step['parameters'],
  blockOf: (parameter: Step['parameters'][number]) => number,
): Addresses {
  return Object.fromEntries(
    parameters.map((parameter) => [
      parameter.name,
      blockOf(parameter) + parameter.offset * ELEMENT_BYTES,
    ]),
  );
}
