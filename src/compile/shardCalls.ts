/**
 * The kernel calls of one shard in a step.
 *
 *   gather    images by index → x₀, augmented if training says so, normalised if the model says so; and targets by index
 *   forward   the steps in order
 *   loss      output → losses, predictions and the gradient of the output
 *   backward  the steps in reverse, into the gradient slice of the shard
 *   update    the slice is added to its sum, in a chain of shards (shardGradients.ts)
 *
 * They are kept by part, so that a bench can time a part, and by phase: a layer that works on the whole batch cuts forward and
 * backward where the shards meet.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import type { TargetKind } from '../base/types.ts';
import { rangesOf } from '../data/augment.ts';
import type { Addresses, Emitter, Mode, Partials } from '../layers/layer.ts';
import type { EmitCall } from '../losses/loss.ts';
import { type LossSpec, lossOf } from '../losses/registry.ts';
import { alignUp } from '../wasm/memory.ts';
import type { Step } from './fuse.ts';
import { type Batch, ELEMENT_BYTES, MAP, type Plan, type Region, type Source } from './plan.ts';
import type { ShardGradients } from './shardGradients.ts';
import { type Shard, shardsOf } from './shards.ts';
import type { Purpose, StepOptions } from './stepOptions.ts';
import { type Call, call } from './work.ts';

/** The parts of a step, in their order. */
export const PARTS = ['gather', 'forward', 'loss', 'backward', 'update'] as const;

/** Calls of one part of a step. */
export interface PartCalls {
  readonly part: (typeof PARTS)[number];
  readonly calls: readonly Call[];
}

/** The calls of one shard: by phase, then by part. */
export type ShardCalls = readonly (readonly PartCalls[])[];

/** The calls of a shard, and what is the same for all shards of a batch. */
export interface CompiledShard {
  readonly phases: ShardCalls;
  /** Calls that follow once a batch (`Emitter.update`). */
  readonly updates: readonly Call[];
  /** For each meeting of the shards, the step whose partial results they then read. */
  readonly meetings: readonly number[];
}

/** Calls between two meetings of the shards. */
type Segments = Call[][];

export class ShardCompiler {
  readonly #plan: Plan;
  readonly #region: Region;
  readonly #gradients: ShardGradients;
  readonly #shard: Shard;
  readonly #options: StepOptions;
  readonly #updates: Call[] = [];
  readonly #batch: Batch;
  readonly #source: Source;
  /** Steps that run. */
  readonly #steps: readonly Step[];
  readonly #outputStorage: number | undefined;

  constructor(
    plan: Plan,
    region: Region,
    gradients: ShardGradients,
    shard: Shard,
    options: StepOptions,
  ) {
    const { purpose } = options;
    this.#plan = plan;
    this.#region = region;
    this.#gradients = gradients;
    this.#shard = shard;
    this.#options = options;
    this.#batch = purpose.type === 'train' ? plan.training : plan.evaluation;
    this.#source = purpose.type === 'train' ? plan.dataset : plan.chunk;
    this.#steps = stepsUnder(plan.steps, purpose);
    this.#outputStorage = plan.lifetimes.values[this.#steps.at(-1)?.output ?? 0];
  }

  compile(): CompiledShard {
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
    const [last = [], ...earlier] = backward;
    phases.at(-1)?.push({ part: 'backward', calls: [...this.#gradients.clear(), ...last] });
    phases.push(...earlier.map((calls): PartCalls[] => [{ part: 'backward', calls }]));
    if (absorbed.length > 0) phases.at(-1)?.push({ part: 'backward', calls: absorbed });
    phases.at(-1)?.push({ part: 'update', calls: this.#gradients.add() });
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
      parameters: addressesOf(step.parameters, ({ role, offset }) => {
        const block = role === 'trained' && usesAverage ? average : parameters;
        return block + offset * ELEMENT_BYTES;
      }),
      gradients: addressesOf(
        step.parameters.filter(({ learns }) => learns),
        (parameter) => this.#gradients.addressOf(parameter),
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
  addressOf: (parameter: Step['parameters'][number]) => number,
): Addresses {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, addressOf(parameter)]));
}
