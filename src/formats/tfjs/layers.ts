/** The layers of a LayersModel: how each of our layers is written in TensorFlow.js. See encode.ts. @module */
import { pair } from '../../base/window.ts';
import { inferNetwork } from '../../compile/network.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import type { ModelFile } from '../convlet/source.ts';
import { addActivation, addElu, addHardSigmoid, addPrelu, addRelu6 } from './activations.ts';
import {
  addConv2d,
  addConv2dTranspose,
  addDepthwiseConv2d,
  addSeparableConv2d,
} from './convolutions.ts';
import { addBatchNorm, addGroupNorm, addNormalization } from './normalizations.ts';
import { addDense, addFlatten, addMultiply, addReshape } from './order.ts';
import { addAveragePool2d, addMaxPool2d } from './pools.ts';
import { addCropping, addZeros } from './sides.ts';
import {
  addLayer,
  channelAxis,
  type KerasLayer,
  type NamedTensor,
  type Place,
  type Topology,
  type Value,
} from './topology.ts';

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
