/** The layers of a LayersModel: what each of ours is in TensorFlow.js. See encode.ts. @module */

import { formatShape } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import type { WindowOptions } from '../../base/window.ts';
import { inferNetwork, type Network, type NetworkLayer } from '../../compile/network.ts';
import { layerName } from '../../compile/spec.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import { type ModelFile, weightOf } from '../convlet/source.ts';
import { convWindow, poolWindow, transposeWindow, type Window } from '../window.ts';
import { denseKernel, hwioKernel } from './kernels.ts';

/** A layer as Keras writes it, and the layers that it reads; none: the input of the model. */
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

/** What is known of a value there. */
interface Value {
  /** The layer that makes it; undefined: the input of the model. */
  readonly layer: string | undefined;
  /** The image whose channels-last order the features are in, between a flatten and its dense layer. */
  readonly flattened: Shape | undefined;
  /** True if no number can be below 0, so that padding with 0 never wins a maximum. */
  readonly isPositive: boolean;
}

/** What is written so far. */
interface Topology {
  readonly file: ModelFile;
  readonly network: Network;
  readonly layers: KerasLayer[];
  readonly weights: NamedTensor[];
}

/** A layer of ours and what it reads. */
interface Place<Spec extends LayerSpec = LayerSpec> {
  readonly to: Topology;
  readonly layer: NetworkLayer;
  readonly spec: Spec;
  /** The shape of its first input, and what is known of it. */
  readonly input: Shape;
  readonly x: Value;
  readonly xs: readonly Value[];
}

/**
 * The layers of a model, and their parameters in order.
 * @throws {RangeError} if TensorFlow.js cannot express a max-pooling's padding or a group normalisation.
 */
export function kerasLayers(file: ModelFile): {
  layers: readonly KerasLayer[];
  weights: readonly NamedTensor[];
} {
  const network = inferNetwork(file.spec);
  const to: Topology = { file, network, layers: [], weights: [] };
  const values: Value[] = [{ layer: undefined, flattened: undefined, isPositive: false }];
  for (const layer of network.layers) {
    const xs = layer.inputs.map((value) => values[value] as Value); // made before it is read
    const [x = xs[0] as Value] = xs;
    values.push(write({ to, layer, spec: layer.spec, input: layer.inputShapes[0], x, xs }));
  }
  return to;
}

/** Writes a layer. @returns what is known of its output. */
type Writer<Spec extends LayerSpec> = (place: Place<Spec>) => Value;

const writers: { readonly [Spec in LayerSpec as Spec['type']]: Writer<Spec> } = {
  add: (place) => ({
    layer: addLayer(place, 'Add', 'add', {}, place.xs),
    flattened: undefined,
    isPositive: place.xs.every(({ isPositive }) => isPositive),
  }),
  batchNorm: addBatchNorm,
  conv2d: addConv2d,
  conv2dTranspose: addConv2dTranspose,
  dense: addDense,
  depthwiseConv2d: addDepthwiseConv2d,
  dropout: (place) => ({
    ...place.x,
    layer: addLayer(place, 'Dropout', 'dropout', { rate: place.spec.rate ?? 0.5 }),
  }),
  flatten: addFlatten,
  globalAveragePool2d: (place) => ({
    ...place.x,
    layer: addLayer(place, 'GlobalAveragePooling2D', 'global_average_pooling2d', {
      data_format: 'channels_last',
    }),
  }),
  groupNorm: addGroupNorm,
  leakyRelu: (place) => ({
    ...place.x,
    layer: addLayer(place, 'LeakyReLU', 'leaky_relu', { alpha: place.spec.negativeSlope ?? 0.01 }),
    isPositive: place.spec.negativeSlope === 0,
  }),
  maxPool2d: addMaxPool2d,
  relu: (place) => addActivation(place, 'relu'),
  separableConv2d: addSeparableConv2d,
  softmax: (place) => addActivation(place, 'softmax'),
};

function write<Spec extends LayerSpec>(place: Place<Spec>): Value {
  // the table is keyed by the very `type` that tells the specs apart
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
  return { window, isSame, from: isSame ? place.x : addPadding(place, window) };
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
  if (depthwise === undefined || pointwise === undefined) throw withoutWeight();
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
  const cropping = [
    [sides.top, sides.bottom + Math.max(0, strides[0] - kH)],
    [sides.left, sides.right + Math.max(0, strides[1] - kW)],
  ];
  const whole: Value = { layer, flattened: undefined, isPositive: false };
  if (cropping.flat().every((pixels) => pixels === 0)) return whole;
  const crop = { cropping, data_format: 'channels_last' };
  return { ...whole, layer: addLayer(place, 'Cropping2D', 'cropping2d', crop, [whole]) };
}

