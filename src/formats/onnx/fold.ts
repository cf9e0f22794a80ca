/**
 * Operators over constants alone: exporters write sizes as little programs, `Shape → Gather → Unsqueeze → Concat`, and
 * leave arithmetic on weights undone. What such a node makes is drawn from the budget of the file, so that a small
 * file cannot ask for much memory.
 * @module
 */
import { describe, FormatError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/types.ts';
import { spend } from '../network/building.ts';
import { type Constant, MOST_AXES } from './constants.ts';
import { type GraphNode, listIn, numberIn } from './node.ts';

/** What a node makes of its constant inputs; those that are left out are undefined. */
type Fold = (node: GraphNode, inputs: readonly (Constant | undefined)[], to: Budget) => Constant;

interface Budget {
  budget: number;
}

const FOLDS: Readonly<Record<string, Fold>> = {
  Add: (node, inputs, to) => pairwise(node, inputs, to, (a, b) => a + b),
  Cast: (node, inputs, to) => cast(first(node, inputs), numberIn(node, 'to'), node, to),
  Concat: concat,
  Constant: constant,
  ConstantOfShape(node, inputs, to) {
    const shape = [...first(node, inputs).data];
    const value = node.attributes.get('value');
    const filling = isConstant(value) ? value : { data: Float32Array.of(0), isWhole: false };
    return made(node, to, shape, filling.isWhole, () => filling.data[0] ?? 0);
  },
  Div: (node, inputs, to) =>
    pairwise(node, inputs, to, (a, b, isWhole) => (isWhole ? Math.trunc(a / b) : a / b)),
  Floor: (node, inputs, to) => each(node, inputs, to, Math.floor),
  Gather: gather,
  Identity: (node, inputs) => first(node, inputs),
  Mul: (node, inputs, to) => pairwise(node, inputs, to, (a, b) => a * b),
  Neg: (node, inputs, to) => each(node, inputs, to, (a) => -a),
  Reciprocal: (node, inputs, to) => each(node, inputs, to, (a) => 1 / a),
  Reshape: reshape,
  Shape: (node, inputs, to) => {
    const { shape } = first(node, inputs);
    const sizes = shape.slice(numberIn(node, 'start', 0), numberIn(node, 'end', shape.length));
    return made(node, to, [sizes.length], true, (axis) => sizes[axis] ?? 0);
  },
  Slice: slice,
  Sqrt: (node, inputs, to) => each(node, inputs, to, Math.sqrt),
  Squeeze: squeeze,
  Sub: (node, inputs, to) => pairwise(node, inputs, to, (a, b) => a - b),
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};

/** Whether a node of this operator is computed if all that it reads is known. */
export function canFold({ opType }: GraphNode): boolean {
  return Object.hasOwn(FOLDS, opType);
}

/** The constant that a node gives. @throws {FormatError | RangeError} if it cannot be, or would be too large. */
export function fold(
  node: GraphNode,
  inputs: readonly (Constant | undefined)[],
  to: Budget,
): Constant {
  const known = FOLDS[node.opType];
  if (known === undefined) throw new Error(`internal: no constants of ${node.opType}`);
  return known(node, inputs, to);
}

function isConstant(value: unknown): value is Constant {
  return typeof value === 'object' && value !== null && 'data' in value;
}

function first({ title }: GraphNode, [constant]: readonly (Constant | undefined)[]): Constant {
  if (constant !== undefined) return constant;
  throw new FormatError(`${title}: expected an input, got none. Use a whole file.`, 0);
}

/** A constant of a shape, its numbers by their places. */
function made(
  { title }: GraphNode,
  to: Budget,
  shape: Shape,
  isWhole: boolean,
  numberAt: (place: number) => number,
): Constant {
  const count = elementCount(shape);
  const isSize = (size: number) => Number.isInteger(size) && size >= 0;
  if (!(shape.length <= MOST_AXES && shape.every(isSize) && Number.isFinite(count))) {
    throw new FormatError(
      `${title}: expected sizes that are known, got ${describe([...shape])}. Export it with fixed sizes.`,
      0,
    );
  }
  spend(to, title, count);
  const data = isWhole ? new Float64Array(count) : new Float32Array(count);
  for (let place = 0; place < count; place++) data[place] = numberAt(place);
  return { shape, data, isWhole };
}

function each(
  node: GraphNode,
  inputs: readonly (Constant | undefined)[],
  to: Budget,
  of: (value: number) => number,
): Constant {
  const { shape, data, isWhole } = first(node, inputs);
  return made(node, to, shape, isWhole, (place) => of(data[place] ?? 0));
}

/** Element by element, the smaller repeated along its axes of 1. */
function pairwise(
  node: GraphNode,
  [a, b]: readonly (Constant | undefined)[],
  to: Budget,
  of: (a: number, b: number, isWhole: boolean) => number,
): Constant {
  const [left, right] = [first(node, [a]), first(node, [b])];
  const rank = Math.max(left.shape.length, right.shape.length);
  const whole = (shape: Shape) => [...Array<number>(rank - shape.length).fill(1), ...shape];
  const [sizesA, sizesB] = [whole(left.shape), whole(right.shape)];
  const shape = sizesA.map((size, axis) => (size === 1 ? (sizesB[axis] ?? 1) : size));
  if (!sizesB.every((size, axis) => size === 1 || size === shape[axis])) {
    throw new FormatError(
      `${node.title}: expected shapes of which one repeats along the other, got ${formatShape(left.shape)} and ${formatShape(right.shape)}. Use a whole file.`,
      0,
    );
  }
  const isWhole = left.isWhole && right.isWhole;
  const placeIn = (sizes: Shape, place: number) => {
    let [rest, stride, found] = [place, 1, 0];
    for (let axis = rank - 1; axis >= 0; axis--) {
      const [size, own] = [shape[axis] ?? 1, sizes[axis] ?? 1];
      if (own > 1) found += (rest % size) * stride;
      stride *= own;
      rest = Math.floor(rest / size);
    }
    return found;
  };
  return made(node, to, shape, isWhole, (place) =>
    of(left.data[placeIn(sizesA, place)] ?? 0, right.data[placeIn(sizesB, place)] ?? 0, isWhole),
  );
}

function constant(node: GraphNode, _inputs: unknown, to: Budget): Constant {
  const value = node.attributes.get('value');
  if (isConstant(value)) return value;
  const [float, whole] = [node.attributes.get('value_float'), node.attributes.get('value_int')];
  if (typeof float === 'number') return made(node, to, [], false, () => float);
  if (typeof whole === 'number') return made(node, to, [], true, () => whole);
  const floats = listIn(node, 'value_floats');
  const list = floats ?? listIn(node, 'value_ints');
  if (list !== undefined) {
    return made(node, to, [list.length], floats === undefined, (place) => list[place] ?? 0);
  }
  throw new FormatError(`${node.title}: expected numbers, got others. Use a whole file.`, 0);
}

/** Types 6, 7 and the like are whole numbers. */
function cast({ shape, data }: Constant, type: number, node: GraphNode, to: Budget): Constant {
  const isWhole = ![1, 10, 11, 16].includes(type);
  return made(node, to, shape, isWhole, (place) => {
    const value = data[place] ?? 0;
    return isWhole ? Math.trunc(value) : value;
  });
}

/** An axis that may be counted from the end. */
function axisOf(node: GraphNode, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(counted) && counted >= 0 && counted < Math.max(1, rank)) return counted;
  throw new FormatError(
    `${node.title}: expected an axis of ${rank}, got ${describe(axis)}. Use a whole file.`,
    0,
  );
}

