/** The layers of a LayersModel: how each of our layers is written in TensorFlow.js. See encode.ts. @module */

import type { Shape, Tensor } from '../../base/types.ts';
import { inferNetwork, type Network, type NetworkLayer } from '../../compile/network.ts';
import { layerName } from '../../compile/spec.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import { type ModelFile, weightOf } from '../convlet/source.ts';
import { convWindow, poolWindow, type Window } from '../window.ts';
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
 * @throws {RangeError} if TensorFlow.js cannot express the padding of a max pooling.
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
  dense: addDense,
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
  leakyRelu: (place) => ({
    ...place.x,
    layer: addLayer(place, 'LeakyReLU', 'leaky_relu', { alpha: place.spec.negativeSlope ?? 0.01 }),
    isPositive: place.spec.negativeSlope === 0,
  }),
  maxPool2d: addMaxPool2d,
  relu: (place) => addActivation(place, 'relu'),
  softmax: (place) => addActivation(place, 'softmax'),
};

function write<Spec extends LayerSpec>(place: Place<Spec>): Value {
  // the keys of the table are the `type`s of the specs
  const writer = writers[place.spec.type] as unknown as Writer<Spec>;
  return writer(place);
}

type SpecOf<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

function addConv2d(place: Place<SpecOf<'conv2d'>>): Value {
  const { spec, input } = place;
  const window = convWindow(spec, input);
  const isSame = sameWindow(window, convWindow({ ...spec, padding: 'same' }, input));
  const from = isSame ? place.x : addPadding(place, window);
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
  if (input.length === 1) return x; // TensorFlow.js does not allow a flatten here
  const keepsOrder = endsInDense(to.network, layer.index + 1);
  const from = keepsOrder
    ? x
    : { ...x, layer: addLayer(place, 'Permute', 'permute', { dims: [3, 1, 2] }) };
  const flattened = keepsOrder ? input : undefined;
  return { ...x, layer: addLayer(place, 'Flatten', 'flatten', {}, [from]), flattened };
}

/** Layers that treat all features the same, in any order. */
const EVEN: readonly LayerSpec['type'][] = ['relu', 'leakyRelu', 'dropout', 'softmax'];

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

function addActivation(place: Place, activation: 'relu' | 'softmax'): Value {
  const layer = addLayer(place, 'Activation', activation, { activation });
  return { ...place.x, layer, isPositive: true };
}

/** Adds zeros on the sides that a window needs. */
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

function hasPadding({ sides }: Window): boolean {
  return Object.values(sides).some((pixels) => pixels > 0);
}

function sameWindow(a: Window, b: Window): boolean {
  return JSON.stringify([a.sides, a.output]) === JSON.stringify([b.sides, b.output]);
}
