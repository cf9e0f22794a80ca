/**
 * What speaks for a unit of a dense layer, and what against it, number by number:
 *
 *   y[k] = Σᵢ w[k, i]·x[i] + b[k]
 *
 * Each product is a piece of evidence, for the unit if it is above 0. They are grouped as their inputs are: a part is a map
 * if the layer reads maps, and all of its inputs if it reads units.
 * @module
 */
import type { Shape } from 'convlet';
import { type Frame, parametersOf, valueAt } from './forward.ts';
import type { Matrix } from './paint.ts';
import { makerOf, type Stage } from './stages.ts';

export interface Part {
  readonly input: Matrix;
  readonly weight: Matrix;
  readonly product: Matrix;
  /** Sum of the products. */
  readonly sum: number;
}

export interface Evidence {
  readonly parts: readonly Part[];
  /** Whether each part is a map. */
  readonly isMaps: boolean;
  /** How many inputs the unit weighs. */
  readonly count: number;
  /** Sum of the products above 0, and of those below. */
  readonly pro: number;
  readonly contra: number;
  /** Undefined if the layer has none. */
  readonly bias: number | undefined;
  /** What the network itself has, summed in f32 in the order of its kernels. */
  readonly total: number;
}

/** The evidence for unit `unit` of a stage that a dense layer makes. */
export function evidenceOf(frame: Frame, stage: Stage, unit: number): Evidence {
  const [first] = stage.layers;
  const layer = makerOf(frame, stage);
  const { weight, bias } = parametersOf(frame.weights, layer, first);
  if (weight === undefined) throw new Error('internal: expected the weight of a dense layer.');
  const { data } = valueAt(frame.values, frame.inputs[first]?.[0] ?? 0);
  const shape = shapeOf(frame, stage, data.length);
  const row = weight.data.subarray(unit * data.length, (unit + 1) * data.length);
  const products = Float64Array.from(row, (value, i) => value * (data[i] ?? 0));
  const [, channels = 1, height = 1, width = 1] = shape;
  const parts = Array.from({ length: channels }, (_, channel): Part => {
    const [start, end] = [channel * height * width, (channel + 1) * height * width];
    const of = (values: Float32Array | Float64Array) => ({
      width,
      height,
      values: values.subarray(start, end),
    });
    const product = of(products);
    return { input: of(data), weight: of(row), product, sum: sumOf(product.values) };
  });
  return {
    parts,
    isMaps: parts.length > 1,
    count: data.length,
    pro: sumOf(products.filter((value) => value > 0)),
    contra: sumOf(products.filter((value) => value < 0)),
    bias: bias?.data[unit],
    total: valueAt(frame.values, first + 1).data[unit] ?? 0,
  };
}

/** `[1, C, H, W]` of the maps that the layer reads; of units one picture, as square as its number of units allows. */
function shapeOf(frame: Frame, { before }: Stage, count: number): Shape {
  for (let stage = before; stage !== undefined; stage = stage.before) {
    const { shape, data } = valueAt(frame.values, stage.value);
    if (data.length !== count || makerOf(frame, stage).type === 'dense') break;
    const [, , height = 1, width = 1] = shape;
    if (height * width > 1) return shape;
  }
  const { shape } = frame.image;
  if (before === undefined && frame.image.data.length === count) return shape;
  const width = Math.ceil(Math.sqrt(count));
  return [1, 1, Math.ceil(count / width), width];
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}

/**
 * Numbers rounded so that they add up to the rounded total, as printed sums should: each is rounded down, and those with
 * the largest remainders up instead (Hamilton's method). None is off by a whole unit of its last digit.
 */
export function roundedToSum(values: readonly number[], total: number, digits: number): number[] {
  const unit = 10 ** digits;
  const floors = values.map((value) => Math.floor(value * unit));
  const remainder = (i: number) => (values[i] ?? 0) * unit - (floors[i] ?? 0);
  const missing = Math.round(total * unit) - sumOf(floors);
  const up = new Set(
    [...values.keys()].toSorted((a, b) => remainder(b) - remainder(a)).slice(0, missing),
  );
  return floors.map((floor, i) => (floor + (up.has(i) ? 1 : 0)) / unit);
}
