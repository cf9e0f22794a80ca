/** A node while it becomes a layer: what it reads, and the building that it adds to. @module */
import { describe, FormatError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Tensor } from '../../base/types.ts';
import { asName, type Building, type Value } from '../network/building.ts';
import { channelAxisOf, graphShape, imageIn } from '../network/views.ts';
import { type Constant, tensorOf } from './constants.ts';
import { type GraphNode, listIn } from './node.ts';

/** A tensor of the file, or a value that depends on the image. */
export type Known = Constant | Value;

export interface Place {
  readonly to: Building;
  readonly node: GraphNode;
  readonly where: string;
  readonly opset: number;
  /** Images that the graph was made for; NaN for any number. */
  readonly batch: number;
  /** What it reads; undefined for what is left out. */
  readonly inputs: readonly (Known | undefined)[];
}

export function isConstant(known: Known | undefined): known is Constant {
  return known !== undefined && 'data' in known;
}

/** The value that a node reads. @throws {FormatError} if it is a constant, or not there. */
export function inputOf({ where, inputs }: Place, index: number = 0): Value {
  const known = inputs[index];
  if (known !== undefined && !isConstant(known)) return known;
  throw new FormatError(
    `${where}: expected input ${index} to depend on the image, got ${known === undefined ? 'none' : 'a constant'}. Fold the constants when you export.`,
    0,
  );
}

/** The image that a node reads, its channels first. */
export function imageOf(place: Place): Value {
  return imageIn(place.where, inputOf(place), false);
}

/** The constant that a node reads; undefined if it is left out. @throws {FormatError} if it depends on the image. */
export function constantOf({ where, inputs }: Place, index: number): Constant | undefined {
  const known = inputs[index];
  if (known === undefined || isConstant(known)) return known;
  throw new FormatError(
    `${where}: expected input ${index} to be a constant, got what depends on the image. Use weights of the file.`,
    0,
  );
}

/** A constant that must be there. @param rank Of its shape. */
export function weightOf(place: Place, index: number, rank?: number): Constant {
  const constant = constantOf(place, index);
  if (constant !== undefined && (rank === undefined || constant.shape.length === rank))
    return constant;
  throw new FormatError(
    `${place.where}: expected input ${index} to be a constant${rank === undefined ? '' : ` of ${rank} axes`}, got ${constant === undefined ? 'none' : formatShape(constant.shape)}. Use weights of the file.`,
    0,
  );
}

/** A constant of any axes as one row of numbers; undefined if it is left out. */
export function rowOf(place: Place, index: number): Tensor | undefined {
  const constant = constantOf(place, index);
  return constant && tensorOf(constant, [constant.data.length]);
}

/** Whole numbers that are an attribute, or from some opset on an input. */
export function integersOf(
  place: Place,
  name: string,
  index: number,
): readonly number[] | undefined {
  const numbers = listIn(place.node, name) ?? constantOf(place, index)?.data;
  if (numbers === undefined) return undefined;
  const list = [...numbers];
  if (list.every(Number.isInteger)) return list;
  throw new FormatError(
    `${place.where}: expected ${name} to be whole numbers, got ${describe(list)}. Export it with fixed sizes.`,
    0,
  );
}

/** Axes of the graph, without the batch. @throws {FormatError} on the axis of the batch, and on an axis that does not exist. */
export function innerAxes({ where }: Place, x: Value, axes: readonly number[]): readonly number[] {
  const rank = graphShape(x).length + 1;
  return axes.map((axis) => {
    const counted = axis < 0 ? axis + rank : axis;
    if (counted >= 1 && counted < rank) return counted - 1;
    throw new FormatError(
      `${where}: expected axes 1 to ${rank - 1}, not that of the batch, got ${axis}. Leave the images apart.`,
      0,
    );
  });
}

/**
 * A constant as a number for each channel of x, or one for all; undefined if it has others.
 */
export function perChannel({ shape, data }: Constant, x: Value): ArrayLike<number> | undefined {
  if (data.length === 1) return data;
  const target = graphShape(x);
  const channelsFromEnd = target.length - 1 - channelAxisOf(x);
  const isOfChannels = shape
    .toReversed()
    .every((size, fromEnd) => size === (fromEnd === channelsFromEnd ? x.shape[0] : 1));
  return isOfChannels && shape.length <= target.length + 1 ? data : undefined;
}

/** The name that the parameters of a layer have in the file, `conv1` of `conv1.weight`, if it is a name here. */
export function hintOf({ node }: Place, index: number = 1): string | undefined {
  const prefix = /^([A-Za-z_][\w.-]*)\.weight$/.exec(node.inputs[index] ?? '')?.[1];
  return prefix === undefined ? undefined : asName(prefix);
}
