/** Shapes: how many numbers they hold, how they are written, and whether they fit together. @module */

import { isPromise, isTypedArray } from './brands.ts';
import { checkInteger } from './checks.ts';
import { describe, ShapeError } from './errors.ts';
import type { Shape, Tensor } from './types.ts';

/** Number of elements of a tensor of this shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[2, 3]` as people write it: `2×3`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

/** Throws unless `shape` is a list of `rank` sizes of at least `least`, small enough to count exactly. */
export function checkShape(where: string, shape: unknown, rank?: number, least: number = 1): void {
  if (!Array.isArray(shape) || (rank !== undefined && shape.length !== rank)) {
    const expected = rank === undefined ? 'a list of sizes' : `a list of ${rank} sizes`;
    const example = [2, 1, 28, 28].slice(-(rank ?? 2)).join(', ');
    throw new ShapeError(
      `${where}: expected ${expected}, got ${describe(shape)}. Use [${example}], for example.`,
    );
  }
  for (const [axis, size] of shape.entries()) checkInteger(where, `size ${axis}`, size, least);
  if (!(elementCount(shape) < 2 ** 31)) {
    throw new RangeError(
      `${where}: expected fewer than 2³¹ elements, got ${formatShape(shape)}. Use smaller sizes.`,
    );
  }
}

/** Throws unless two shapes are equal; `where` says whose they are. */
export function checkSameShape(where: string, expected: Shape, got: Shape): void {
  if (expected.length !== got.length || expected.some((size, axis) => size !== got[axis])) {
    throw new ShapeError(
      `${where}: expected shape ${formatShape(expected)}, got ${formatShape(got)}. Use that shape.`,
    );
  }
}

/** Throws unless `tensor` is a shape of `rank` sizes with as many f32 as it says; `where` names it. */
export function checkTensor(where: string, tensor: Tensor, rank?: number): void {
  const { shape, data }: { shape?: unknown; data?: unknown } = tensor ?? {};
  if (!isTypedArray(data, 'Float32Array')) {
    throw new TypeError(
      `${where}: expected a tensor { shape, data: Float32Array }, got ${describe(tensor)}. ${isPromise(tensor) ? 'Await it.' : 'Use Float32Array.from(numbers) as data.'}`,
    );
  }
  checkShape(where, shape, rank);
  const length = elementCount(tensor.shape);
  if (data.length !== length) {
    throw new ShapeError(
      `${where}: expected ${length} numbers for shape ${formatShape(tensor.shape)}, got ${data.length}. Use another shape, or all of the data.`,
    );
  }
}

/** Channels, height and width of an image, or a `ShapeError`. */
export function imageShape(where: string, shape: Shape): [channels: number, h: number, w: number] {
  const [channels, height, width] = shape;
  if (shape.length === 3 && channels && height && width) return [channels, height, width];
  throw new ShapeError(
    `${where}: expected images [channels, height, width], got ${formatShape(shape)}. Put it before layers.flatten().`,
  );
}
