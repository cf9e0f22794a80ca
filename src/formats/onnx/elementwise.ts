/** Activations, sums and products of ONNX. @module */
import { ShapeError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import {
  addProduct,
  addScale,
  addSum,
  asFeatures,
  channelWeights,
  decimal,
} from '../network/additions.ts';
import { addLayer, filled, spend, type Value } from '../network/building.ts';
import { channelAxisOf, graphShape, viewAs } from '../network/views.ts';
import { type Constant, tensorOf } from './constants.ts';
import { numberIn, wrongAttribute } from './node.ts';
import {
  constantOf,
  hintOf,
  innerAxes,
  inputOf,
  isConstant,
  type Place,
  perChannel,
  weightOf,
} from './place.ts';

/** A layer of one input; its options follow from the node. */
export function simple(specOf: (place: Place) => LayerSpec): (place: Place) => Value {
  return (place) => addLayer(place.to, place.where, specOf(place), [inputOf(place)]);
}

/** An option that is an attribute: its default of ONNX may be another than ours. */
export function optionOf(place: Place, attribute: string, otherwise: number): number {
  return decimal(numberIn(place.node, attribute, otherwise));
}

/** `Clip`: `relu` or `relu6`. Before opset 11 its limits were attributes. */
export function clip(place: Place): Value {
  const { node } = place;
  const limit = (name: string, index: number, none: number) =>
    constantOf(place, index)?.data[0] ?? numberIn(node, name, none);
  const low = limit('min', 1, Number.NEGATIVE_INFINITY);
  const high = limit('max', 2, Number.POSITIVE_INFINITY);
  const isOpen = high > 3e38; // the largest f32 stands for none, too
  if (low < -3e38 && isOpen) return inputOf(place);
  const type = low !== 0 ? undefined : high === 6 ? 'relu6' : isOpen ? 'relu' : undefined;
  if (type === undefined)
    throw wrongAttribute(node, 'min and max', '0 and 6, or 0 and none', [low, high]);
  return addLayer(place.to, place.where, { type }, [inputOf(place)]);
}

/** `Selu`, whose numbers are those of the paper. */
export function selu(place: Place): Value {
  for (const [name, value] of [
    ['alpha', 1.6732632],
    ['gamma', 1.050701],
  ] as const) {
    const got = numberIn(place.node, name, value);
    if (Math.abs(got - value) > 1e-6) throw wrongAttribute(place.node, name, String(value), got);
  }
  return addLayer(place.to, place.where, { type: 'selu' }, [inputOf(place)]);
}

/** `HardSigmoid`: with other numbers than ours, of a scaled input. */
export function hardSigmoid(place: Place): Value {
  const { to, where, node } = place;
  const [alpha, beta] = [optionOf(place, 'alpha', 0.2), optionOf(place, 'beta', 0.5)];
  if (!(alpha > 0)) throw wrongAttribute(node, 'alpha', 'above 0', alpha);
  const x = addScale(to, where, inputOf(place), [6 * alpha], [6 * beta - 3]);
  return addLayer(to, where, { type: 'hardSigmoid' }, [x]);
}

/** `PRelu`: a slope a channel, or one for all. */
export function prelu(place: Place): Value {
  const { to, where } = place;
  const x = inputOf(place);
  const slope = weightOf(place, 1);
  const [channels = 0] = x.shape;
  const isRow = place.opset < 7 && slope.data.length === channels; // later it lies along the last axis
  const slopes = isRow ? slope.data : perChannel(slope, x);
  if (slopes === undefined) throw notOfChannels(place, slope, x);
  const whole =
    slopes.length === channels
      ? tensorOf(slope, [channels])
      : filled(to, where, channels, slopes[0] ?? 0);
  const weights = channelWeights(to, where, x, { weight: whole });
  return addLayer(to, where, { type: 'prelu' }, [x], { weights, hint: hintOf(place) });
}

/** `Softmax` over features. Before opset 13 the axis was 1 by default, and all behind it one row. */
export function softmax(place: Place): Value {
  const { to, where, node, opset } = place;
  const x = inputOf(place);
  const [axis = 0] = innerAxes(place, x, [numberIn(node, 'axis', opset < 13 ? 1 : -1)]);
  const isRow = x.shape.length === 1 || elementCount(x.shape) === graphShape(x)[axis];
  if (!isRow || (x.shape.length > 1 && axis !== channelAxisOf(x))) {
    throw new ShapeError(
      `${where}: expected one row of features an image, got ${formatShape(graphShape(x))}. Flatten it before.`,
    );
  }
  const row = addLayer(to, where, { type: 'softmax' }, [asFeatures(where, x)]);
  return viewAs(where, row, graphShape(x), x.isLast);
}

/** `Add`, `Sub`, `Mul` and `Div` of one value and a constant: scale and shift of each channel. */
type Affine = (
  c: ArrayLike<number>,
  isFirst: boolean,
) => readonly [scale: number[], shift: number[]] | undefined;

const AFFINE: Readonly<Record<string, Affine>> = {
  Add: (c) => [[1], Array.from(c)],
  Sub: (c, isFirst) => (isFirst ? [[-1], Array.from(c)] : [[1], Array.from(c, (v) => -v)]),
  Mul: (c) => [Array.from(c), [0]],
  Div: (c, isFirst) => (isFirst ? undefined : [Array.from(c, (v) => 1 / v), [0]]),
};

/** An operator of two values, or of more; one of them may be a constant. */
export function arithmetic(place: Place): Value {
  const { to, where, node, inputs } = place;
  if (node.attributes.has('axis')) {
    throw wrongAttribute(node, 'axis', 'absent, as from opset 7 on', node.attributes.get('axis'));
  }
  const constants = inputs.filter(isConstant);
  const values = inputs.filter(
    (known): known is Value => known !== undefined && !isConstant(known),
  );
  const [constant] = constants;
  if (constant === undefined) {
    if (values.length < 2) return inputOf(place);
    const sumOrProduct = { Add: addSum, Sum: addSum, Mul: addProduct }[node.opType];
    if (sumOrProduct !== undefined) return sumOrProduct(to, where, values);
    throw new ShapeError(
      `${where}: expected a constant as one of its inputs, got two values. Use Add or Mul.`,
    );
  }
  const [x] = values;
  const affine = AFFINE[node.opType];
  if (x === undefined || affine === undefined || values.length + constants.length !== 2) {
    throw new ShapeError(
      `${where}: expected values that depend on the image, got constants among them. Fold the constants when you export.`,
    );
  }
  const numbers = perChannel(constant, x);
  if (numbers === undefined) throw notOfChannels(place, constant, x);
  spend(to, where, numbers.length);
  const both = affine(numbers, isConstant(inputs[0]));
  if (both === undefined) {
    throw new ShapeError(
      `${where}: expected a constant to divide by, got one to be divided. Use Div the other way round.`,
    );
  }
  const [scale, shift] = both;
  const isNothing = scale.every((v) => v === 1) && shift.every((v) => v === 0);
  return isNothing ? x : addScale(to, where, x, scale, shift);
}

function notOfChannels({ where }: Place, { shape }: Constant, x: Value): ShapeError {
  return new ShapeError(
    `${where}: expected a constant of one number, or one a channel of ${formatShape(graphShape(x))}, got ${formatShape(shape)}. Use such a constant.`,
  );
}
