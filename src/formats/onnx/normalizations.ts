/** Normalisations of ONNX. @module */
import { ShapeError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Tensor } from '../../base/types.ts';
import { channelWeights, decimal } from '../network/additions.ts';
import { addLayer, filled, spend, type Value } from '../network/building.ts';
import { graphShape, imageIn } from '../network/views.ts';
import { expectNumber, numberIn, wrongAttribute } from './node.ts';
import { constantOf, hintOf, innerAxes, inputOf, type Place, rowOf, weightOf } from './place.ts';

/** A value whose channels come first: images, or features. */
function channelsOf(place: Place): Value {
  const x = inputOf(place);
  return x.shape.length === 1 ? x : imageIn(place.where, x, false);
}

/** A row of numbers that must be there. */
function row(place: Place, index: number): Tensor {
  const { data } = weightOf(place, index);
  return rowOf(place, index) ?? { shape: [data.length], data: Float32Array.from(data) };
}

/** `BatchNormalization` as it is when nothing trains. */
export function batchNorm(place: Place): Value {
  const { to, where, node } = place;
  expectNumber(node, 'training_mode', 0);
  // before opset 7 it trained by default
  if (place.opset < 7 && numberIn(node, 'is_test', 0) === 0) {
    throw wrongAttribute(node, 'is_test', '1', 0);
  }
  expectNumber(node, 'spatial', 1);
  const x = channelsOf(place);
  const epsilon = decimal(numberIn(node, 'epsilon', 1e-5));
  const momentum = decimal(1 - decimal(numberIn(node, 'momentum', 0.9))); // there, the share of the old value
  const weights = channelWeights(to, where, x, {
    weight: row(place, 1),
    bias: row(place, 2),
    running_mean: row(place, 3),
    running_var: row(place, 4),
  });
  const options = {
    ...(epsilon !== 1e-5 && { epsilon }),
    ...(momentum !== 0.1 && { momentum }),
  };
  return addLayer(to, where, { type: 'batchNorm', ...options }, [x], {
    weights,
    hint: hintOf(place),
  });
}

/** `InstanceNormalization`: every channel a group of its own. */
export function instanceNorm(place: Place): Value {
  const { weight, bias } = { weight: row(place, 1), bias: row(place, 2) };
  return normalized(place, channelsOf(place), weight.data.length, weight, bias);
}

/** `GroupNormalization`: until opset 20 a number a group, from 21 on a number a channel. */
export function groupNorm(place: Place): Value {
  const x = channelsOf(place);
  const groups = numberIn(place.node, 'num_groups');
  const [channels = 0] = x.shape;
  const perChannel = (index: number): Tensor => {
    const { shape, data } = row(place, index);
    if (data.length === channels || data.length !== groups) return { shape, data };
    spend(place.to, place.where, channels);
    const spread = Float32Array.from(
      { length: channels },
      (_, c) => data[Math.floor((c * groups) / channels)] ?? 0,
    );
    return { shape: [channels], data: spread };
  };
  return normalized(place, x, groups, perChannel(1), perChannel(2));
}

/** What an idiom of several nodes means; input 3 is the shape that it has at its end. */
export function joinedGroupNorm(place: Place): Value {
  const x = channelsOf(place);
  const { to, where, node } = place;
  const [channels = 0] = x.shape;
  const target = Array.from(constantOf(place, 3)?.data ?? []); // that of the batch may not be known
  const shape = graphShape(x);
  const isSame = target.slice(1).every((size, axis) => [0, -1, shape[axis]].includes(size));
  if (target.length !== shape.length + 1 || !isSame) {
    throw wrongAttribute(node, 'the shape after a group normalisation', formatShape(shape), target);
  }
  // PyTorch writes one 1 and one 0 for a normalisation without weights
  const perChannel = (index: number, otherwise: number): Tensor => {
    const { shape, data } = rowOf(place, index) ?? { shape: [1], data: Float32Array.of(otherwise) };
    return data.length === 1 ? filled(to, where, channels, data[0] ?? 0) : { shape, data };
  };
  const [weight, bias] = [perChannel(1, 1), perChannel(2, 0)];
  return normalized(place, x, numberIn(node, 'num_groups'), weight, bias);
}

/** `LayerNormalization` of features. */
export function layerNorm(place: Place): Value {
  const { to, where, node } = place;
  const x = inputOf(place);
  const [axis] = innerAxes(place, x, [numberIn(node, 'axis', -1)]);
  if (axis !== 0 || x.shape.length !== 1) {
    throw new ShapeError(
      `${where}: expected one row of features an image, got ${formatShape(graphShape(x))}. Flatten it before, or use a group normalisation of one group.`,
    );
  }
  const bias = rowOf(place, 2) ?? filled(to, where, x.shape[0] ?? 0, 0);
  return normalized(place, x, 1, row(place, 1), bias);
}

function normalized(place: Place, x: Value, groups: number, weight: Tensor, bias: Tensor): Value {
  const { to, where } = place;
  const epsilon = decimal(numberIn(place.node, 'epsilon', 1e-5));
  const spec = { type: 'groupNorm', groups, ...(epsilon !== 1e-5 && { epsilon }) } as const;
  const weights = channelWeights(to, where, x, { weight, bias });
  return addLayer(to, where, spec, [x], { weights, hint: hintOf(place) });
}
