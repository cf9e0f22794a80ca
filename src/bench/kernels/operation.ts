/**
 * Cases as rows of tables. An operation takes a kernel from input tensors to output tensors; its case draws the inputs, gives
 * the plain loops outputs of their own, and counts the bytes of all tensors.
 * @module
 */
import type { Kernels } from '../../wasm/kernels.ts';
import type { Case, Numbers } from '../case.ts';
import type { Placed, Workspace } from '../workspace.ts';

/** A tensor: its length if it is f32 (inputs are then from −1 to 1), or its length and what lays it out. */
export type Tensor = number | readonly [length: number, lay: Lay];

/** Lays out a tensor. It may depend on the inputs before it. */
export type Lay = (
  workspace: Workspace,
  length: number,
  earlier: readonly Numbers[],
) => Placed<Numbers>;

export interface Operation {
  readonly kernel: keyof Kernels;
  /** As in `Case`. */
  readonly shape: string;
  /** As in `Work`. */
  readonly flops: number;
  /** @default 4 bytes a number: of every input once, of every output once, or twice if it is read too */
  readonly bytes?: number;
  /** As in `Case`. However often the kernel runs, its outputs must stay in the range of normal numbers. */
  readonly start?: number;
  readonly outputs: readonly Tensor[];
  readonly inputs: readonly Tensor[];
  /** Calls the kernel with the addresses of the tensors. */
  call(kernels: Kernels, outputs: readonly number[], inputs: readonly number[]): void;
  plain(outputs: readonly Numbers[], inputs: readonly Numbers[]): void;
  /** The oracle's outputs. */
  exact(inputs: readonly Numbers[]): readonly ArrayLike<number>[];
}

/** The case of an operation that memory limits. */
export function caseOf(operation: Operation): Case {
  const { kernel, shape, flops, start, outputs, inputs, call, plain, exact } = operation;
  const bytes = 4 * (total(inputs) + (start === undefined ? 1 : 2) * total(outputs));
  return {
    kernel,
    shape,
    work: { limit: 'memory', flops, bytes: operation.bytes ?? bytes },
    ...(start !== undefined && { start }),
    prepare(workspace) {
      const { kernels } = workspace;
      const x = layOut(workspace, inputs, uniform);
      const y = layOut(workspace, outputs, zeros);
      const [yAt, xAt] = [y.map(({ at }) => at), x.map(({ at }) => at)];
      const [results, values] = [y.map(({ view }) => view), x.map(({ view }) => view)];
      const own = results.map((view) => view.slice());
      return {
        kernel: { run: () => call(kernels, yAt, xAt), results },
        plain: { run: () => plain(own, values), results: own },
        expected: () => exact(values),
      };
    },
  };
}

function total(tensors: readonly Tensor[]): number {
  return tensors.reduce<number>((sum, t) => sum + (typeof t === 'number' ? t : t[0]), 0);
}

/** @param usual Lays out those that are only a length. */
function layOut(
  workspace: Workspace,
  tensors: readonly Tensor[],
  usual: Lay,
): readonly Placed<Numbers>[] {
  const placed: Placed<Numbers>[] = [];
  for (const tensor of tensors) {
    const [length, lay] = typeof tensor === 'number' ? ([tensor, usual] as const) : tensor;
    const earlier = placed.map(({ view }) => view);
    placed.push(lay(workspace, length, earlier));
  }
  return placed;
}

const uniform: Lay = (workspace, length) => workspace.uniform(length);
const zeros: Lay = (workspace, length) => workspace.f32(length);

/** f32 from −8 to 8: both sides of every bend of the activations. */
export function wide(workspace: Workspace, length: number): Placed<Float32Array> {
  const placed = workspace.uniform(length);
  for (let i = 0; i < length; i++) placed.view[i] *= 8;
  return placed;
}

/** f32 from ½ to 1½: deviations and variances. */
export function aboveZero(workspace: Workspace, length: number): Placed<Float32Array> {
  const placed = workspace.uniform(length);
  for (let i = 0; i < length; i++) placed.view[i] = 1 + placed.view[i] / 2;
  return placed;
}

/** f32 from 0 to 1. */
export function shares(workspace: Workspace, length: number): Placed<Float32Array> {
  const placed = workspace.uniform(length);
  for (let i = 0; i < length; i++) placed.view[i] = (placed.view[i] + 1) / 2;
  return placed;
}

/** f32, −1 or 1: factors that leave the size of a number. */
export function signs(workspace: Workspace, length: number): Placed<Float32Array> {
  const placed = workspace.uniform(length);
  for (let i = 0; i < length; i++) placed.view[i] = placed.view[i] < 0 ? -1 : 1;
  return placed;
}

/** i32 from 0 to `bound − 1`. */
export function below(bound: number): Lay {
  return (workspace, length) => workspace.below(bound, length);
}

/** i32, all 0. */
export function integers(workspace: Workspace, length: number): Placed<Int32Array> {
  return workspace.i32(length);
}

/** f64, all 0. */
export function doubles(workspace: Workspace, length: number): Placed<Float64Array> {
  return workspace.f64(length);
}

/** f64 computed from the inputs before it. */
export function computed(values: (earlier: readonly Numbers[]) => readonly number[]): Lay {
  return (workspace, length, earlier) => {
    const placed = workspace.f64(length);
    placed.view.set(values(earlier));
    return placed;
  };
}
