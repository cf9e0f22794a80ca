/** Operators of ONNX that move no number: other shapes, other orders of axes, other types. @module */
import { FormatError, ShapeError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import { addConcat } from '../network/additions.ts';
import { spend, type Value } from '../network/building.ts';
import { rearranged } from '../network/rearranged.ts';
import { graphShape, toFirst, turn, viewAs } from '../network/views.ts';
import { type Constant, isFloatType } from './constants.ts';
import { listIn, numberIn, wrongAttribute } from './node.ts';
import { constantOf, innerAxes, inputOf, integersOf, isConstant, type Place } from './place.ts';

/** `Identity`, and what is one when nothing trains. */
export function same(place: Place): Value {
  return inputOf(place);
}

/** `Cast` between kinds of floats. */
export function cast(place: Place): Value {
  const type = numberIn(place.node, 'to');
  if (!isFloatType(type)) throw wrongAttribute(place.node, 'to', 'a type of floats', type);
  return inputOf(place);
}

/** `Shape`: the sizes of an image; how many there are is not known. */
export function sizes(place: Place): Constant {
  const { to, where, node } = place;
  const all = [Number.NaN, ...graphShape(inputOf(place))];
  spend(to, where, all.length);
  const end = numberIn(node, 'end', all.length);
  const data = Float64Array.from(all.slice(numberIn(node, 'start', 0), end));
  return { shape: [data.length], data, isWhole: true };
}

/** `Flatten` of all axes but that of the batch. */
export function flatten(place: Place): Value {
  const { where, node } = place;
  const x = inputOf(place);
  const [axis] = innerAxes(place, x, [numberIn(node, 'axis', 1)]);
  if (axis !== 0) throw wrongAttribute(node, 'axis', '1', numberIn(node, 'axis', 1));
  return viewAs(where, x, [elementCount(x.shape)], false);
}

/** `Reshape` that leaves the images apart. Its first size is 0, −1, that of the batch, or not known. */
export function reshape(place: Place): Value {
  const { where, node, batch } = place;
  const x = inputOf(place);
  const from = graphShape(x);
  const [first = Number.NaN, ...rest] = constantOf(place, 1)?.data ?? listIn(node, 'shape') ?? [];
  const keepsZero = numberIn(node, 'allowzero', 0) !== 0;
  const sizes = rest.map((size, axis) => (size === 0 && !keepsZero ? (from[axis] ?? 0) : size));
  const known = elementCount(sizes.filter((size) => size !== -1));
  const target = sizes.map((size) => (size === -1 ? elementCount(from) / known : size));
  const isWhole = target.every((size) => Number.isInteger(size) && size > 0);
  const isBatch = Number.isNaN(first) || first === 0 || first === -1 || first === batch;
  if (!(isWhole && isBatch && rest.length > 0)) {
    throw new FormatError(
      `${where}: expected a shape [batch, …] of ${formatShape(from)} for each image, got [${[first, ...rest].slice(0, 8).join(', ')}]. Leave the images apart.`,
      0,
    );
  }
  return viewAs(where, x, target, false);
}

/** `Squeeze`. */
export function squeeze(place: Place): Value {
  const { where } = place;
  const x = inputOf(place);
  const from = graphShape(x);
  const given = integersOf(place, 'axes', 1);
  const axes = given === undefined ? undefined : innerAxes(place, x, given);
  const isOut = (size: number, axis: number) => axes?.includes(axis) ?? size === 1;
  const target = from.filter((size, axis) => !isOut(size, axis));
  if (target.length > 0) return viewAs(where, x, target, false);
  throw new ShapeError(
    `${where}: expected an axis that is left beside the batch, got none of ${formatShape(from)}. Keep one.`,
  );
}

/** `Unsqueeze`. */
export function unsqueeze(place: Place): Value {
  const { where } = place;
  const x = inputOf(place);
  const from = graphShape(x);
  const axes = integersOf(place, 'axes', 1) ?? [];
  const wide = { ...x, shape: [...from, ...axes.map(() => 1)], isLast: false };
  const ones = innerAxes(place, wide, axes);
  const rest = [...from];
  const target = wide.shape.map((_, axis) => (ones.includes(axis) ? 1 : (rest.shift() ?? 1)));
  return viewAs(where, x, target, false);
}

/** `Transpose` of an image, between channels first and last. */
export function transpose(place: Place): Value {
  const { where, node } = place;
  const x = inputOf(place);
  const rank = graphShape(x).length + 1;
  const [first, ...order] =
    listIn(node, 'perm', rank) ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (first === 0 && !x.isLast && String(order) === '3,1,2' && x.shape.length === 3) {
    const decoded = rearranged(place.to, where, x, toFirst(x.shape));
    if (decoded !== undefined) return decoded;
  }
  if (first === 0)
    return turn(
      where,
      x,
      order.map((axis) => axis - 1),
    );
  throw wrongAttribute(node, 'perm', 'axes after that of the batch', [first ?? 0, ...order]);
}

/** `Concat` along channels. */
export function concat(place: Place): Value {
  const { to, where, node, inputs } = place;
  const values = inputs.map((_, i) => inputOf(place, i));
  const [x] = values;
  if (x === undefined || inputs.some(isConstant))
    throw new FormatError(`${where}: expected inputs, got none. Use a whole file.`, 0);
  const [axis = 0] = innerAxes(place, x, [numberIn(node, 'axis')]);
  return addConcat(to, where, values, axis);
}
