/**
 * What threads do in one phase of a step: kernel calls and optimizer updates as plain data, so that they can be printed,
 * compared in a test, and posted to a worker; and the same bound to a memory, ready to run.
 * @module
 */
import { clipFactor } from '../optimizers/clip.ts';
import type { UpdateTensors } from '../optimizers/optimizer.ts';
import { type OptimizerSpec, optimizerOf } from '../optimizers/registry.ts';
import type { KernelName, Kernels } from '../wasm/kernels.ts';
import type { Exchange } from './ranks.ts';

/** Numbers of an update: the learning rate, how much of the average lasts, then what an optimizer remembers. */
export const SCALARS = 6;
export const REMEMBERED = 2;

/** A kernel and its arguments. */
export interface Call {
  readonly kernel: KernelName;
  readonly args: readonly number[];
}

/** An optimizer's rule over a range of the parameters. */
export interface Update {
  readonly optimizer: OptimizerSpec;
  readonly tensors: UpdateTensors;
  /** Address of the average of these parameters, which follows; 0 if there is none. */
  readonly average: number;
  /** Address of f64[SCALARS]: see above. The same for all ranges. */
  readonly scalars: number;
  /** Address and number of f64: sums of squares of the gradients, for clipping by norm. */
  readonly norms: readonly [address: number, count: number];
  /** Whether weight decay takes this range. */
  readonly decays: boolean;
}

export type Work = Call | Update;

/**
 * What threads do between two meetings, by thread: independent tasks, each for whichever thread comes to it first. All threads
 * have the same tasks, each in its own memory.
 */
export type PhaseWork = (thread: number) => readonly (readonly Work[])[];

/** A part of a step that begins when everybody is through with the one before: work of threads, or what ranks tell one another. */
export type Phase = PhaseWork | readonly Exchange[];

export function isPhaseWork(phase: Phase): phase is PhaseWork {
  return typeof phase === 'function';
}

export type BoundWork = () => void;

/** A call as data. */
export function call<K extends KernelName>(kernel: K, ...args: Parameters<Kernels[K]>): Call {
  return { kernel, args };
}

/** Binds work to kernels and the memory they run on, which must not grow. */
export function bindWork(
  kernels: Kernels,
  buffer: ArrayBufferLike,
  work: readonly Work[],
): readonly BoundWork[] {
  return work.map((item) =>
    'kernel' in item ? bindCall(kernels, item) : bindUpdate(kernels, buffer, item),
  );
}

function bindCall(kernels: Kernels, { kernel, args }: Call): BoundWork {
  const run = kernels[kernel] as (...args: readonly number[]) => void; // typed where they were emitted
  return run.bind(null, ...args);
}

function bindUpdate(
  kernels: Kernels,
  buffer: ArrayBufferLike,
  { optimizer: given, tensors, average, scalars, norms: [norms, count], decays }: Update,
): BoundWork {
  const optimizer = decays ? given : { ...given, weightDecay: 0 };
  const definition = optimizerOf(optimizer);
  const rates = new Float64Array(buffer, scalars, REMEMBERED);
  const remembered = new Float64Array(
    buffer,
    scalars + REMEMBERED * Float64Array.BYTES_PER_ELEMENT,
    definition.scalars.length,
  );
  const squares = new Float64Array(buffer, norms, count);
  const { w, dw, length } = tensors;
  const { clipNorm, clipValue, weightDecay = 0 } = optimizer;
  const penalty = definition.decaysItself ? 0 : weightDecay;
  return () => {
    if (clipNorm !== undefined) kernels.scale(dw, length, clipFactor(squares, clipNorm));
    if (clipValue !== undefined) kernels.clamp(dw, length, clipValue);
    if (penalty > 0) kernels.addScaled(dw, w, length, penalty);
    definition.update(kernels, optimizer, tensors, rates[0] ?? 0, remembered);
    if (average !== 0) kernels.blend(average, w, length, rates[1] ?? 0);
  };
}
