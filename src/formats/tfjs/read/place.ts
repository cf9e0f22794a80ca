/** A layer of Keras while it becomes one of ours: its options, its weights, and what it reads. @module */
import { describe, FormatError } from '../../../base/errors.ts';
import { elementCount } from '../../../base/shape.ts';
import type { Shape, Tensor } from '../../../base/types.ts';
import { asName, type Building, filled, spend, type Value } from '../../network/building.ts';
import { graphShape, imageIn } from '../../network/views.ts';
import type { KerasNode } from './graph.ts';

export interface Place {
  readonly to: Building;
  readonly node: KerasNode;
  readonly where: string;
  readonly xs: readonly Value[];
  /** The first input. */
  readonly x: Value;
  /** Its own weights by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly isKeras3: boolean;
  /** Whether nobody else reads the first input. */
  readonly isOnlyReader: boolean;
}

/** What an option that is not understood is refused with. */
export function wrongOption({ where }: Place, name: string, expected: string): FormatError {
  return new FormatError(`${where}: expected ${name} to be ${expected}. Save it so.`, 0);
}

function got(expected: string, value: unknown): string {
  return `${expected}, got ${describe(value)}`;
}

/** A number. `undefined` and null are `otherwise`. */
export function numberOption(place: Place, name: string, otherwise?: number): number {
  const value = place.node.config[name] ?? otherwise;
  if (typeof value === 'number') return value;
  throw wrongOption(place, name, got('a number', value));
}

/** True or false. */
export function flagOption(place: Place, name: string, otherwise: boolean): boolean {
  const value = place.node.config[name] ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw wrongOption(place, name, got('true or false', value));
}

/** A text. */
export function textOption(place: Place, name: string, otherwise: string): string {
  const value = place.node.config[name] ?? otherwise;
  if (typeof value === 'string') return value;
  throw wrongOption(place, name, got('a text', value));
}

/** Two numbers, or one for both; the size is a whole number of at least 1. */
export function pairOption(place: Place, name: string, otherwise: Shape): [number, number] {
  const value = place.node.config[name] ?? otherwise;
  const [height, width] = typeof value === 'number' ? [value, value] : listOf(value);
  const isSize = (size: unknown) => Number.isSafeInteger(size) && Number(size) >= 1;
  if (isSize(height) && isSize(width)) return [Number(height), Number(width)];
  throw wrongOption(place, name, got('two whole numbers', value));
}

/** `[[top, bottom], [left, right]]`, a pair, or a number; as `[top, left, bottom, right]`. */
export function sidesIn(place: Place, name: string): [number, number, number, number] {
  const value = place.node.config[name];
  const [rows, columns] = typeof value === 'number' ? [value, value] : listOf(value);
  const both = (side: unknown) => (typeof side === 'number' ? [side, side] : listOf(side));
  const [[top, bottom], [left, right]] = [both(rows), both(columns)];
  const sides = [top, left, bottom, right];
  if (sides.every((side) => Number.isSafeInteger(side) && Number(side) >= 0)) {
    return sides.map((side) => Number(side) + 0) as [number, number, number, number]; // −0 too
  }
  throw wrongOption(place, name, got('pixels of four sides', value));
}

/** Whole numbers in a row. */
export function integersOption(place: Place, name: string): readonly number[] {
  const value = place.node.config[name];
  const list = typeof value === 'number' ? [value] : listOf(value);
  if (list.length > 0 && list.every(Number.isSafeInteger)) return list as number[];
  throw wrongOption(place, name, got('whole numbers', value));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Throws unless an option has this value, or is absent. */
export function expectOption(place: Place, name: string, value: string | number | boolean): void {
  const given = place.node.config[name] ?? value;
  if (given !== value) throw wrongOption(place, name, got(String(value), given));
}

/** The image that a layer reads: in Keras its channels are last. */
export function imageOf(place: Place): Value {
  expectOption(place, 'data_format', 'channels_last');
  return imageIn(place.where, place.x, true);
}

/** A weight of a layer. @throws {FormatError} if it is missing, or has another number of axes. */
export function weightOf({ weights, where }: Place, name: string, rank: number): Tensor {
  const tensor = weights.get(name);
  if (tensor !== undefined && tensor.shape.length === rank) return tensor;
  const found = [...weights.keys()].slice(0, 6).join(', ');
  throw new FormatError(
    `${where}: expected a weight ${name} of ${rank} axes, got ${tensor === undefined ? `${found || 'none'}` : tensor.shape.length}. Use whole files.`,
    0,
  );
}

/** Numbers of the channels, or a constant where the layer has none. */
export function channelWeight(place: Place, name: string, has: boolean, otherwise: number): Tensor {
  const [channels = 0] = place.x.shape;
  return has ? weightOf(place, name, 1) : filled(place.to, place.where, channels, otherwise);
}

/** `bias`, if the layer has one. */
export function biasOf(place: Place): Tensor | undefined {
  return flagOption(place, 'use_bias', true) ? weightOf(place, 'bias', 1) : undefined;
}

/** The name that its parameters have here, and whether they learn. */
export function extrasOf({ node }: Place): { readonly hint: string | undefined } {
  return { hint: asName(node.name) };
}

/** The option of a frozen layer. */
export function frozenOption(place: Place): { readonly trainable?: false } {
  return place.node.config.trainable === false ? { trainable: false } : {};
}

/**
 * `w[KH, KW, A, B]` with its axes in another order.
 * @param axes Those of the result, by their places: `[3, 2, 0, 1]` is `[B, A, KH, KW]`.
 */
export function turned(
  { to, where }: Place,
  { shape, data }: Tensor,
  axes: readonly number[],
): Tensor {
  spend(to, where, data.length);
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const target = axes.map((axis) => shape[axis] ?? 1);
  const [a = 1, b = 1, c = 1, d = 1] = target;
  const [strideA = 0, strideB = 0, strideC = 0, strideD = 0] = axes.map(
    (axis) => strides[axis] ?? 0,
  );
  const all = new Float32Array(data.length);
  let place = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        for (let l = 0; l < d; l++) {
          all[place++] = data[i * strideA + j * strideB + k * strideC + l * strideD] ?? 0;
        }
      }
    }
  }
  return { shape: target, data: all };
}

/** An axis of a layer, counted with the batch or from the end; of the image alone. In some files it is a list of one. */
export function innerAxis(place: Place, name: string, otherwise?: number): number {
  const value = place.node.config[name] ?? otherwise;
  const [axis] = Array.isArray(value) && value.length === 1 ? value : [value];
  return innerAxisOf(place, name, axis);
}

/** The same of a value. */
export function innerAxisOf(place: Place, name: string, axis: unknown): number {
  const rank = graphShape(place.x).length + 1;
  const counted = typeof axis === 'number' && axis < 0 ? axis + rank : axis;
  if (Number.isInteger(counted) && Number(counted) >= 1 && Number(counted) < rank) {
    return Number(counted) - 1;
  }
  throw wrongOption(place, name, got(`an axis from 1 to ${rank - 1}`, axis));
}
