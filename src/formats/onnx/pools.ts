/** Pooling, resizing, zeros and crops of ONNX. @module */
import { FormatError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Padding } from '../../base/types.ts';
import type { FourSides } from '../../base/window.ts';
import {
  addGlobalPool,
  addSides,
  paddingOption,
  sidesOption,
  sizeOption,
  withoutZeros,
} from '../network/additions.ts';
import { addLayer, type Value } from '../network/building.ts';
import { channelAxisOf, graphShape, imageIn } from '../network/views.ts';
import { windowOf } from './convolutions.ts';
import { numberIn, textIn, wrongAttribute } from './node.ts';
import {
  constantOf,
  imageOf,
  innerAxes,
  inputOf,
  integersOf,
  type Place,
  weightOf,
} from './place.ts';

/** `MaxPool` and `AveragePool`. */
export function pool(type: 'maxPool2d' | 'averagePool2d'): (place: Place) => Value {
  return (place) => {
    const { to, where, node } = place;
    const image = imageOf(place);
    const window = windowOf(place, image.shape, []);
    if (window.dilations.some((dilation) => dilation !== 1)) {
      throw wrongAttribute(node, 'dilations', '1', window.dilations);
    }
    const counts = type === 'averagePool2d' && numberIn(node, 'count_include_pad', 0) !== 0;
    const ceilMode = numberIn(node, 'ceil_mode', 0) !== 0;
    // zeros around the image are padding that counts, if nothing else is past the end
    const own = withoutZeros(to, image);
    const fits = own.zeros.every((side, i) => side < (window.kernel[i % 2] ?? 0));
    const isMerged = type === 'averagePool2d' && fits && !ceilMode && !window.pads.some(Boolean);
    const { x, zeros } = isMerged ? own : { x: image, zeros: [0, 0, 0, 0] as FourSides };
    const isCounted = counts || zeros.some(Boolean);
    const isApart = String(window.strides) !== String(window.kernel);
    const spec = {
      type,
      poolSize: sizeOption(window.kernel),
      ...(isApart && { strides: sizeOption(window.strides) }),
      ...poolPadding(addSides(window.pads, zeros), window.kernel),
      ...(ceilMode && { ceilMode }),
      ...(isCounted && { countIncludePad: true }),
    };
    return addLayer(to, where, spec, [x]);
  };
}

/** More than half of a window is said side by side, as the layers want it. */
function poolPadding(around: FourSides, kernel: readonly number[]): { readonly padding?: Padding } {
  const isLarge = around.some((side, i) => side > Math.floor((kernel[i % 2] ?? 0) / 2));
  return isLarge ? { padding: around } : paddingOption(around);
}

/** `GlobalAveragePool` and `GlobalMaxPool`: an image of one pixel. */
export function globalPool(
  type: 'globalAveragePool2d' | 'globalMaxPool2d',
): (place: Place) => Value {
  return (place) => addGlobalPool(place.to, place.where, type, imageOf(place), true);
}

/** `ReduceMean` and `ReduceMax` over all pixels. */
export function reduce(type: 'globalAveragePool2d' | 'globalMaxPool2d'): (place: Place) => Value {
  return (place) => {
    const { to, where, node } = place;
    const x = inputOf(place);
    const axes = innerAxes(place, x, integersOf(place, 'axes', 1) ?? []);
    const plane = [0, 1, 2].filter((axis) => axis !== channelAxisOf(x));
    if (x.shape.length !== 3 || [...axes].sort().join() !== plane.join()) {
      const got = axes.map((axis) => axis + 1);
      throw wrongAttribute(node, 'axes', 'those of height and width', got);
    }
    return addGlobalPool(to, where, type, x, numberIn(node, 'keepdims', 1) !== 0);
  };
}

