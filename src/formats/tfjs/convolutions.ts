/** Convolutions as TensorFlow.js has them: padded, depthwise, separable, transposed. @module */
import type { Tensor } from '../../base/types.ts';
import type { WindowOptions } from '../../base/window.ts';
import { weightOf } from '../convlet/source.ts';
import { convWindow, hasSides, transposeWindow, type Window } from '../window.ts';
import { hwioKernel } from './kernels.ts';
import { addCropping, addPadding, sameWindow } from './sides.ts';
import { addLayer, addWeights, type Place, type SpecOf, type Value, valuesOf } from './topology.ts';

export function addConv2d(place: Place<SpecOf<'conv2d'>>): Value {
  const { spec, input } = place;
  const { window, isSame, from } = placeWindow(place, spec);
  // TensorFlow has strides or dilation, never both
  const isSpread = Math.max(...window.strides) > 1;
  const { weight, bias } = valuesOf(place);
  const kernel = hwioKernel(weight, input, spec.groups ?? 1, isSpread ? window.dilation : [1, 1]);
  const config = {
    filters: spec.filters,
    kernel_size: kernel.shape.slice(0, 2),
    strides: window.strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
    dilation_rate: isSpread ? [1, 1] : window.dilation,
    activation: 'linear',
    use_bias: bias !== undefined,
  };
  const layer = addLayer(place, 'Conv2D', 'conv2d', config, [from]);
  addWeights(place, layer, { kernel, bias });
  return { layer, flattened: undefined, isPositive: false };
}

/** The window of a convolution, whether it is TensorFlow's 'same', and what it reads: padded before if it is not. */
function placeWindow(
  place: Place,
  options: WindowOptions,
): { readonly window: Window; readonly isSame: boolean; readonly from: Value } {
  const window = convWindow(options, place.input);
  const isSame = sameWindow(window, convWindow({ ...options, padding: 'same' }, place.input));
  return { window, isSame, from: isSame ? place.x : addPadding(place, window.sides) };
}

export function addDepthwiseConv2d(place: Place<SpecOf<'depthwiseConv2d'>>): Value {
  const { window, isSame, from } = placeWindow(place, place.spec);
  const { weight, bias } = valuesOf(place);
  const kernel = depthwiseKernel(place, weight, window);
  const config = { ...depthwiseConfig(kernel, window, isSame), use_bias: bias !== undefined };
  const layer = addLayer(place, 'DepthwiseConv2D', 'depthwise_conv2d', config, [from]);
  addWeights(place, layer, { depthwise_kernel: kernel, bias });
  return { layer, flattened: undefined, isPositive: false };
}

export function addSeparableConv2d(place: Place<SpecOf<'separableConv2d'>>): Value {
  const { spec, to } = place;
  const { window, isSame, from } = placeWindow(place, spec);
  const [depthwise, pointwise, bias] = place.layer.parameters.map(({ key }) =>
    weightOf(to.file, key),
  );
  if (depthwise === undefined || pointwise === undefined)
    throw new Error('internal: a layer without its weights');
  const kernel = depthwiseKernel(place, depthwise, window);
  const config = {
    ...depthwiseConfig(kernel, window, isSame),
    filters: spec.filters,
    use_bias: bias !== undefined,
  };
  const layer = addLayer(place, 'SeparableConv2D', 'separable_conv2d', config, [from]);
  const [middle = 0] = depthwise.shape;
  const mixing = hwioKernel(pointwise, [middle], 1, [1, 1]);
  addWeights(place, layer, { depthwise_kernel: kernel, pointwise_kernel: mixing, bias });
  return { layer, flattened: undefined, isPositive: false };
}

/** `w[C · M, 1, KH, KW]` as `[spanH, spanW, C, M]`. The layers there take no dilation: zeros stand between the taps. */
function depthwiseKernel({ input: [channels = 0] }: Place, weight: Tensor, window: Window): Tensor {
  const { shape, data } = hwioKernel(weight, [1], 1, window.dilation);
  const [spanH = 0, spanW = 0, , outC = 0] = shape;
  return { shape: [spanH, spanW, channels, outC / channels], data };
}

function depthwiseConfig({ shape }: Tensor, { strides }: Window, isSame: boolean): object {
  return {
    kernel_size: shape.slice(0, 2),
    depth_multiplier: shape[3],
    strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    activation: 'linear',
  };
}

/**
 * There without dilation, groups, output padding and padding of one's own: zeros between the taps, of the other groups and
 * after the last tap, and outputs that are cropped. A kernel shorter than its stride leaves a gap after the last pixel there.
 */
export function addConv2dTranspose(place: Place<SpecOf<'conv2dTranspose'>>): Value {
  const { spec, input } = place;
  const { strides, dilation, sides, outputPadding } = transposeWindow(spec, input);
  const { weight, bias } = valuesOf(place);
  const kernel = hwioKernel(weight, [spec.filters], spec.groups ?? 1, dilation, outputPadding);
  const [kH = 0, kW = 0] = kernel.shape;
  const config = {
    filters: spec.filters,
    kernel_size: [kH, kW],
    strides,
    padding: 'valid',
    data_format: 'channels_last',
    activation: 'linear',
    use_bias: bias !== undefined,
  };
  const layer = addLayer(place, 'Conv2DTranspose', 'conv2d_transpose', config);
  addWeights(place, layer, { kernel, bias });
  const whole: Value = { layer, flattened: undefined, isPositive: false };
  const { top, left } = sides;
  const bottom = sides.bottom + Math.max(0, strides[0] - kH);
  const right = sides.right + Math.max(0, strides[1] - kW);
  if (!hasSides({ top, left, bottom, right })) return whole;
  return addCropping(place, [top, left, bottom, right], whole);
}
