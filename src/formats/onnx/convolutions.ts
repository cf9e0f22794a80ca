/** Convolutions and dense layers of ONNX. @module */
import { FormatError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import type { FourSides } from '../../base/window.ts';
import {
  addDense,
  addSides,
  paddingOption,
  sidesOption,
  sizeOption,
  withoutZeros,
} from '../network/additions.ts';
import { addLayer, spend, type Value } from '../network/building.ts';
import { tensorOf } from './constants.ts';
import { expectNumber, listIn, numberIn, textIn, wrongAttribute } from './node.ts';
import { hintOf, imageOf, inputOf, type Place, rowOf, weightOf } from './place.ts';

/** A sliding window as attributes say it. */
export interface NodeWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** How far windows reach beyond the image. */
  readonly pads: FourSides;
}

/** The window of a node over an image `[C, H, W]`. @param kernel Its size, unless the node says one. */
export function windowOf({ node }: Place, [, ...plane]: Shape, kernel: Shape): NodeWindow {
  const given = listIn(node, 'kernel_shape', 2);
  if (given !== undefined && kernel.length > 0 && String(given) !== String(kernel)) {
    throw wrongAttribute(node, 'kernel_shape', formatShape(kernel), given);
  }
  const sizes = given ?? kernel;
  if (sizes.length !== 2) throw wrongAttribute(node, 'kernel_shape', 'a list of 2 numbers', sizes);
  const strides = listIn(node, 'strides', 2) ?? [1, 1];
  const dilations = listIn(node, 'dilations', 2) ?? [1, 1];
  const whole = { kernel: sizes, strides, dilations };
  return { ...whole, pads: padsOf({ node }, plane, whole) };
}

/** Before and after, of rows and columns. */
function padsOf(
  { node }: Pick<Place, 'node'>,
  plane: Shape,
  { kernel, strides, dilations }: Omit<NodeWindow, 'pads'>,
): FourSides {
  const auto = textIn(node, 'auto_pad', 'NOTSET');
  if (auto === 'NOTSET' || auto === 'VALID') {
    const [top = 0, left = 0, bottom = 0, right = 0] =
      (auto === 'NOTSET' && listIn(node, 'pads', 4)) || [];
    return [top, left, bottom, right];
  }
  if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') {
    throw wrongAttribute(node, 'auto_pad', 'NOTSET, VALID, SAME_UPPER or SAME_LOWER', auto);
  }
  const total = plane.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    const span = (dilations[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + span - size);
  });
  return halves(total, auto === 'SAME_LOWER');
}

/** Padding in two halves, the odd pixel before or after the image. */
function halves(total: readonly number[], isBefore: boolean): FourSides {
  const [above = 0, left = 0] = total.map((pixels) =>
    isBefore ? Math.ceil(pixels / 2) : Math.floor(pixels / 2),
  );
  return [above, left, (total[0] ?? 0) - above, (total[1] ?? 0) - left];
}

/** Strides and dilation as options: those of 1 need none. */
function stepsOf({ strides, dilations }: NodeWindow): object {
  const isOne = (sizes: readonly number[]) => sizes.every((size) => size === 1);
  return {
    ...(!isOne(strides) && { strides: sizeOption(strides) }),
    ...(!isOne(dilations) && { dilation: sizeOption(dilations) }),
  };
}

/** `Conv`: by its groups a `conv2d` or a `depthwiseConv2d`. */
export function conv(place: Place): Value {
  const { to, where } = place;
  const given = imageOf(place);
  const { x, zeros } = withoutZeros(to, given);
  const weight = tensorOf(weightOf(place, 1, 4));
  const bias = rowOf(place, 2);
  const [filters = 0, , ...kernel] = weight.shape;
  const window = windowOf(place, given.shape, kernel); // padding of its own is that of the padded image
  const groups = numberIn(place.node, 'group', 1);
  const [channels = 0] = x.shape;
  const common = {
    kernelSize: sizeOption(window.kernel),
    ...stepsOf(window),
    ...paddingOption(addSides(window.pads, zeros)),
    ...(bias === undefined && { useBias: false }),
  };
  const extras = { weights: { weight, bias }, hint: hintOf(place) };
  if (groups !== channels || groups === 1 || filters % channels !== 0) {
    const spec = { type: 'conv2d', filters, ...common, ...(groups !== 1 && { groups }) } as const;
    return addLayer(to, where, spec, [x], extras);
  }
  const multiplier = filters / channels;
  const many = multiplier > 1 && { multiplier };
  return addLayer(to, where, { type: 'depthwiseConv2d', ...common, ...many }, [x], extras);
}

