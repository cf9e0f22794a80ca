/** One layer over tensors: its own definition on one shard, as training runs it. @module */
import { checkRecord } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { unknownOption } from '../base/options.ts';
import { checkSameShape, checkTensor, elementCount, formatShape } from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';
import { type Step, stepOf } from '../compile/fuse.ts';
import { inferLayer, type NetworkLayer, type Parameter } from '../compile/network.ts';
import { checkInputCount } from '../compile/spec.ts';
import { bindWork, type Call } from '../compile/work.ts';
import type { Emitter, Mode } from '../layers/layer.ts';
import { definitionOf, type LayerSpec } from '../layers/registry.ts';
import type { Workspace } from './workspace.ts';

/** Tensors by the bare names of parameters: `weight`, `bias`, `running_mean`, … */
export type Tensors = Readonly<Record<string, Tensor>>;

/** How a layer runs, and what a random one draws from. */
export interface RunOptions {
  readonly mode: Mode;
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
}

interface LayerCalls {
  readonly forward: readonly Call[];
  readonly backward: readonly Call[];
  readonly update: readonly Call[];
}

/** A layer whose tensors lie in a workspace. */
export class LayerRun {
  readonly #space: Workspace;
  readonly #layer: NetworkLayer;
  readonly #step: Step;
  readonly #batch: number;
  readonly #inputs: readonly Tensor[];
  readonly #calls: LayerCalls;
  readonly #places: Readonly<Record<string, number>>;
  readonly #gradients: Readonly<Record<string, number>>;
  readonly #y: number;
  readonly #dy: number;
  readonly #dxs: readonly number[];

  /**
   * @param where Begins the messages. @param dy The gradient of the output; none to run forward alone.
   * @throws {TypeError | RangeError | ShapeError} if tensors do not fit the layer.
   */
  constructor(
    where: string,
    space: Workspace,
    spec: LayerSpec,
    inputs: readonly Tensor[],
    parameters: Tensors,
    options: RunOptions,
    dy?: Tensor,
  ) {
    const batch = checkInputs(where, inputs);
    checkInputCount(where, inputs.length, definitionOf(spec));
    const shapes = inputs.map(({ shape }) => shape.slice(1));
    const layer = inferLayer(where, spec, 0, [...shapes.keys()], shapes);
    const step = stepOf(layer);
    checkParameters(where, layer.parameters, parameters);
    this.#space = space;
    this.#layer = layer;
    this.#step = step;
    this.#batch = batch;
    this.#inputs = inputs;
    if (dy !== undefined) {
      checkTensor(`${where}: dy`, dy);
      checkSameShape(`${where}: dy`, this.#outputShape, dy.shape);
    }
    const xs = inputs.map((x) => space.put(x));
    this.#y = step.isView ? (xs[0] ?? 0) : space.zeros(this.#outputShape);
    this.#dy = dy === undefined ? 0 : space.put(dy);
    this.#dxs =
      step.passesGradient || dy === undefined ? [] : inputs.map((x) => space.zeros(x.shape));
    this.#places = placesOf(layer.parameters, (parameter) =>
      space.put(parameters[parameter.name] ?? freshTensor(parameter)),
    );
    const trained = layer.parameters.filter(({ learns }) => learns);
    this.#gradients = dy === undefined ? {} : placesOf(trained, ({ shape }) => space.zeros(shape));
    this.#calls = this.#emit(xs, options);
  }

  get #outputShape(): Shape {
    return [this.#batch, ...this.#layer.output];
  }

