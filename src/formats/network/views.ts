/**
 * The order of axes of a graph beside ours. Images there may have their channels last, and features may be such images in a
 * row; neither moves a number here. The columns of the dense layer that reads such features are put into our order instead.
 * @module
 */
import { ShapeError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { type Building, spend, type Value } from './building.ts';

/** The shape that a value has in the graph, without the batch. */
export function graphShape({ shape, isLast }: Value): Shape {
  return isLast ? toLast(shape) : shape;
}

function toLast([channels = 1, ...plane]: Shape): Shape {
  return [...plane, channels];
}

/** Channels first of channels last. */
export function toFirst(shape: Shape): Shape {
  return [shape.at(-1) ?? 1, ...shape.slice(0, -1)];
}

/** The axis of the channels in the graph, without the batch. */
export function channelAxisOf({ shape, isLast }: Value): number {
  return isLast ? shape.length - 1 : 0;
}

/** Whether the numbers of a value follow one another as they do here. */
function isInOrder({ shape, isLast, parts }: Value): boolean {
  return parts === undefined && (!isLast || isFlat(shape));
}

/** Whether it makes no difference which of its axes is that of the channels: there is one, or one pixel. */
export function isFlat([channels = 1, ...plane]: Shape): boolean {
  return channels === 1 || elementCount(plane) === 1;
}

/** Axes of an image of any graph. */
const MOST_AXES = 8;

/**
 * The same numbers under another shape of the graph.
 * @param prefersLast Whether an image of the graph has its channels last if nothing else is known.
 * @throws {ShapeError} if there are more or fewer, or if they would have to move here.
 */
export function viewAs(where: string, value: Value, target: Shape, prefersLast: boolean): Value {
  const from = graphShape(value);
  if (target.length > MOST_AXES) {
    throw new ShapeError(
      `${where}: expected at most ${MOST_AXES} axes, got ${target.length}. Use fewer.`,
    );
  }
  if (formatShape(from) === formatShape(target)) return value;
  if (elementCount(from) !== elementCount(target)) {
    throw new ShapeError(
      `${where}: expected a shape of ${elementCount(from)} numbers, as ${formatShape(from)} has, got ${formatShape(target)}. Keep their number, image by image.`,
    );
  }
  const { index } = value;
  if (isInOrder(value)) {
    const isLast = prefersLast && target.length === 3 && isFlat(toFirst(target));
    return { index, shape: isLast ? toFirst(target) : target, isLast };
  }
  const [image, ...others] = value.parts ?? [value.shape];
  if (target.length === 1 && image !== undefined) {
    return { index, shape: target, isLast: false, parts: [image, ...others] };
  }
  // pixels may be arranged anew as long as each keeps its channels
  const isImage = target.length === 3 && others.length === 0 && target.at(-1) === image?.[0];
  if (isImage) return { index, shape: toFirst(target), isLast: true };
  throw new ShapeError(
    `${where}: expected a shape that keeps the channels, which are last, got ${formatShape(from)} as ${formatShape(target)}. Flatten it, or turn its axes before.`,
  );
}

/**
 * A value with its axes in another order.
 * @param order Places of the axes in the graph, without the batch: `[2, 0, 1]` makes the last the first.
 * @throws {ShapeError} unless it is that of an image whose channels go from last to first, or back.
 */
export function turn(where: string, value: Value, order: readonly number[]): Value {
  const from = graphShape(value);
  if (order.every((axis, place) => axis === place) && order.length === from.length) return value;
  const text = order.join();
  if (from.length === 3 && text === '1,2,0' && !value.isLast) return { ...value, isLast: true };
  if (from.length === 3 && text === '2,0,1' && value.isLast) return { ...value, isLast: false };
  const moving = order.filter((axis) => from[axis] !== 1);
  if (moving.every((axis, i) => axis >= (moving[i - 1] ?? 0)) && isInOrder(value)) {
    return viewAs(
      where,
      value,
      order.map((axis) => from[axis] ?? 1),
      false,
    ); // axes of size 1 alone
  }
  throw new ShapeError(
    `${where}: expected axes of an image in the order of channels first or last, got ${order.map((axis) => axis + 1).join(', ')} of ${formatShape(from)}. Turn the axes before, outside of the file.`,
  );
}

/** An image in an order of axes. @throws {ShapeError} if it is none, or its channels are elsewhere. */
export function imageIn(where: string, value: Value, isLast: boolean): Value {
  if (value.shape.length === 3 && value.isLast === isLast) return value;
  const shape = graphShape(value);
  const other = isLast ? toFirst(shape) : shape;
  if (shape.length === 3 && isFlat(isLast ? other : value.shape)) {
    return { ...value, shape: other, isLast };
  }
  throw new ShapeError(
    `${where}: expected an image with its channels ${isLast ? 'last' : 'first'}, got ${formatShape(graphShape(value))}. Use images [batch, ${isLast ? 'height, width, channels' : 'channels, height, width'}].`,
  );
}

/** Values that one layer reads, all in one order of axes. @throws {ShapeError} if they are not. */
export function inOneOrder(where: string, values: readonly Value[]): readonly Value[] {
  const [first] = values;
  const isSame = values.every(
    (value) =>
      value.shape.length !== first?.shape.length ||
      (value.isLast === first.isLast && String(value.parts) === String(first.parts)),
  );
  if (isSame) return values;
  throw new ShapeError(
    `${where}: expected inputs with their axes in one order, got ${values.map((value) => formatShape(graphShape(value))).join(' and ')}. Turn the axes of one.`,
  );
}

/** Features behind one another. */
export function joinParts(values: readonly Value[]): readonly Shape[] | undefined {
  if (values.every(({ parts }) => parts === undefined)) return undefined;
  return values.flatMap(({ shape, parts }) => parts ?? [[...shape, 1, 1]]);
}

/**
 * Rows with a number for each feature, `data[rows, features]`, in our order of features.
 * @param parts What the features of the graph are. @param width Numbers of a feature: more than one if it has a row of them.
 */
export function inOurOrder(
  to: Building,
  where: string,
  { shape, data }: Tensor,
  parts: readonly Shape[] | undefined,
  width: number = 1,
): Tensor {
  const features = (parts ?? []).reduce((total, part) => total + elementCount(part), 0);
  const isRow = (shape.at(width === 1 ? -1 : 0) ?? 0) === features;
  if (parts === undefined || !isRow) return { shape, data }; // of another length, it is refused by its layer
  spend(to, where, data.length);
  const moved = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += features * width) {
    let start = row;
    for (const [channels = 0, ...plane] of parts) {
      const pixels = elementCount(plane);
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let c = 0; c < channels; c++) {
          const from = start + (pixel * channels + c) * width;
          moved.set(data.subarray(from, from + width), start + (c * pixels + pixel) * width);
        }
      }
      start += channels * pixels * width;
    }
  }
  return { shape, data: moved };
}