/** Rows of numbers around an axis: how many before it, and how many numbers behind it go together. */
function around(shape: Shape, axis: number): { readonly before: number; readonly after: number } {
  return { before: elementCount(shape.slice(0, axis)), after: elementCount(shape.slice(axis + 1)) };
}

function concat(node: GraphNode, inputs: readonly (Constant | undefined)[], to: Budget): Constant {
  const parts = inputs.map((input) => first(node, [input]));
  const { shape, isWhole } = first(node, inputs);
  const axis = axisOf(node, numberIn(node, 'axis'), shape.length);
  const rest = (sizes: Shape) => formatShape(sizes.with(axis, 1));
  if (
    !parts.every((part) => part.shape.length === shape.length && rest(part.shape) === rest(shape))
  ) {
    throw new FormatError(
      `${node.title}: expected constants that differ along axis ${axis} alone, got others. Use a whole file.`,
      0,
    );
  }
  const { before, after } = around(shape, axis);
  const numbers: number[] = [];
  const total = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
  spend(to, node.title, before * total * after);
  for (let row = 0; row < before; row++) {
    for (const part of parts) {
      const length = (part.shape[axis] ?? 0) * after;
      for (let i = row * length; i < (row + 1) * length; i++) numbers.push(part.data[i] ?? 0);
    }
  }
  return made(node, to, shape.with(axis, total), isWhole, (place) => numbers[place] ?? 0);
}

function gather(
  node: GraphNode,
  [source, places]: readonly (Constant | undefined)[],
  to: Budget,
): Constant {
  const { shape, data, isWhole } = first(node, [source]);
  const indices = first(node, [places]);
  const axis = axisOf(node, numberIn(node, 'axis', 0), shape.length);
  const { before, after } = around(shape, axis);
  const size = shape[axis] ?? 0;
  const count = indices.data.length;
  const chosen = Array.from(indices.data, (index) => axisOf(node, index, size));
  const target = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  if (before * count * after === 0) return made(node, to, target, isWhole, () => 0);
  return made(node, to, target, isWhole, (place) => {
    const [row, inside] = [Math.floor(place / (count * after)), place % (count * after)];
    const from = chosen[Math.floor(inside / after)] ?? 0;
    return data[(row * size + from) * after + (inside % after)] ?? 0;
  });
}