function addMaxPool2d(place: Place<SpecOf<'maxPool2d'>>): Value {
  const { spec, input, x, layer } = place;
  const window = poolWindow(spec, input);
  const isSame = sameWindow(window, poolWindow({ ...spec, padding: 'same' }, input));
  if (!isSame && hasPadding(window) && !x.isPositive) {
    throw new RangeError(
      `tfjs: ${layerName(layer.index, spec)}: expected padding 'same' or none, or relu() somewhere before it, got padding ${JSON.stringify(spec.padding)}. Export to ONNX, or train it with 'same'.`,
    );
  }
  const from = isSame ? x : addPadding(place, window);
  const config = {
    pool_size: window.kernel,
    strides: window.strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
  };
  return { ...x, layer: addLayer(place, 'MaxPooling2D', 'max_pooling2d', config, [from]) };
}

function addFlatten(place: Place<SpecOf<'flatten'>>): Value {
  const { input, x, to, layer } = place;
  if (input.length === 1) return x; // there it would be an error
  const keepsOrder = endsInDense(to.network, layer.index + 1);
  const from = keepsOrder
    ? x
    : { ...x, layer: addLayer(place, 'Permute', 'permute', { dims: [3, 1, 2] }) };
  const flattened = keepsOrder ? input : undefined;
  return { ...x, layer: addLayer(place, 'Flatten', 'flatten', {}, [from]), flattened };
}

/** Layers that treat all features alike. */
const EVEN: readonly LayerSpec['type'][] = ['relu', 'leakyRelu', 'dropout', 'softmax'];

/** Whether a value only reaches dense layers, in whose columns any order of its features can be made up for. */
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
    momentum: 1 - momentum, // how much lasts, there
    epsilon,
  });
  const [gamma, beta, mean, variance] = place.layer.parameters.map(({ key }) =>
    weightOf(place.to.file, key),
  );
  addWeights(place, layer, { gamma, beta, moving_mean: mean, moving_variance: variance });
  return { ...place.x, layer, isPositive: false };
}

/** @throws {RangeError} on images and on several groups, which there is no layer for. */
function addGroupNorm(place: Place<SpecOf<'groupNorm'>>): Value {
  const { spec, input } = place;
  if (spec.groups !== 1 || input.length !== 1) {
    throw new RangeError(
      `tfjs: ${layerName(place.layer.index, spec)}: expected groups 1 on features, which is LayerNormalization there, got groups ${spec.groups} on ${formatShape(input)}. Export to ONNX, or train it with batchNorm.`,
    );
  }
  const config = { axis: -1, epsilon: spec.epsilon ?? 1e-5, center: true, scale: true };
  const layer = addLayer(place, 'LayerNormalization', 'layer_normalization', config);
  const { weight: gamma, bias: beta } = valuesOf(place);
  addWeights(place, layer, { gamma, beta });
  return { ...place.x, layer, isPositive: false };
}

function addActivation(place: Place, activation: 'relu' | 'softmax'): Value {
  const layer = addLayer(place, 'Activation', activation, { activation });
  return { ...place.x, layer, isPositive: true };
}

/** Zeros on the sides that a window needs. */
function addPadding(place: Place, window: Window): Value {
  if (!hasPadding(window)) return place.x;
  const { top, left, bottom, right } = window.sides;
  const padding = [
    [top, bottom],
    [left, right],
  ];
  const config = { padding, data_format: 'channels_last' };
  return { ...place.x, layer: addLayer(place, 'ZeroPadding2D', 'zero_padding2d', config) };
}

/** @returns its name: a kind, and the index of our layer. */
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
  if (weight === undefined) throw withoutWeight();
  return { weight, bias };
}

function withoutWeight(): Error {
  return new Error('internal: a layer without its weight');
}

function hasPadding({ sides }: Window): boolean {
  return Object.values(sides).some((pixels) => pixels > 0);
}

function sameWindow(a: Window, b: Window): boolean {
  return JSON.stringify([a.sides, a.output]) === JSON.stringify([b.sides, b.output]);
}