/** `Pad` with zeros. */
export function pad(place: Place): Value {
  const { to, where, node } = place;
  const x = inputOf(place);
  const mode = textIn(node, 'mode', 'constant');
  if (mode !== 'constant') throw wrongAttribute(node, 'mode', 'constant', mode);
  const value = constantOf(place, 2)?.data[0] ?? numberIn(node, 'value', 0);
  if (value !== 0) throw wrongAttribute(node, 'value', '0', value);
  const rank = graphShape(x).length + 1;
  const pads = integersOf(place, 'pads', 1) ?? [];
  const axes = integersOf(place, 'axes', 3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const counted = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const sides = (axis: number) => {
    const at = counted.indexOf(axis);
    return at < 0 ? [0, 0] : [pads[at] ?? 0, pads[at + axes.length] ?? 0];
  };
  const all = Array.from({ length: rank }, (_, axis) => sides(axis));
  if (all.flat().every((side) => side === 0)) return x;
  const [vertical, horizontal] = planeAxes(x).map((axis) => all[axis + 1] ?? [0, 0]);
  const others = all.filter((_, axis) => !planeAxes(x).includes(axis - 1)).flat();
  const around = [vertical?.[0], horizontal?.[0], vertical?.[1], horizontal?.[1]];
  if (x.shape.length !== 3 || others.some(Boolean) || !around.every((side) => (side ?? 0) >= 0)) {
    throw wrongAttribute(node, 'pads', 'rows and columns around an image', pads);
  }
  const padding = sidesOption(around as FourSides);
  return addLayer(to, where, { type: 'zeroPad2d', padding }, [x]);
}

/** Axes of height and width in the graph, without the batch. */
function planeAxes(x: Value): readonly number[] {
  return x.isLast ? [0, 1] : [1, 2];
}

/** `Slice`: an image without its border. */
export function slice(place: Place): Value {
  const { to, where, node } = place;
  const x = inputOf(place);
  const shape = graphShape(x);
  const [starts, ends] = [integersOf(place, 'starts', 1) ?? [], integersOf(place, 'ends', 2) ?? []];
  const given = integersOf(place, 'axes', 3) ?? starts.map((_, axis) => axis);
  const steps = integersOf(place, 'steps', 4) ?? [];
  if (steps.some((step) => step !== 1)) throw wrongAttribute(node, 'steps', '1', steps);
  const cropping = [0, 0, 0, 0];
  for (const [i, given_axis] of given.entries()) {
    const [axis = 0] = innerAxes(place, x, [given_axis]);
    const size = shape[axis] ?? 0;
    const clip = (end: number) => Math.min(Math.max(end < 0 ? end + size : end, 0), size);
    const [start, end] = [clip(starts[i] ?? 0), clip(ends[i] ?? size)];
    const side = planeAxes(x).indexOf(axis);
    if (start === 0 && end === size) continue;
    if (x.shape.length !== 3 || side < 0) {
      throw wrongAttribute(node, 'axes', 'those of height and width', given);
    }
    cropping[side] = start;
    cropping[side + 2] = size - end;
  }
  if (!cropping.some(Boolean)) return x;
  const sides = sidesOption(cropping as FourSides);
  return addLayer(to, where, { type: 'crop2d', cropping: sides }, [x]);
}

/** `Upsample`, and `Resize` that repeats pixels. */
export function resize(place: Place): Value {
  const { to, where, node } = place;
  const x = inputOf(place);
  const scales = scalesOf(place, x);
  const mode = textIn(node, 'mode', 'nearest');
  if (mode !== 'nearest') throw wrongAttribute(node, 'mode', 'nearest', mode);
  const plane = planeAxes(x);
  const size = plane.map((axis) => scales[axis + 1] ?? 1);
  const isPlane = scales.every((scale, axis) => scale === 1 || plane.includes(axis - 1));
  const image = imageIn(where, x, x.isLast);
  if (
    !isPlane ||
    scales.length !== 4 ||
    !size.every((scale) => Number.isInteger(scale) && scale >= 1)
  ) {
    throw wrongAttribute(node, 'scales', 'whole numbers, of height and width alone', [...scales]);
  }
  if (node.opType === 'Resize' && place.opset >= 11) checkNearest(place, Math.max(...size));
  return addLayer(to, where, { type: 'upsample2d', size: sizeOption(size) }, [image]);
}

/** How many times as large each axis becomes, that of the batch too. */
function scalesOf(place: Place, x: Value): readonly number[] {
  const { node, opset, where } = place;
  const attribute = node.attributes.get('scales');
  if (Array.isArray(attribute)) return attribute as number[];
  const isLate = node.opType === 'Resize' && opset >= 11;
  const scales = constantOf(place, isLate ? 2 : 1);
  if (scales !== undefined && scales.data.length > 0) return [...scales.data];
  const sizes = [...weightOf(place, 3, 1).data].slice(1);
  const from = graphShape(x);
  if (sizes.length === from.length) return [1, ...sizes.map((size, i) => size / (from[i] ?? 1))];
  throw new FormatError(
    `${where}: expected sizes of ${formatShape(from)}, got ${sizes.length}. Use a whole file.`,
    0,
  );
}

/** Throws unless every pixel is repeated: there are several rules for which pixel is nearest. */
function checkNearest({ node }: Place, scale: number): void {
  const from = textIn(node, 'coordinate_transformation_mode', 'half_pixel');
  const rounding = textIn(node, 'nearest_mode', 'round_prefer_floor');
  const isHalf = /^(half_pixel|half_pixel_symmetric|pytorch_half_pixel)$/.test(from);
  const repeats =
    (isHalf && rounding.startsWith('round')) ||
    (from === 'asymmetric' && rounding === 'floor') ||
    (from === 'asymmetric' && rounding === 'round_prefer_floor' && scale <= 2) ||
    (from === 'tf_half_pixel_for_nn' && rounding === 'floor');
  if (repeats) return;
  throw wrongAttribute(
    node,
    'coordinate_transformation_mode and nearest_mode',
    'asymmetric and floor',
    `${from} and ${rounding}`,
  );
}
