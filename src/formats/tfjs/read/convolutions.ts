/** Convolutions and dense layers of Keras. @module */
import { describe } from '../../../base/errors.ts';
import type { Shape, Tensor } from '../../../base/types.ts';
import type { FourSides } from '../../../base/window.ts';
import {
  addDense,
  paddingOption,
  sidesOption,
  sizeOption,
  withoutZeros,
} from '../../network/additions.ts';
import { addLayer, type Value } from '../../network/building.ts';
import { activated } from './activations.ts';
import {
  biasOf,
  extrasOf,
  frozenOption,
  imageOf,
  numberOption,
  type Place,
  pairOption,
  textOption,
  turned,
  weightOf,
  wrongOption,
} from './place.ts';

/** Kernel, strides, padding and dilation as our options, and the value that is read. */
function windowOf(
  place: Place,
  kernel: Shape,
): { readonly x: Value; readonly options: WindowSpec } {
  const image = imageOf(place);
  const strides = pairOption(place, 'strides', [1, 1]);
  const dilation = pairOption(place, 'dilation_rate', [1, 1]);
  const isSame = paddingOf(place) === 'same';
  const { x, zeros } = isSame
    ? { x: image, zeros: [0, 0, 0, 0] as FourSides }
    : withoutZeros(place.to, image);
  const isOne = (sizes: Shape) => sizes.every((size) => size === 1);
  return {
    x,
    options: {
      kernelSize: sizeOption(kernel.slice(0, 2)),
      ...(!isOne(strides) && { strides: sizeOption(strides) }),
      ...(!isOne(dilation) && { dilation: sizeOption(dilation) }),
      ...(isSame ? { padding: 'same' } : paddingOption(zeros)),
      ...frozenOption(place),
    },
  };
}

interface WindowSpec {
  readonly kernelSize: number | [number, number];
}

/** `valid` or `same`. */
export function paddingOf(place: Place): 'valid' | 'same' {
  const padding = textOption(place, 'padding', 'valid').toLowerCase();
  if (padding === 'valid' || padding === 'same') return padding;
  throw wrongOption(place, 'padding', `valid or same, got ${describe(padding)}`);
}

const noBias = (bias: Tensor | undefined) => bias === undefined && { useBias: false };

/** `Conv2D`, kernel `[KH, KW, C / groups, filters]`. */
export function conv2d(place: Place): Value {
  const kernel = weightOf(place, 'kernel', 4);
  const [, , , filters = 0] = kernel.shape;
  const groups = numberOption(place, 'groups', 1);
  const { x, options } = windowOf(place, kernel.shape);
  const bias = biasOf(place);
  const spec = {
    type: 'conv2d',
    filters,
    ...options,
    ...(groups !== 1 && { groups }),
    ...noBias(bias),
  } as const;
  const weights = { weight: turned(place, kernel, [3, 2, 0, 1]), bias };
  return activated(
    place,
    addLayer(place.to, place.where, spec, [x], { weights, ...extrasOf(place) }),
  );
}

/** `DepthwiseConv2D`, kernel `[KH, KW, C, multiplier]`. */
export function depthwiseConv2d(place: Place): Value {
  const kernel = weightOf(place, kernelName(place, 'depthwise_kernel'), 4);
  const { x, options } = windowOf(place, kernel.shape);
  const bias = biasOf(place);
  const spec = { type: 'depthwiseConv2d', ...options, ...many(kernel), ...noBias(bias) } as const;
  const weights = { weight: depthwiseWeight(place, kernel), bias };
  return activated(
    place,
    addLayer(place.to, place.where, spec, [x], { weights, ...extrasOf(place) }),
  );
}

/** Keras 3 calls it `kernel`. */
function kernelName({ weights }: Place, name: string): string {
  return weights.has(name) ? name : 'kernel';
}

function many({ shape: [, , , multiplier = 1] }: Tensor): { readonly multiplier?: number } {
  return multiplier === 1 ? {} : { multiplier };
}

