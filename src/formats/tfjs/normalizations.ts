/** Normalisations: of the pixels, of a batch, of groups of channels. @module */
import { elementCount } from '../../base/shape.ts';
import type { Shape } from '../../base/types.ts';
import { perChannel } from '../../compile/normalization.ts';
import { weightOf } from '../convlet/source.ts';
import {
  addLayer,
  addWeights,
  type Place,
  type SpecOf,
  type Topology,
  type Value,
  valuesOf,
} from './topology.ts';

/** A model that normalises its pixels does so by a batch normalisation that is fixed. @returns its name */
export function addNormalization(to: Topology): string | undefined {
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

export function addBatchNorm(place: Place<SpecOf<'batchNorm'>>): Value {
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
export function addGroupNorm(place: Place<SpecOf<'groupNorm'>>): Value {
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