function reshape(node: GraphNode, [source, target]: readonly (Constant | undefined)[]): Constant {
  const from = first(node, [source]);
  const count = from.data.length;
  const asked = Array.from(first(node, [target]).data, (size, axis) =>
    size === 0 ? (from.shape[axis] ?? 0) : size,
  );
  const rest = elementCount(asked.filter((size) => size !== -1));
  const shape = asked.map((size) => (size === -1 ? count / rest : size));
  const isSize = (size: number) => Number.isInteger(size) && size >= 0;
  if (elementCount(shape) === count && shape.length <= MOST_AXES && shape.every(isSize)) {
    return { ...from, shape };
  }
  throw new FormatError(
    `${node.title}: expected a shape of ${count} numbers, got ${describe(asked)}. Use a whole file.`,
    0,
  );
}

/** Axes of `Squeeze` and the like: an attribute, from opset 13 on an input. */
function axesOf(node: GraphNode, input: Constant | undefined): readonly number[] | undefined {
  return listIn(node, 'axes') ?? (input === undefined ? undefined : [...input.data]);
}

function squeeze(node: GraphNode, [source, axes]: readonly (Constant | undefined)[]): Constant {
  const from = first(node, [source]);
  const given = axesOf(node, axes)?.map((axis) => axisOf(node, axis, from.shape.length));
  const shape = from.shape.filter((size, axis) => !(given?.includes(axis) ?? size === 1));
  if (elementCount(shape) === from.data.length) return { ...from, shape };
  throw new FormatError(
    `${node.title}: expected axes of size 1, got ${describe(given)} of ${formatShape(from.shape)}. Use a whole file.`,
    0,
  );
}

function unsqueeze(node: GraphNode, [source, axes]: readonly (Constant | undefined)[]): Constant {
  const from = first(node, [source]);
  const given = axesOf(node, axes) ?? [];
  const rank = from.shape.length + given.length;
  const ones = new Set(given.map((axis) => axisOf(node, axis, rank)));
  const rest = [...from.shape];
  if (ones.size !== given.length || rank > MOST_AXES) {
    throw new FormatError(
      `${node.title}: expected axes of their own, got ${describe(given)}. Use a whole file.`,
      0,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) =>
    ones.has(axis) ? 1 : (rest.shift() ?? 1),
  );
  return { ...from, shape };
}

/** Parts along axes, also backwards. */
function slice(
  node: GraphNode,
  [source, starts, ends, axes, steps]: readonly (Constant | undefined)[],
  to: Budget,
): Constant {
  const { shape, data, isWhole } = first(node, [source]);
  const numbers = (input: Constant | undefined, name: string) =>
    input === undefined ? listIn(node, name) : [...input.data];
  const from = numbers(starts, 'starts') ?? [];
  const until = numbers(ends, 'ends') ?? [];
  const along = numbers(axes, 'axes') ?? from.map((_, axis) => axis);
  const by = numbers(steps, 'steps') ?? from.map(() => 1);
  const parts = shape.map((size) => ({ start: 0, step: 1, count: size }));
  for (const [i, given] of along.entries()) {
    const axis = axisOf(node, given, shape.length);
    parts[axis] = partOf(shape[axis] ?? 0, from[i] ?? 0, until[i] ?? 0, by[i] ?? 1);
  }
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const target = parts.map(({ count }) => count);
  return made(node, to, target, isWhole, (place) => {
    let [rest, at] = [place, 0];
    for (const [axis, { start, step, count }] of [...parts.entries()].reverse()) {
      at += (start + (rest % count) * step) * (strides[axis] ?? 0);
      rest = Math.floor(rest / count);
    }
    return data[at] ?? 0;
  });
}

/** Places along an axis from `start` to before `end`; both may be counted from its end, and lie beyond it. */
function partOf(
  size: number,
  start: number,
  end: number,
  step: number,
): { readonly start: number; readonly step: number; readonly count: number } {
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const clip = (place: number) => Math.min(Math.max(place < 0 ? place + size : place, least), most);
  const [first, last] = [clip(start), clip(end)];
  return { start: first, step, count: Math.max(0, Math.ceil((last - first) / step)) };
}

function transpose(
  node: GraphNode,
  inputs: readonly (Constant | undefined)[],
  to: Budget,
): Constant {
  const { shape, data, isWhole } = first(node, inputs);
  const rank = shape.length;
  const perm = listIn(node, 'perm', rank) ?? shape.map((_, axis) => rank - 1 - axis);
  const order = perm.map((axis) => axisOf(node, axis, rank));
  if (new Set(order).size !== rank) {
    throw new FormatError(
      `${node.title}: expected every axis once, got ${describe(perm)}. Use a whole file.`,
      0,
    );
  }
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const target = order.map((axis) => shape[axis] ?? 1);
  return made(node, to, target, isWhole, (place) => {
    let [rest, from] = [place, 0];
    for (let axis = rank - 1; axis >= 0; axis--) {
      const size = target[axis] ?? 1;
      from += (rest % size) * (strides[order[axis] ?? 0] ?? 0);
      rest = Math.floor(rest / size);
    }
    return data[from] ?? 0;
  });
}
