/** Layers that more than one node of a graph becomes, and what is merged into a layer. @module */
import { ShapeError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Padding, Sides, Tensor } from '../../base/types.ts';
import { type FourSides, fourSides } from '../../base/window.ts';
import {
  addLayer,
  type Building,
  filled,
  layerOf,
  spend,
  type Value,
  valueAt,
} from './building.ts';
import { channelAxisOf, graphShape, inOneOrder, inOurOrder, joinParts, viewAs } from './views.ts';

/** The shortest decimal that is the same number in single precision: files hold 1e-5 as 0.000009999999747378752. */
export function decimal(value: number): number {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}

/** One number if both are the same. */
export function sizeOption([height = 1, width = 1]: readonly number[]): number | [number, number] {
  return height === width ? height : [height, width];
}

/** The same of four sides. */
export function sidesOption([top, left, bottom, right]: FourSides): Sides {
  if (top !== bottom || left !== right) return [top, left, bottom, right];
  return top === left ? top : [top, left];
}

/** Padding that is part of a layer: none needs no option. */
export function paddingOption(around: FourSides): { readonly padding?: Padding } {
  return around.some((side) => side > 0) ? { padding: sidesOption(around) } : {};
}

/**
 * What a layer reads without the zeros around it, if a layer before it put them there: as its own padding they are
 * the same numbers.
 */
export function withoutZeros(
  to: Building,
  value: Value,
): { readonly x: Value; readonly zeros: FourSides } {
  const layer = layerOf(to, value);
  if (layer?.spec.type !== 'zeroPad2d') return { x: value, zeros: [0, 0, 0, 0] };
  const [input = 0] = layer.inputs;
  return { x: valueAt(to, input, value.isLast), zeros: fourSides(layer.spec.padding) };
}

/** Padding on each side, together. */
export function addSides(a: FourSides, b: FourSides): FourSides {
  return a.map((side, i) => side + (b[i] ?? 0)) as FourSides;
}

/**
 * What only scales and shifts: a batch normalisation of mean 0 and variance 1 that is frozen. Its epsilon is a power of two, so that
 * variance + epsilon is 1 without rounding.
 */
const SCALE = { type: 'batchNorm', epsilon: 2 ** -10, trainable: false } as const;

/** Scale and shift of each channel, or one of each for all. Two in a row become one. */
export function addScale(
  to: Building,
  where: string,
  x: Value,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
): Value {
  const [channels = 0] = x.shape;
  const perChannel = (values: ArrayLike<number>): Tensor => {
    spend(to, where, channels);
    const data = Float32Array.from({ length: channels }, (_, c) => values[c % values.length] ?? 0);
    return inOurOrder(to, where, { shape: [channels], data }, x.parts);
  };
  const [weight, bias] = [perChannel(scale), perChannel(shift)];
  const before = layerOf(to, x);
  const isScaled = JSON.stringify(before?.spec) === JSON.stringify(SCALE);
  if (before !== undefined && isScaled) {
    const [own, ownBias] = [before.weights.weight?.data ?? [], before.weights.bias?.data ?? []];
    const both = weight.data.map((factor, c) => factor * (own[c] ?? 0));
    const added = bias.data.map((b, c) => b + (weight.data[c] ?? 0) * (ownBias[c] ?? 0));
    const weights = {
      ...before.weights,
      weight: { shape: [channels], data: both },
      bias: { shape: [channels], data: added },
    };
    const [input = 0] = before.inputs;
    return addLayer(to, where, SCALE, [{ ...x, index: input }], { weights });
  }
  const weights = {
    weight,
    bias,
    running_mean: filled(to, where, channels, 0),
    running_var: filled(to, where, channels, 1 - SCALE.epsilon),
  };
  return addLayer(to, where, SCALE, [x], { weights });
}

/** Numbers of the channels of a value, in our order; x has features or an image. */
export function channelWeights(
  to: Building,
  where: string,
  x: Value,
  weights: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, inOurOrder(to, where, tensor, x.parts)]),
  );
}

/**
 * A dense layer.
 * @param weight `[units, inputs]`, the inputs in the order of the graph.
 */
export function addDense(
  to: Building,
  where: string,
  x: Value,
  weight: Tensor,
  bias: Tensor | undefined,
  hint: string | undefined,
  options: { readonly trainable?: false } = {},
): Value {
  const [units = 0] = weight.shape;
  const { parts, ...features } = x;
  return addLayer(
    to,
    where,
    { type: 'dense', units, ...(bias === undefined && { useBias: false }), ...options },
    [features],
    { weights: { weight: inOurOrder(to, where, weight, parts), bias }, hint },
  );
}

/** A mean or a maximum over all pixels. The graph may keep an image of one pixel. */
export function addGlobalPool(
  to: Building,
  where: string,
  type: 'globalAveragePool2d' | 'globalMaxPool2d',
  x: Value,
  keepsPixel: boolean,
): Value {
  const pooled = { ...addLayer(to, where, { type }, [x]), isLast: false };
  const [channels = 0] = pooled.shape;
  return keepsPixel ? { ...pooled, shape: [channels, 1, 1], isLast: x.isLast } : pooled;
}

/** A sum of values of one shape. */
export function addSum(to: Building, where: string, values: readonly Value[]): Value {
  return addLayer(to, where, { type: 'add' }, inOneOrder(where, values));
}

/** A product of values of one shape, or of images and images of one pixel. */
export function addProduct(to: Building, where: string, values: readonly Value[]): Value {
  const whole = values.find(({ shape }) => shape.length !== 3 || elementCount(shape.slice(1)) > 1);
  const factors = values.map((value) => {
    const [channels = 0, ...plane] = value.shape;
    const isGate = whole?.shape.length === 3 && plane.length === 2 && elementCount(plane) === 1;
    return isGate ? { ...value, shape: [channels], isLast: false } : value;
  });
  const first = factors.find(({ shape }) => shape.length === whole?.shape.length);
  return {
    ...addLayer(to, where, { type: 'multiply' }, inOneOrder(where, factors)),
    ...orderOf(first),
  };
}

function orderOf(value: Value | undefined): Partial<Value> {
  return value === undefined ? {} : { isLast: value.isLast };
}

/** Values behind one another along an axis of the graph, without the batch. @throws {ShapeError} unless it is that of channels. */
export function addConcat(
  to: Building,
  where: string,
  values: readonly Value[],
  axis: number,
): Value {
  const [first] = values;
  if (first === undefined || axis !== channelAxisOf(first)) {
    throw new ShapeError(
      `${where}: expected an axis of channels, got axis ${axis + 1} of ${formatShape(graphShape(first ?? { index: 0, shape: [], isLast: false }))}. Join channels alone.`,
    );
  }
  const parts = first.shape.length === 1 ? joinParts(values) : undefined;
  const joined =
    parts === undefined ? inOneOrder(where, values) : values.map(({ parts: _, ...rest }) => rest);
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  const y = addLayer(to, where, { type: 'concat' }, joined);
  return parts === undefined ? y : { ...y, parts };
}

/** An image of one pixel, or features, as features. */
export function asFeatures(where: string, x: Value): Value {
  return x.shape.length === 1 ? x : viewAs(where, x, [elementCount(x.shape)], false);
}
