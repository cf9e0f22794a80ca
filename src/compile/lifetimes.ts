/**
 * How long each tensor of a shard is needed, and where those that are never needed at one time may share memory.
 *
 * The moments of a step, for n steps of the program:
 *
 *   0         the images are gathered
 *   1 … n     forward, step after step
 *   n + 1     the loss, and its gradient
 *   n + 2 …   backward, two moments a step from the last to the first: gradients of a value with several readers are summed,
 *             then the step runs
 *
 * A value that k layers read gets k gradients and one sum. Views share the storage of what they view, both ways, and so
 * does a step in place.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import type { Kernels } from '../wasm/kernels.ts';
import type { Step } from './fuse.ts';
import type { Network } from './network.ts';

/** A piece of a shard's memory: bytes an image, needed from one moment to another, both included. */
export interface Storage {
  readonly imageBytes: number;
  readonly start: number;
  readonly end: number;
}

/** Gradients that become one before the step that made the value runs backward. */
export interface GradientSum {
  readonly value: number;
  readonly sum: number;
  readonly parts: readonly number[];
}

/** Storages by number. What is absent is not computed. */
export interface Lifetimes {
  readonly storages: readonly Storage[];
  /** Of each value; values inside a fused step have none. */
  readonly values: readonly (number | undefined)[];
  /** Of what each step saves for backward. */
  readonly saved: readonly number[];
  /** Of the whole gradient of each value. */
  readonly gradients: readonly (number | undefined)[];
  /** Where the loss leaves its gradient if nothing learns from it. */
  readonly lossGradient: number;
  /** What each step writes the gradients of its inputs to. */
  readonly dxs: readonly (readonly (number | undefined)[])[];
  /** Before each step runs backward. */
  readonly sums: readonly (GradientSum | undefined)[];
}

const F32_BYTES = 4;

/** The lifetimes of everything that training needs; evaluation and prediction need a part of it. */
export function planLifetimes(
  network: Network,
  steps: readonly Step[],
  kernels: Kernels,
): Lifetimes {
  const storages: { imageBytes: number; start: number; end: number }[] = [];
  const open = (imageBytes: number, start: number) =>
    storages.push({ imageBytes, start, end: start }) - 1;
  const extend = (storage: number, moment: number) => {
    const found = storages[storage];
    if (found !== undefined) found.end = Math.max(found.end, moment);
  };
  const bytesOf = (value: number) => elementCount(network.shapes[value] ?? []) * F32_BYTES;

  const atLoss = steps.length + 1;
  const backwardAt = (step: number) => atLoss + 2 * (steps.length - step);
  const learns = learningValues(network, steps);

  // values, and what steps save
  const lastUses = lastUsesOf(steps, learns, backwardAt, atLoss);
  const values: (number | undefined)[] = [open(bytesOf(0), 0)];
  extend(0, lastUses.get(0) ?? 0);
  const saved = steps.map((step, index) => {
    const [x = 0] = step.inputs;
    const before = values[x] ?? 0;
    const isFree = (storages[before]?.end ?? 0) <= index + 1;
    const isShared = step.isView || (step.isInPlace && isFree);
    const storage = isShared ? before : open(bytesOf(step.output), index + 1);
    extend(storage, lastUses.get(step.output) ?? 0);
    values[step.output] = storage;
    const kept = open(step.savedBytes(kernels), index + 1);
    extend(kept, backwardAt(index));
    return kept;
  });

  // gradients, from the last value to the first
  const gradients: (number | undefined)[] = [];
  const dxs = steps.map((step) => step.inputs.map((): number | undefined => undefined));
  const sums: (GradientSum | undefined)[] = [];
  for (const [index, { output: value }] of [...steps.entries()].reverse()) {
    if (!learns[value]) continue;
    const parts: number[] = index === steps.length - 1 ? [open(bytesOf(value), atLoss)] : [];
    for (const [reader, step] of steps.entries()) {
      // the loss may take the place of the last step, and writes then
      const writtenAt = reader === steps.length - 1 ? atLoss : backwardAt(reader);
      for (const [slot, input] of step.inputs.entries()) {
        if (input !== value) continue;
        const passed = step.passesGradient ? gradients[step.output] : undefined;
        const dx = passed ?? open(bytesOf(value), writtenAt);
        if (passed === undefined) (dxs[reader] as (number | undefined)[])[slot] = dx; // the reader exists
        parts.push(dx);
      }
    }
    const [only = 0] = parts;
    const readAt = backwardAt(index);
    const isOne = parts.length === 1;
    const sum = isOne ? only : open(bytesOf(value), readAt - 1);
    for (const part of parts) extend(part, isOne ? readAt : readAt - 1);
    extend(sum, readAt);
    if (!isOne) sums[index] = { value, sum, parts };
    gradients[value] = sum;
  }
  const lossGradient = open(elementCount(network.output) * F32_BYTES, atLoss);
  return { storages, values, saved, gradients, lossGradient, dxs, sums };
}

/** Values that follow from a parameter that learns, by value: only they have gradients. */
export function learningValues({ shapes }: Network, steps: readonly Step[]): readonly boolean[] {
  const learns = shapes.map(() => false);
  for (const { inputs, output, parameters } of steps) {
    learns[output] =
      parameters.some((parameter) => parameter.learns) ||
      inputs.some((value) => learns[value] === true);
  }
  return learns;
}

/** The last moment at which each value is read, by value. */
function lastUsesOf(
  steps: readonly Step[],
  learns: readonly boolean[],
  backwardAt: (step: number) => number,
  atLoss: number,
): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  const use = (value: number, moment: number) =>
    uses.set(value, Math.max(uses.get(value) ?? 0, moment));
  for (const [index, step] of steps.entries()) {
    const runsBackward = learns[step.output];
    for (const value of step.inputs) {
      use(value, index + 1);
      if (runsBackward && step.readsX) use(value, backwardAt(index));
    }
    if (runsBackward && step.readsY) use(step.output, backwardAt(index));
  }
  const last = steps.at(-1);
  for (const value of last === undefined ? [] : [...last.inputs, last.output]) use(value, atLoss);
  return uses;
}

/** Addresses for `images` images, from `start` on: the largest first, each as low as those that live with it allow. */
export function placeStorages(
  storages: readonly Storage[],
  images: number,
  start: number,
  align: (bytes: number) => number,
): { readonly addresses: readonly number[]; readonly end: number } {
  const addresses: number[] = [];
  const placed: { storage: Storage; from: number; to: number }[] = [];
  let end = start;
  const bySize = [...storages.entries()].sort(([, a], [, b]) => b.imageBytes - a.imageBytes);
  for (const [index, storage] of bySize) {
    const bytes = align(storage.imageBytes * images);
    let from = start;
    const living = placed
      .filter((other) => other.storage.start <= storage.end && storage.start <= other.storage.end)
      .sort((a, b) => a.from - b.from);
    for (const other of living) if (other.from < from + bytes) from = Math.max(from, other.to);
    placed.push({ storage, from, to: from + bytes });
    addresses[index] = from;
    end = Math.max(end, from + bytes);
  }
  return { addresses, end };
}
