/** The layers of a LayersModel: how each of our layers is written in TensorFlow.js. See encode.ts. @module */

import { elementCount } from '../../base/shape.ts';
import type { Shape, Sides, Tensor } from '../../base/types.ts';
import { fourSides, pair, type WindowOptions } from '../../base/window.ts';
import { inferNetwork, type Network, type NetworkLayer } from '../../compile/network.ts';
import { perChannel } from '../../compile/normalization.ts';
import { layerName } from '../../compile/spec.ts';
import * as activations from '../../layers/activations.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import { type ModelFile, weightOf } from '../convlet/source.ts';
import {
  averagePoolWindows,
  convWindow,
  hasSides,
  poolWindow,
  type SidesOf,
  transposeWindow,
  type Window,
} from '../window.ts';
import { denseKernel, hwioKernel } from './kernels.ts';

/** A layer as Keras writes it, and the names of the layers that it reads; undefined stands for the input of the model. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly inputs: readonly (string | undefined)[];
}

/** A parameter in TensorFlow's layout. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** What is known of a value in the TensorFlow.js model. */
interface Value {
  /** The layer that computes it; undefined for the input of the model. */
  readonly layer: string | undefined;
  /** The image whose channels-last order the features are in, between a flatten and its dense layer. */
  readonly flattened: Shape | undefined;
  /** True if no number can be below 0, so that padding with 0 never wins a maximum. */
  readonly isPositive: boolean;
}

/** The layers and weights written so far. */
interface Topology {
  readonly file: ModelFile;
  readonly network: Network;
  readonly layers: KerasLayer[];
  readonly weights: NamedTensor[];
}

/** One of our layers and what it reads. */
interface Place<Spec extends LayerSpec = LayerSpec> {
  readonly to: Topology;
  readonly layer: NetworkLayer;
  readonly spec: Spec;
  /** The shape of its first input; `x` is what is known of that input. */
  readonly input: Shape;
  readonly x: Value;
  readonly xs: readonly Value[];
}

/**
 * The layers of a model, and their parameters in order.
 * @throws {RangeError} if TensorFlow.js cannot express the padding of a pooling.
 */
export function kerasLayers(file: ModelFile): {
  layers: readonly KerasLayer[];
  weights: readonly NamedTensor[];
} {
  const network = inferNetwork(file.spec);
  const to: Topology = { file, network, layers: [], weights: [] };
  const values: Value[] = [
    { layer: addNormalization(to), flattened: undefined, isPositive: false },
  ];
  for (const layer of network.layers) {
    const xs = layer.inputs.map((value) => values[value] as Value); // made before it is read
    const [x = xs[0] as Value] = xs;
    values.push(write({ to, layer, spec: layer.spec, input: layer.inputShapes[0], x, xs }));
  }
  return to;
}

/** A model that normalises its pixels does so by a batch normalisation that is fixed. @returns its name */
function addNormalization(to: Topology): string | undefined {
  const { inputShape: [channels = 0] = [], normalize } = to.file.spec;
  if (normalize === undefined) return undefined;
  const name = 'normalize';
  const all = perChannel(normalize, channels);
  addFixedNorm(to, name, undefined, {
    gamma: new Float32Array(channels).fill(1),
    beta: new Float32Array(channels),
    moving_mean: all.slice(0, channels),
    moving_variance: all.slice(channels).map((deviation) => deviation * deviation),
  });
  return name;
}

/** A batch normalisation that does not learn, `gamma·(x − mean) / √variance + beta`. */
function addFixedNorm(
  to: Topology,
  name: string,
  x: string | undefined,
  weights: Readonly<Record<'gamma' | 'beta' | 'moving_mean' | 'moving_variance', Float32Array>>,
): void {
  const config = { name, trainable: false, dtype: 'float32', axis: -1, momentum: 0.99, epsilon: 0 };
  to.layers.push({ class_name: 'BatchNormalization', config, inputs: [x] });
  for (const [key, data] of Object.entries(weights)) {
    to.weights.push({ name: `${name}/${key}`, tensor: { shape: [data.length], data } });
  }
}

/** Writes a layer. @returns what is known of its output. */
type Writer<Spec extends LayerSpec> = (place: Place<Spec>) => Value;

