/** The layers of a LayersModel, one after another: what each of ours is in TensorFlow.js. See tfjs.ts. @module */

import type { Shape, Tensor } from '../../base/types.ts';
import { inferNetwork, type NetworkLayer } from '../../compile/network.ts';
import { layerName } from '../../compile/spec.ts';
import type { Conv2dSpec } from '../../layers/conv2d.ts';
import type { DenseSpec } from '../../layers/dense.ts';
import type { LayerSpec } from '../../layers/index.ts';
import type { MaxPool2dSpec } from '../../layers/maxPool2d.ts';
import { type ModelFile, weightOf } from '../convlet/source.ts';
import { convWindow, poolWindow, type Window } from '../window.ts';
import { denseKernel, hwioKernel } from './kernels.ts';

/** A layer as Keras writes it. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A parameter in TensorFlow's layout. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** What is known while the layers are written, one after another. */
interface Topology {
  readonly file: ModelFile;
  readonly layers: KerasLayer[];
  readonly weights: NamedTensor[];
  /** The image whose channels-last order the features are in, between a flatten and its dense layer. */
  flattened: Shape | undefined;
  /** True where no value can be below 0, so that padding with 0 never wins a maximum. */
  isPositive: boolean;
}

/** A layer and where it stands. */
interface Place<Spec> {
  readonly spec: Spec;
  readonly input: Shape;
  readonly index: number;
  readonly parameters: NetworkLayer['parameters'];
  /** Layers that follow. */
  readonly rest: readonly NetworkLayer[];
}

/**
 * The layers of a model, and their parameters in order.
 * @throws {RangeError} where a max-pooling's padding is none that TensorFlow.js can express.
 */
export function kerasLayers(file: ModelFile): {
  layers: readonly KerasLayer[];
  weights: readonly NamedTensor[];
} {
  const { layers } = inferNetwork(file.spec);
  const topology: Topology = {
    file,
    layers: [],
    weights: [],
    flattened: undefined,
    isPositive: false,
  };
  for (const [index, { spec, input, parameters }] of layers.entries()) {
    add(topology, { spec, input, index, parameters, rest: layers.slice(index + 1) });
  }
  return topology;
}

const writers: {
  readonly [Spec in LayerSpec as Spec['type']]: (to: Topology, place: Place<Spec>) => void;
} = {
  conv2d: addConv2d,
  dense: addDense,
  flatten: addFlatten,
  maxPool2d: addMaxPool2d,
  relu: (to, { index }) => addActivation(to, 'relu', index),
  softmax: (to, { index }) => addActivation(to, 'softmax', index),
};

function add<Spec extends LayerSpec>(to: Topology, place: Place<Spec>): void {
  // the table is keyed by the very `type` that tells the specs apart
  const write = writers[place.spec.type] as unknown as (to: Topology, place: Place<Spec>) => void;
  write(to, place);
}

function addConv2d(to: Topology, { spec, input, index, parameters }: Place<Conv2dSpec>): void {
  const window = convWindow(spec, input);
  const isSame = sameWindow(window, convWindow({ ...spec, padding: 'same' }, input));
  if (!isSame) addPadding(to, window, index);
  // TensorFlow has strides or dilation, never both
  const isSpread = Math.max(...window.strides) > 1;
  const { weight, bias } = valuesOf(to.file, parameters);
  const kernel = hwioKernel(weight, input, spec.groups ?? 1, isSpread ? window.dilation : [1, 1]);
  addLayer(to, 'Conv2D', `conv2d_${index}`, {
    filters: spec.filters,
    kernel_size: kernel.shape.slice(0, 2),
    strides: window.strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
    dilation_rate: isSpread ? [1, 1] : window.dilation,
    activation: 'linear',
    use_bias: bias !== undefined,
  });
  addWeights(to, `conv2d_${index}`, kernel, bias);
  to.isPositive = false;
}

function addMaxPool2d(to: Topology, { spec, input, index }: Place<MaxPool2dSpec>): void {
  const window = poolWindow(spec, input);
  const isSame = sameWindow(window, poolWindow({ ...spec, padding: 'same' }, input));
  if (!isSame && hasPadding(window) && !to.isPositive) {
    throw new RangeError(
      `tfjs: ${layerName(index, spec)}: expected padding 'same' or none, or relu() somewhere before it, got padding ${JSON.stringify(spec.padding)}. Export to ONNX, or train it with 'same'.`,
    );
  }
  if (!isSame) addPadding(to, window, index);
  addLayer(to, 'MaxPooling2D', `max_pooling2d_${index}`, {
    pool_size: window.kernel,
    strides: window.strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
  });
}

function addFlatten(to: Topology, { input, index, rest }: Place<LayerSpec>): void {
  if (input.length === 1) return; // there it would be an error
  if (rest.some(({ spec }) => spec.type === 'dense')) to.flattened = input;
  else addLayer(to, 'Permute', `permute_${index}`, { dims: [3, 1, 2] });
  addLayer(to, 'Flatten', `flatten_${index}`, {});
}

function addDense(to: Topology, { spec, index, parameters }: Place<DenseSpec>): void {
  const { weight, bias } = valuesOf(to.file, parameters);
  addLayer(to, 'Dense', `dense_${index}`, {
    units: spec.units,
    activation: 'linear',
    use_bias: bias !== undefined,
  });
  addWeights(to, `dense_${index}`, denseKernel(weight, to.flattened), bias);
  to.flattened = undefined;
  to.isPositive = false;
}

function addActivation(to: Topology, activation: 'relu' | 'softmax', index: number): void {
  addLayer(to, 'Activation', `${activation}_${index}`, { activation });
  to.isPositive = true;
}

function addPadding(to: Topology, window: Window, index: number): void {
  if (!hasPadding(window)) return;
  const { top, left, bottom, right } = window.sides;
  const padding = [
    [top, bottom],
    [left, right],
  ];
  addLayer(to, 'ZeroPadding2D', `zero_padding2d_${index}`, {
    padding,
    data_format: 'channels_last',
  });
}

function addLayer(to: Topology, type: string, name: string, config: object): void {
  const common = { name, trainable: true, dtype: 'float32' };
  to.layers.push({ class_name: type, config: { ...common, ...config } });
}

function addWeights(to: Topology, layer: string, kernel: Tensor, bias: Tensor | undefined): void {
  to.weights.push({ name: `${layer}/kernel`, tensor: kernel });
  if (bias !== undefined) to.weights.push({ name: `${layer}/bias`, tensor: bias });
}

function valuesOf(
  file: ModelFile,
  parameters: NetworkLayer['parameters'],
): { weight: Tensor; bias: Tensor | undefined } {
  const [weight, bias] = parameters.map(({ key }) => weightOf(file, key));
  if (weight === undefined) throw new Error('internal: a layer without its weight');
  return { weight, bias };
}

function hasPadding({ sides }: Window): boolean {
  return Object.values(sides).some((pixels) => pixels > 0);
}

function sameWindow(a: Window, b: Window): boolean {
  return JSON.stringify([a.sides, a.output]) === JSON.stringify([b.sides, b.output]);
}
