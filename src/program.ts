/**
 * A network ready to run: its memory, and the kernel calls of its steps bound to their addresses.
 *
 * The memory has the size of its plan and never grows, hence the views kept here. A step allocates nothing.
 * @module
 */
import {
  type Call,
  compileReduction,
  compileStep,
  type PixelType,
  type Purpose,
} from './compile.ts';
import type { Kernels } from './kernels.ts';
import { Arena } from './memory.ts';
import { type OptimizerSpec, type OptimizerType, optimizerOf } from './optimizers/index.ts';
import type { OptimizerDefinition, UpdateTensors } from './optimizers/optimizer.ts';
import type { Plan } from './plan.ts';
import { elementCount } from './shape.ts';
import type { Dataset } from './types.ts';

type Pixels = Uint8Array | Float32Array;
type BoundCall = () => unknown;

export class Program {
  readonly plan: Plan;
  /** All parameters of the network, live. */
  readonly parameters: Float32Array;
  /** Gradients of the last training step, live. */
  readonly gradients: Float32Array;
  /** Results of the last step, image by image: as many entries as it had images mean something. */
  readonly losses: Float32Array;
  readonly predictions: Int32Array;
  readonly labels: Int32Array;
  readonly #arena: Arena;
  readonly #indices: Int32Array;
  readonly #state: readonly Float32Array[];
  #updateTensors: UpdateTensors;
  /** Whose state it is; undefined before the first step with the present weights. */
  #stateOf: OptimizerType | undefined;
  readonly #steps = new Map<number, readonly BoundCall[]>();
  #datasetPixels: PixelType = 'u8';

  constructor(module: WebAssembly.Module, plan: Plan) {
    const {
      capacity,
      network,
      parameters: w,
      gradients: [dw = 0],
    } = plan;
    const arena = new Arena(module, plan.bytes);
    this.plan = plan;
    this.#arena = arena;
    this.parameters = arena.f32(w, network.parameterCount);
    this.gradients = arena.f32(dw, network.parameterCount);
    this.losses = arena.f32(plan.losses, capacity.batch);
    this.predictions = arena.i32(plan.predictions, capacity.batch);
    this.labels = arena.i32(plan.labels, capacity.batch);
    this.#indices = arena.i32(plan.indices, capacity.batch);
    this.#state = plan.state.map((address) => arena.f32(address, network.parameterCount));
    this.#updateTensors = {
      w,
      dw,
      length: network.parameterCount,
      state: plan.state,
      scalars: new Float64Array(),
    };
  }

  /** Bytes of linear memory behind this program. */
  get byteLength(): number {
    return this.#arena.byteLength;
  }

  /** Copies a training set into the memory, where it stays until the next one. */
  loadDataset({ images, labels }: Dataset): void {
    const { dataset } = this.plan;
    this.#datasetPixels = this.#copyPixels(dataset.images, images);
    this.#arena.u8(dataset.labels, labels.length).set(labels);
  }

  /** Forward, loss and backward over images `order[start]` to `order[start + count - 1]` of the training set. */
  computeGradients(order: Int32Array, start: number, count: number): void {
    for (let i = 0; i < count; i++) this.#indices[i] = order[start + i] ?? 0;
    this.#run('train', this.#datasetPixels, count);
  }

  /** Makes ready for steps of an optimizer: what the same one remembers is kept, else it starts from 0. */
  prepareUpdates(spec: OptimizerSpec): void {
    if (spec.type === this.#stateOf) return;
    for (const block of this.#state) block.fill(0);
    const scalars = Float64Array.from(optimizerOf(spec).scalars);
    this.#updateTensors = { ...this.#updateTensors, scalars };
    this.#stateOf = spec.type;
  }

  /** Makes the next optimizer start anew, also where it is the one before. */
  forgetUpdates(): void {
    this.#stateOf = undefined;
  }

  /** Goes on from where another program of the same network is. It has at most as many blocks of state. */
  takeOver(other: Program): void {
    this.parameters.set(other.parameters);
    for (const [i, block] of other.#state.entries()) this.#state[i]?.set(block);
    this.#updateTensors = { ...this.#updateTensors, scalars: other.#updateTensors.scalars };
    this.#stateOf = other.#stateOf;
  }

  /** One step of the optimizer along the gradients. */
  update(definition: OptimizerDefinition<OptimizerSpec>, spec: OptimizerSpec): void {
    definition.update(this.#arena.kernels, spec, this.#updateTensors);
  }

  /** Losses and predictions of up to `batch` images from outside. */
  evaluate(images: Pixels, labels: Uint8Array): void {
    this.#arena.u8(this.plan.chunk.labels, labels.length).set(labels);
    this.#runChunk('evaluate', images, labels.length);
  }

  /** Outputs of up to `batch` images from outside: a view that the next call overwrites. */
  predict(images: Pixels, count: number): Float32Array {
    this.#runChunk('predict', images, count);
    const { outputs, network } = this.plan;
    return this.#arena.f32(outputs, count * elementCount(network.output));
  }

  /** `y[i]` = a normal number of mean 0 for each of the random bits it holds: see assembly/random.ts. */
  drawNormal(
    element: number,
    length: number,
    standardDeviation: number,
    fill: (bits: Uint32Array) => void,
  ): void {
    const address = this.plan.parameters + element * Float32Array.BYTES_PER_ELEMENT;
    fill(this.#arena.u32(address, length));
    this.#arena.kernels.randomNormal(address, address, length, standardDeviation);
  }

  #runChunk(purpose: Purpose, images: Pixels, count: number): void {
    const pixels = this.#copyPixels(this.plan.chunk.images, images);
    for (let i = 0; i < count; i++) this.#indices[i] = i;
    this.#run(purpose, pixels, count);
  }

  #copyPixels(address: number, images: Pixels): PixelType {
    if (images instanceof Uint8Array) {
      this.#arena.u8(address, images.length).set(images);
      return 'u8';
    }
    this.#arena.f32(address, images.length).set(images);
    return 'f32';
  }

  #run(purpose: Purpose, pixels: PixelType, count: number): void {
    const key = count * 6 + PURPOSES.indexOf(purpose) * 2 + (pixels === 'u8' ? 0 : 1);
    let calls = this.#steps.get(key);
    if (calls === undefined) {
      calls = this.#bind(purpose, pixels, count);
      this.#steps.set(key, calls);
    }
    for (const call of calls) call();
  }

  #bind(purpose: Purpose, pixels: PixelType, count: number): readonly BoundCall[] {
    const source = purpose === 'train' ? this.plan.dataset : this.plan.chunk;
    const shards = compileStep(this.plan, { purpose, source, pixels, count });
    const calls = shards.flatMap(({ gather, forward, loss, backward }) => [
      ...gather,
      ...forward,
      ...loss,
      ...backward,
    ]);
    if (purpose === 'train') calls.push(...compileReduction(this.plan, count));
    return calls.map((call) => bind(this.#arena.kernels, call));
  }
}

const PURPOSES: readonly Purpose[] = ['train', 'evaluate', 'predict'];

function bind(kernels: Kernels, { kernel, args }: Call): BoundCall {
  const run = kernels[kernel] as (...args: readonly number[]) => unknown; // typed where they were emitted
  return run.bind(null, ...args);
}