const writers: { readonly [Spec in LayerSpec as Spec['type']]: Writer<Spec> } = {
  add: (place) => ({
    layer: addLayer(place, 'Add', 'add', {}, place.xs),
    flattened: undefined,
    isPositive: place.xs.every(({ isPositive }) => isPositive),
  }),
  averagePool2d: addAveragePool2d,
  batchNorm: addBatchNorm,
  concat: (place) => ({
    layer: addLayer(place, 'Concatenate', 'concatenate', { axis: channelAxis(place) }, place.xs),
    flattened: undefined,
    isPositive: place.xs.every(({ isPositive }) => isPositive),
  }),
  conv2d: addConv2d,
  conv2dTranspose: addConv2dTranspose,
  crop2d: (place) => addCropping(place, place.spec.cropping, place.x),
  dense: addDense,
  depthwiseConv2d: addDepthwiseConv2d,
  // as it is when nothing trains: there is no layer that drops whole channels
  dropout: (place) => ({
    ...place.x,
    layer: addLayer(place, 'Dropout', 'dropout', { rate: place.spec.rate ?? 0.5 }),
  }),
  elu: addElu,
  flatten: addFlatten,
  gelu: (place) => addActivation(place, 'gelu'),
  globalAveragePool2d: (place) => ({
    ...place.x,
    layer: addLayer(place, 'GlobalAveragePooling2D', 'global_average_pooling2d', {
      data_format: 'channels_last',
    }),
  }),
  groupNorm: addGroupNorm,
  globalMaxPool2d: (place) => ({
    ...place.x,
    layer: addLayer(place, 'GlobalMaxPooling2D', 'global_max_pooling2d', {
      data_format: 'channels_last',
    }),
  }),
  hardSigmoid: addHardSigmoid,
  hardSwish(place) {
    const layer = addLayer(place, 'Multiply', 'multiply', {}, [place.x, addHardSigmoid(place)]);
    return { ...place.x, layer };
  },
  identity: (place) => addActivation(place, 'linear'),
  leakyRelu: (place) => ({
    ...place.x,
    layer: addLayer(place, 'LeakyReLU', 'leaky_relu', { alpha: place.spec.negativeSlope ?? 0.01 }),
    isPositive: place.spec.negativeSlope === 0,
  }),
  maxPool2d: addMaxPool2d,
  multiply: addMultiply,
  prelu: addPrelu,
  relu: (place) => addActivation(place, 'relu', true),
  relu6: addRelu6,
  reshape: addReshape,
  selu: (place) => addActivation(place, 'selu'),
  separableConv2d: addSeparableConv2d,
  sigmoid: (place) => addActivation(place, 'sigmoid', true),
  silu: (place) => addActivation(place, 'swish'),
  softmax: (place) => addActivation(place, 'softmax', true),
  softplus: (place) => addActivation(place, 'softplus', true),
  tanh: (place) => addActivation(place, 'tanh'),
  upsample2d: (place) => ({
    ...place.x,
    layer: addLayer(place, 'UpSampling2D', 'up_sampling2d', {
      size: pair(place.spec.size ?? 2),
      data_format: 'channels_last',
      interpolation: 'nearest',
    }),
  }),
  zeroPad2d: (place) => addZeros(place, place.spec.padding),
};

function write<Spec extends LayerSpec>(place: Place<Spec>): Value {
  // the keys of the table are the `type`s of the specs
  const writer = writers[place.spec.type] as unknown as Writer<Spec>;
  return writer(place);
}

type SpecOf<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