/** `ConvTranspose`. */
export function convTranspose(place: Place): Value {
  const { to, where, node } = place;
  const x = imageOf(place);
  const weight = tensorOf(weightOf(place, 1, 4));
  const bias = rowOf(place, 2);
  const [, groupFilters = 0, ...kernel] = weight.shape;
  const groups = numberIn(node, 'group', 1);
  const { pads, outputPadding, window } = transposePads(place, x.shape, kernel);
  const spec = {
    type: 'conv2dTranspose',
    filters: groupFilters * groups,
    kernelSize: sizeOption(window.kernel),
    ...stepsOf(window),
    ...(pads.some((side) => side > 0) && { padding: sidesOption(pads) }),
    ...(outputPadding.some((extra) => extra > 0) && { outputPadding: sizeOption(outputPadding) }),
    ...(groups !== 1 && { groups }),
    ...(bias === undefined && { useBias: false }),
  } as const;
  return addLayer(to, where, spec, [x], { weights: { weight, bias }, hint: hintOf(place) });
}

/** What is cut off the outputs of a transposed convolution, and what is added to them; `output_shape` says both at once. */
function transposePads(
  place: Place,
  [, ...plane]: Shape,
  kernel: Shape,
): { pads: FourSides; outputPadding: readonly number[]; window: NodeWindow } {
  const { node } = place;
  const auto = textIn(node, 'auto_pad', 'NOTSET');
  const added = listIn(node, 'output_padding', 2) ?? [0, 0];
  const sizes = listIn(node, 'output_shape')?.slice(-2);
  // its padding follows from its output, not from its input
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'auto_pad'));
  const window = windowOf({ ...place, node: { ...node, attributes } }, [1, ...plane], kernel);
  if (sizes === undefined && !auto.startsWith('SAME')) {
    const none: FourSides = [0, 0, 0, 0];
    return { pads: auto === 'VALID' ? none : window.pads, outputPadding: added, window };
  }
  const total = plane.map((size, axis) => {
    const stride = window.strides[axis] ?? 1;
    const span = (window.dilations[axis] ?? 1) * ((window.kernel[axis] ?? 1) - 1) + 1;
    const output = sizes?.[axis] ?? size * stride;
    return stride * (size - 1) + (added[axis] ?? 0) + span - output;
  });
  const outputPadding = total.map((pixels, axis) => (added[axis] ?? 0) + Math.max(0, -pixels));
  const cut = total.map((pixels) => Math.max(0, pixels));
  return { pads: halves(cut, auto !== 'SAME_UPPER'), outputPadding, window };
}

/** `Gemm`, `α·x·W + β·b`. */
export function gemm(place: Place): Value {
  const { where, node } = place;
  expectNumber(node, 'transA', 0);
  const weight = weightOf(place, 1, 2);
  const isTurned = numberIn(node, 'transB', 0) !== 0;
  const alpha = numberIn(node, 'alpha', 1);
  const units = weight.shape[isTurned ? 0 : 1] ?? 0;
  const scaled = scaledBy(place, alpha, isTurned ? tensorOf(weight) : turned(place, weight));
  const bias = biasOf(place, units);
  return addDense(place.to, where, inputOf(place), scaled, bias, hintOf(place));
}

/** `MatMul` of features and a weight. */
export function matMul(place: Place): Value {
  const { to, where } = place;
  return addDense(
    to,
    where,
    inputOf(place),
    turned(place, weightOf(place, 1, 2)),
    undefined,
    hintOf(place),
  );
}

/** `w[in, out]` as `[out, in]`. */
function turned(
  { to, where }: Place,
  { shape, data }: Tensor | ReturnType<typeof weightOf>,
): Tensor {
  const [rows = 0, columns = 0] = shape;
  spend(to, where, data.length);
  const all = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      all[column * rows + row] = data[row * columns + column] ?? 0;
    }
  }
  return { shape: [columns, rows], data: all };
}

function scaledBy({ to, where }: Place, factor: number, tensor: Tensor): Tensor {
  if (factor === 1) return tensor;
  spend(to, where, tensor.data.length);
  return { shape: tensor.shape, data: tensor.data.map((value) => value * factor) };
}

/** The last input of a `Gemm`, one for each unit or one for all. */
function biasOf(place: Place, units: number): Tensor | undefined {
  const row = rowOf(place, 2);
  if (row === undefined) return undefined;
  const count = elementCount(row.shape);
  if (count !== units && count !== 1) {
    throw new FormatError(
      `${place.where}: expected ${units} numbers to add, got ${count}. Use a whole file.`,
      0,
    );
  }
  spend(place.to, place.where, units);
  const beta = numberIn(place.node, 'beta', 1);
  const data = Float32Array.from({ length: units }, (_, i) => (row.data[i % count] ?? 0) * beta);
  return { shape: [units], data };
}
