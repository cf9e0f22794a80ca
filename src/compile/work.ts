/**
 * What a thread does in one part of a step: kernel calls and optimizer updates as plain data, so that they can be printed,
 * compared in a test, and posted to a worker; and the same bound to a memory, ready to run.
 * @module
 */

import type { KernelName } from '../layers/layer.ts';
import { type OptimizerSpec, optimizerOf } from '../optimizers/index.ts';
import type { UpdateTensors } from '../optimizers/optimizer.ts';
import type { Kernels } from '../wasm/kernels.ts';

/** A kernel and its arguments. */
export interface Call {
  readonly kernel: KernelName;
  readonly args: readonly number[];
}

/** An optimizer's rule over a range of the parameters. */
export interface Update {
  readonly optimizer: OptimizerSpec;
  readonly tensors: Omit<UpdateTensors, 'scalars'>;
  /** Address of f64: the numbers that the optimizer remembers, the same for all ranges. */
  readonly scalars: number;
}

export type Work = Call | Update;
export type BoundWork = () => void;

/** Binds the work of one thread to kernels and the memory they run on, which must not grow. */
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

function bindUpdate(kernels: Kernels, buffer: ArrayBufferLike, update: Update): BoundWork {
  const { optimizer } = update;
  const definition = optimizerOf(optimizer);
  const scalars = new Float64Array(buffer, update.scalars, definition.scalars.length);
  const tensors = { ...update.tensors, scalars };
  return () => definition.update(kernels, optimizer, tensors);
}