/** `[KH, KW, C, M]` as `[C · M, 1, KH, KW]`. */
function depthwiseWeight(place: Place, kernel: Tensor): Tensor {
  const { shape, data } = turned(place, kernel, [2, 3, 0, 1]);
  const [channels = 0, multiplier = 0, kH = 0, kW = 0] = shape;
  return { shape: [channels * multiplier, 1, kH, kW], data };
}

/** `SeparableConv2D`. */
export function separableConv2d(place: Place): Value {
  const kernel = weightOf(place, 'depthwise_kernel', 4);
  const mixing = turned(place, weightOf(place, 'pointwise_kernel', 4), [3, 2, 0, 1]);
  const [filters = 0] = mixing.shape;
  const { x, options } = windowOf(place, kernel.shape);
  const bias = biasOf(place);
  const spec = {
    type: 'separableConv2d',
    filters,
    ...options,
    ...many(kernel),
    ...noBias(bias),
  } as const;
  const weights = {
    'depthwise.weight': depthwiseWeight(place, kernel),
    'pointwise.weight': mixing,
    bias,
  };
  return activated(
    place,
    addLayer(place.to, place.where, spec, [x], { weights, ...extrasOf(place) }),
  );
}

/**
 * `Conv2DTranspose`, kernel `[KH, KW, filters, C]`: its output has `in · stride` pixels, or those that a longer kernel adds
 * without padding, or what `output_padding` says.
 */
export function conv2dTranspose(place: Place): Value {
  const kernel = weightOf(place, 'kernel', 4);
  const [kH = 0, kW = 0, filters = 0] = kernel.shape;
  const x = imageOf(place);
  const [, ...plane] = x.shape;
  const strides = pairOption(place, 'strides', [1, 1]);
  const dilation = pairOption(place, 'dilation_rate', [1, 1]);
  const isSame = paddingOf(place) === 'same';
  const { output_padding: given = null } = place.node.config;
  const added = given === null ? undefined : pairOption(place, 'output_padding', [1, 1]);
  const axes = [kH, kW].map((size, axis) => {
    const [stride, span] = [strides[axis] ?? 1, (dilation[axis] ?? 1) * (size - 1) + 1];
    const full = ((plane[axis] ?? 1) - 1) * stride + span;
    const own = (plane[axis] ?? 1) * stride + (isSame ? 0 : Math.max(0, span - stride));
    const asked = full + (added?.[axis] ?? 0) - (isSame ? 2 * Math.floor(span / 2) : 0);
    const output = added === undefined ? own : asked;
    const cut = Math.max(0, full - output);
    return {
      before: Math.floor(cut / 2),
      after: Math.ceil(cut / 2),
      extra: Math.max(0, output - full),
    };
  });
  const [rows, columns] = axes;
  const sides = [rows?.before, columns?.before, rows?.after, columns?.after] as FourSides;
  const outputPadding = axes.map(({ extra }) => extra);
  const bias = biasOf(place);
  const spec = {
    type: 'conv2dTranspose',
    filters,
    kernelSize: sizeOption([kH, kW]),
    ...(Math.max(...strides) > 1 && { strides: sizeOption(strides) }),
    ...(Math.max(...dilation) > 1 && { dilation: sizeOption(dilation) }),
    ...(sides.some(Boolean) && { padding: sidesOption(sides) }),
    ...(outputPadding.some(Boolean) && { outputPadding: sizeOption(outputPadding) }),
    ...frozenOption(place),
    ...noBias(bias),
  } as const;
  const weights = { weight: turned(place, kernel, [3, 2, 0, 1]), bias };
  return activated(
    place,
    addLayer(place.to, place.where, spec, [x], { weights, ...extrasOf(place) }),
  );
}

/** `Dense`, kernel `[in, out]`. */
export function dense(place: Place): Value {
  const { to, where, x } = place;
  const { shape, data } = weightOf(place, 'kernel', 2);
  const [inputs = 0, units = 0] = shape;
  const rows = turned(place, { shape: [inputs, units, 1, 1], data }, [1, 0, 2, 3]);
  const weight = { shape: [units, inputs], data: rows.data };
  const y = addDense(
    to,
    where,
    x,
    weight,
    biasOf(place),
    extrasOf(place).hint,
    frozenOption(place),
  );
  return activated(place, y);
}
