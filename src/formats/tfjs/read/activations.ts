/** Activations of Keras, as layers and as an option of others. @module */
import { describe } from '../../../base/errors.ts';
import type { LayerSpec } from '../../../layers/registry.ts';
import { addScale, asFeatures, channelWeights, decimal } from '../../network/additions.ts';
import { addLayer, type Value } from '../../network/building.ts';
import { channelAxisOf, graphShape, viewAs } from '../../network/views.ts';
import {
  extrasOf,
  frozenOption,
  innerAxis,
  numberOption,
  type Place,
  wrongOption,
} from './place.ts';

/** By name; `hard_sigmoid` and `softmax` are below. */
const FUNCTIONS: Readonly<Record<string, LayerSpec>> = {
  elu: { type: 'elu' },
  gelu: { type: 'gelu' },
  hard_silu: { type: 'hardSwish' },
  hard_swish: { type: 'hardSwish' },
  leaky_relu: { type: 'leakyRelu', negativeSlope: 0.2 },
  relu: { type: 'relu' },
  relu6: { type: 'relu6' },
  selu: { type: 'selu' },
  sigmoid: { type: 'sigmoid' },
  silu: { type: 'silu' },
  softplus: { type: 'softplus' },
  swish: { type: 'silu' },
  tanh: { type: 'tanh' },
};

/** A value under the option `activation` of its layer. */
export function activated(place: Place, y: Value): Value {
  const { to, where, node, isKeras3 } = place;
  const given = node.config.activation ?? 'linear';
  if (given === 'linear') return y;
  if (given === 'softmax') return addSoftmax(place, y);
  if (given === 'hard_sigmoid') {
    // Keras 2 has another slope
    const x = isKeras3 ? y : addScale(to, where, y, [1.2], [0]);
    return addLayer(to, where, { type: 'hardSigmoid' }, [x]);
  }
  const isKnown = typeof given === 'string' && Object.hasOwn(FUNCTIONS, given);
  const spec = isKnown ? FUNCTIONS[given] : undefined;
  if (spec !== undefined) return addLayer(to, where, spec, [y]);
  const known = ['linear', ...Object.keys(FUNCTIONS), 'hard_sigmoid', 'softmax'].join(', ');
  throw wrongOption(place, 'activation', `${known}, got ${describe(given)}`);
}

function addSoftmax({ to, where }: Place, y: Value): Value {
  const row = addLayer(to, where, { type: 'softmax' }, [
    y.shape.length === 3 && y.shape[1] === 1 && y.shape[2] === 1 ? asFeatures(where, y) : y,
  ]);
  return viewAs(where, row, graphShape(y), y.isLast);
}

/** `Softmax` over the last axis. */
export function softmax(place: Place): Value {
  const inner = innerAxis(place, 'axis', -1);
  if (inner === graphShape(place.x).length - 1) return addSoftmax(place, place.x);
  throw wrongOption(place, 'axis', `-1, got ${describe(place.node.config.axis)}`);
}

/** `ReLU` with its three numbers. */
export function relu(place: Place): Value {
  const { to, where, x } = place;
  const { max_value: most = null } = place.node.config;
  const slope = numberOption(place, 'negative_slope', 0);
  const threshold = numberOption(place, 'threshold', 0);
  if (threshold !== 0) throw wrongOption(place, 'threshold', `0, got ${threshold}`);
  if (most === null) return addLayer(to, where, slopedSpec(slope), [x]);
  if (most === 6 && slope === 0) return addLayer(to, where, { type: 'relu6' }, [x]);
  throw wrongOption(
    place,
    'max_value',
    `6 without a negative_slope, or null, got ${describe(most)}`,
  );
}

function slopedSpec(slope: number): LayerSpec {
  return slope === 0 ? { type: 'relu' } : { type: 'leakyRelu', negativeSlope: decimal(slope) };
}

/** `LeakyReLU`: its option is `alpha`, in Keras 3 `negative_slope`. */
export function leakyRelu(place: Place): Value {
  const alpha = numberOption(place, 'alpha', numberOption(place, 'negative_slope', 0.3));
  const spec: LayerSpec = { type: 'leakyRelu', negativeSlope: decimal(alpha) };
  return addLayer(place.to, place.where, spec, [place.x]);
}

/** `ELU`. */
export function elu(place: Place): Value {
  const alpha = decimal(numberOption(place, 'alpha', 1));
  const spec: LayerSpec = { type: 'elu', ...(alpha !== 1 && { alpha }) };
  return addLayer(place.to, place.where, spec, [place.x]);
}

/** `PReLU` with a slope a channel: its `shared_axes` are rows and columns. */
export function prelu(place: Place): Value {
  const { to, where, x } = place;
  const alpha = place.weights.get('alpha');
  const shape = graphShape(x);
  const channels = x.shape[0] ?? 0;
  const isOfChannels = shape.every(
    (size, axis) => alpha?.shape[axis] === (axis === channelAxisOf(x) ? size : 1),
  );
  if (alpha === undefined || !isOfChannels || alpha.shape.length !== shape.length) {
    throw wrongOption(
      place,
      'alpha',
      `a slope a channel of ${shape.join('×')}, got ${describe(alpha && [...alpha.shape])}`,
    );
  }
  const weights = channelWeights(to, where, x, { weight: { shape: [channels], data: alpha.data } });
  const spec = { type: 'prelu', ...frozenOption(place) } as const;
  return addLayer(to, where, spec, [x], { weights, ...extrasOf(place) });
}