function addConv2d(place: Place<SpecOf<'conv2d'>>): Value {
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

function addDepthwiseConv2d(place: Place<SpecOf<'depthwiseConv2d'>>): Value {
  const { window, isSame, from } = placeWindow(place, place.spec);
  const { weight, bias } = valuesOf(place);
  const kernel = depthwiseKernel(place, weight, window);
  const config = { ...depthwiseConfig(kernel, window, isSame), use_bias: bias !== undefined };
  const layer = addLayer(place, 'DepthwiseConv2D', 'depthwise_conv2d', config, [from]);
  addWeights(place, layer, { depthwise_kernel: kernel, bias });
  return { layer, flattened: undefined, isPositive: false };
}

function addSeparableConv2d(place: Place<SpecOf<'separableConv2d'>>): Value {
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
function addConv2dTranspose(place: Place<SpecOf<'conv2dTranspose'>>): Value {
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

function addMaxPool2d(place: Place<SpecOf<'maxPool2d'>>): Value {
  const { spec, input, x } = place;
  const window = poolWindow(spec, input);
  const isSame = isSameWindow(window, input);
  if (!isSame && hasSides(window.sides) && !x.isPositive) {
    throw wrongPadding(place, "padding 'same' or none, or relu() somewhere before it");
  }
  const from = isSame ? x : addPadding(place, window.sides);
  return addPool(place, 'MaxPooling2D', 'max_pooling2d', window, isSame, from);
}

/** There padding counts only if it is made of pixels before. */
function addAveragePool2d(place: Place<SpecOf<'averagePool2d'>>): Value {
  const { zeros, padded, window } = averagePoolWindows(place.spec, place.input);
  const isSame = isSameWindow(window, padded);
  if (!isSame && hasSides(window.sides)) {
    throw wrongPadding(place, "padding 'same' or none, or countIncludePad: true without ceilMode");
  }
  const from = addPadding(place, zeros);
  return addPool(place, 'AveragePooling2D', 'average_pooling2d', window, isSame, from);
}

function addPool(
  place: Place,
  type: string,
  kind: string,
  { kernel, strides }: Window,
  isSame: boolean,
  from: Value,
): Value {
  const config = {
    pool_size: kernel,
    strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
  };
  return { ...place.x, layer: addLayer(place, type, kind, config, [from]) };
}

/** Whether TensorFlow's padding 'same' gives the windows of a pooling. */
function isSameWindow(window: Window, input: Shape): boolean {
  const { kernel: poolSize, strides } = window;
  return sameWindow(window, poolWindow({ poolSize, strides, padding: 'same' }, input));
}

function wrongPadding(
  { spec, layer }: Place<SpecOf<'maxPool2d' | 'averagePool2d'>>,
  expected: string,
): RangeError {
  const { padding = 'valid', ceilMode = false } = spec;
  const got = `padding ${JSON.stringify(padding)}${ceilMode ? ' and ceilMode' : ''}`;
  return new RangeError(
    `tfjs: ${layerName(layer.index, spec)}: expected ${expected}, got ${got}. Export to ONNX, or train it with 'same'.`,
  );
}

/** Features beside images are a number a channel: images of one pixel. */
function addMultiply(place: Place<SpecOf<'multiply'>>): Value {
  const { xs, layer } = place;
  const rank = layer.output.length;
  const factors = xs.map((x, i) => {
    const shape = layer.inputShapes[i] ?? [];
    if (shape.length === rank) return x;
    const target_shape = [1, 1, ...shape];
    return { ...x, layer: addLayer(place, 'Reshape', `gate${i}`, { target_shape }, [x]) };
  });
  return {
    layer: addLayer(place, 'Multiply', 'multiply', {}, factors),
    flattened: undefined,
    isPositive: xs.every(({ isPositive }) => isPositive),
  };
}

/** Images there have their channels last; in any other shape the numbers are in our order. */
function addReshape(place: Place<SpecOf<'reshape'>>): Value {
  const { input, layer } = place;
  const { output } = layer;
  if (output.length === 1 && input.length === 3) return addFlatten(place);
  const from = input.length === 3 ? addPermute(place, 'permute', [3, 1, 2], place.x) : place.x;
  const [channels = 0, ...plane] = output;
  const target_shape = output.length === 3 ? [channels, ...plane] : output;
  const shaped = addLayer(place, 'Reshape', 'reshape', { target_shape }, [from]);
  const value = { ...place.x, layer: shaped };
  return output.length === 3 ? addPermute(place, 'permute_back', [2, 3, 1], value) : value;
}

function addPermute(place: Place, kind: string, dims: readonly number[], from: Value): Value {
  return { ...from, layer: addLayer(place, 'Permute', kind, { dims }, [from]) };
}

function addFlatten(place: Place): Value {
  const { input, x, to, layer } = place;
  if (input.length === 1) return x; // TensorFlow.js does not allow a flatten here
  const isImage = input.length === 3;
  const keepsOrder = !isImage || endsInDense(to.network, layer.index + 1);
  const from = keepsOrder ? x : addPermute(place, 'permute', [3, 1, 2], x);
  const flattened = isImage && keepsOrder ? input : undefined;
  return { ...x, layer: addLayer(place, 'Flatten', 'flatten', {}, [from]), flattened };
}

/** Layers that treat all features alike. */
const EVEN: readonly string[] = [...Object.keys(activations), 'dropout', 'identity', 'softmax'];

/** Whether a value only reaches dense layers. The columns of their weights can then follow any order of its features. */
function endsInDense({ layers }: Network, value: number): boolean {
  const readers = layers.filter(({ inputs }) => inputs.includes(value));
  return (
    readers.length > 0 &&
    readers.every(
      ({ spec: { type }, index }) =>
        type === 'dense' || (EVEN.includes(type) && endsInDense({ layers } as Network, index + 1)),
    )
  );
}

function addDense(place: Place<SpecOf<'dense'>>): Value {
  const { weight, bias } = valuesOf(place);
  const config = {
    units: place.spec.units,
    activation: 'linear',
    use_bias: bias !== undefined,
  };
  const layer = addLayer(place, 'Dense', 'dense', config);
  addWeights(place, layer, { kernel: denseKernel(weight, place.x.flattened), bias });
  return { layer, flattened: undefined, isPositive: false };
}

function addBatchNorm(place: Place<SpecOf<'batchNorm'>>): Value {
  const { momentum = 0.1, epsilon = 1e-5 } = place.spec;
  const layer = addLayer(place, 'BatchNormalization', 'batch_normalization', {
    axis: -1,
    momentum: 1 - momentum, // in TensorFlow.js, the share of the old value
    epsilon,
  });
  const [gamma, beta, mean, variance] = place.layer.parameters.map(({ key }) =>
    weightOf(place.to.file, key),
  );
  addWeights(place, layer, { gamma, beta, moving_mean: mean, moving_variance: variance });
  return { ...place.x, layer, isPositive: false };
}

/** A layer normalisation over the pixels and the channels of each group, then a fixed batch normalisation: weight and bias. */
function addGroupNorm(place: Place<SpecOf<'groupNorm'>>): Value {
  const { spec, input, layer } = place;
  const [channels = 0, ...plane] = input;
  const { groups, epsilon = 1e-5 } = spec;
  const reshape = (kind: string, target_shape: Shape, x: Value): Value => ({
    ...x,
    layer: addLayer(place, 'Reshape', kind, { target_shape }, [x]),
  });
  const rows = reshape('groups', [elementCount(plane), groups, channels / groups], place.x);
  const config = { axis: [1, 3], epsilon, center: false, scale: false };
  const normal = addLayer(place, 'LayerNormalization', 'layer_normalization', config, [rows]);
  const shaped = reshape('channels', [...plane, channels], { ...rows, layer: normal });
  const name = `scale_${layer.index}`;
  const { weight, bias } = valuesOf(place);
  addFixedNorm(place.to, name, shaped.layer, {
    gamma: weight.data,
    beta: bias?.data ?? new Float32Array(channels),
    moving_mean: new Float32Array(channels),
    moving_variance: new Float32Array(channels).fill(1),
  });
  return { layer: name, flattened: undefined, isPositive: false };
}

/** @param isPositive True if no result is below 0; by default the function keeps the sign. */
function addActivation(
  place: Place,
  activation: string,
  isPositive: boolean = place.x.isPositive,
): Value {
  const layer = addLayer(place, 'Activation', activation, { activation });
  return { ...place.x, layer, isPositive };
}

function addRelu6(place: Place, from: Value = place.x): Value {
  const layer = addLayer(place, 'ReLU', 're_lu', { max_value: 6 }, [from]);
  return { ...place.x, layer, isPositive: true };
}

/** `scale·x + offset`; `kind` tells several of one layer apart. */
function addRescaling(place: Place, kind: string, scale: number, offset: number, x: Value): Value {
  return { ...x, layer: addLayer(place, 'Rescaling', kind, { scale, offset }, [x]) };
}

/** `relu6(x + 3) / 6`, as Keras 2 means another function by the name. */
function addHardSigmoid(place: Place): Value {
  const shifted = addRescaling(place, 'shift', 1, 3, place.x);
  return addRescaling(place, 'divide', 1 / 6, 0, addRelu6(place, shifted));
}

/** TensorFlow.js has alpha 1 alone: `(1 − alpha)·relu(x) + alpha·elu(x)` is the same. */
function addElu(place: Place<SpecOf<'elu'>>): Value {
  const { alpha = 1 } = place.spec;
  const isPositive = alpha === 0 || place.x.isPositive;
  const whole = { ...place.x, layer: addLayer(place, 'ELU', 'elu', { alpha: 1 }), isPositive };
  if (alpha === 1) return whole;
  const parts = [
    addRescaling(place, 'above', 1 - alpha, 0, addActivation(place, 'relu', true)),
    addRescaling(place, 'whole', alpha, 0, whole),
  ];
  return { ...whole, layer: addLayer(place, 'Add', 'add', {}, parts) };
}

/** One slope a channel: shared by rows and columns. */
function addPrelu(place: Place): Value {
  const { weight } = valuesOf(place);
  const [, ...plane] = place.input;
  const isLast = channelAxis(place) === -1;
  const shared_axes = plane.length === 0 ? null : plane.map((_, axis) => axis + (isLast ? 1 : 2));
  const layer = addLayer(place, 'PReLU', 'p_re_lu', { shared_axes });
  const ones = plane.map(() => 1);
  const alpha = {
    shape: isLast ? [...ones, ...weight.shape] : [...weight.shape, ...ones],
    data: weight.data,
  };
  addWeights(place, layer, { alpha });
  return { ...place.x, layer };
}

/** Zeros around an image, if there are any. */
function addPadding(place: Place, sides: SidesOf): Value {
  const { top, left, bottom, right } = sides;
  return hasSides(sides) ? addZeros(place, [top, left, bottom, right]) : place.x;
}

function addZeros(place: Place, sides: Sides): Value {
  const config = { padding: bySides(sides), data_format: 'channels_last' };
  return { ...place.x, layer: addLayer(place, 'ZeroPadding2D', 'zero_padding2d', config) };
}

function addCropping(place: Place, sides: Sides, from: Value): Value {
  const config = { cropping: bySides(sides), data_format: 'channels_last' };
  return { ...from, layer: addLayer(place, 'Cropping2D', 'cropping2d', config, [from]) };
}

/** Before and after, for rows and for columns. */
function bySides(sides: Sides): number[][] {
  const [top, left, bottom, right] = fourSides(sides);
  return [
    [top, bottom],
    [left, right],
  ];
}

/** Of images the last one. */
function channelAxis({ input }: Place): number {
  return input.length === 3 ? -1 : 1;
}

/** Adds a layer. @returns its name: its kind, and the index of our layer. */
function addLayer(
  { to, layer: { index }, x }: Place,
  type: string,
  kind: string,
  config: object,
  from: readonly Value[] = [x],
): string {
  const name = `${kind}_${index}`;
  const common = { name, trainable: true, dtype: 'float32' };
  const inputs = from.map(({ layer }) => layer);
  to.layers.push({ class_name: type, config: { ...common, ...config }, inputs });
  return name;
}

function addWeights(
  { to }: Place,
  layer: string,
  weights: Readonly<Record<string, Tensor | undefined>>,
): void {
  for (const [name, tensor] of Object.entries(weights)) {
    if (tensor !== undefined) to.weights.push({ name: `${layer}/${name}`, tensor });
  }
}

function valuesOf({ to, layer }: Place): { weight: Tensor; bias: Tensor | undefined } {
  const [weight, bias] = layer.parameters.map(({ key }) => weightOf(to.file, key));
  if (weight === undefined) throw new Error('internal: a layer without its weight');
  return { weight, bias };
}

function sameWindow(a: Window, b: Window): boolean {
  return JSON.stringify([a.sides, a.output]) === JSON.stringify([b.sides, b.output]);
}