  /** Runs forward. @returns y, and the running parameters if a batch of training changes them. */
  forward(mode: Mode): { readonly y: Tensor; readonly running?: Tensors } {
    this.#run(this.#calls.forward);
    const y = this.#space.take(this.#y, this.#outputShape);
    const running = this.#layer.parameters.filter(({ role }) => role === 'running');
    if (mode === 'evaluate' || running.length === 0) return { y };
    this.#run(this.#calls.update);
    return { y, running: this.#takeAll(running, this.#places) };
  }

  /** Runs forward, then backward. @returns the gradients by the inputs, and by the trained parameters. */
  backward(): { readonly dx: readonly Tensor[]; readonly gradients: Tensors } {
    this.#run(this.#calls.forward);
    this.#run(this.#calls.backward);
    const trained = this.#layer.parameters.filter(({ learns }) => learns);
    return {
      dx: this.#inputs.map(({ shape }, i) => this.#space.take(this.#dxs[i] ?? this.#dy, shape)),
      gradients: this.#takeAll(trained, this.#gradients),
    };
  }

  #emit(xs: readonly number[], { mode, seed, epoch, step }: RunOptions): LayerCalls {
    const calls = { forward: [] as Call[], backward: [] as Call[], update: [] as Call[] };
    if (this.#step.isView) return calls;
    const to: Emitter = {
      forward: (kernel, ...args) => void calls.forward.push({ kernel, args }),
      backward: (kernel, ...args) => void calls.backward.push({ kernel, args }),
      meet: () => {}, // one shard is always together
      update: (kernel, ...args) => void calls.update.push({ kernel, args }),
    };
    const space = this.#space;
    const batch = this.#batch;
    const saved = space.reserve(batch * this.#step.savedBytes(space.kernels));
    const scratch = space.reserve(this.#step.scratchBytes(space.kernels, batch));
    const first = space.reserve(this.#step.partialBytes);
    const clock = space.putIntegers([seed, epoch, step]);
    this.#step.emit(to, {
      mode,
      batch,
      first: 0,
      total: batch,
      clock,
      x: xs[0] ?? 0,
      dx: this.#dxs[0] ?? 0,
      y: this.#y,
      dy: this.#dy,
      xs,
      dxs: this.#dxs,
      parameters: this.#places,
      gradients: this.#gradients,
      saved,
      scratch,
      partials: { first, own: first, bytes: this.#step.partialBytes, shards: 1 },
    });
    return calls;
  }

  #run(calls: readonly Call[]): void {
    for (const run of bindWork(this.#space.kernels, this.#space.buffer, calls)) run();
  }

  #takeAll(parameters: readonly Parameter[], places: Readonly<Record<string, number>>): Tensors {
    return Object.fromEntries(
      parameters.map(({ name, shape }) => [name, this.#space.take(places[name] ?? 0, shape)]),
    );
  }
}

/** The number of images, which all inputs share. */
function checkInputs(where: string, inputs: readonly Tensor[]): number {
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw new TypeError(
      `${where}: expected a list of input tensors, got ${describe(inputs)}. Use [x].`,
    );
  }
  const batches = Array.from(inputs, (input, i) => {
    checkTensor(`${where}: input ${i}`, input);
    const [batch] = input.shape;
    if (batch !== undefined) return batch;
    throw new ShapeError(
      `${where}: expected inputs [N, …], got ${formatShape(input.shape)}. Use a batch of one.`,
    );
  });
  const [batch = 0] = batches;
  if (batches.every((other) => other === batch)) return batch;
  throw new ShapeError(
    `${where}: expected inputs of as many images, got ${batches.join(' and ')}. Use one batch.`,
  );
}

/** Running parameters may be left out: they are as in a fresh model then. */
function checkParameters(where: string, known: readonly Parameter[], given: Tensors): void {
  const names = known.map(({ name }) => name);
  const advice = 'Use { weight, bias }, by the names of the parameters.';
  for (const [name, tensor] of Object.entries(
    checkRecord(where, given, 'parameters as an object', advice),
  )) {
    if (tensor !== undefined && !names.includes(name)) throw unknownOption(where, name, names);
  }
  for (const { name, shape, role } of known) {
    const tensor = given[name];
    if (tensor === undefined && role === 'running') continue;
    if (tensor === undefined) {
      throw new TypeError(
        `${where}: expected a tensor ${name} ${formatShape(shape)}, got none. Give it.`,
      );
    }
    checkTensor(`${where}: ${name}`, tensor);
    checkSameShape(`${where}: ${name}`, shape, tensor.shape);
  }
}

function placesOf(
  parameters: readonly Parameter[],
  place: (parameter: Parameter) => number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, place(parameter)]));
}

function freshTensor({ shape, initial }: Parameter): Tensor {
  const value = 'constant' in initial ? initial.constant : 0;
  return { shape, data: new Float32Array(elementCount(shape)).fill(value) };
}
