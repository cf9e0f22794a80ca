/** Normalisations of Keras: of pixels, of a batch, of groups of channels. @module */
import { describe } from '../../../base/errors.ts';
import type { Tensor } from '../../../base/types.ts';
import { addScale, channelWeights, decimal } from '../../network/additions.ts';
import { addLayer, layerOf, spend, type Value, valueAt } from '../../network/building.ts';
import { channelAxisOf, graphShape } from '../../network/views.ts';
import {
  channelWeight,
  expectOption,
  extrasOf,
  flagOption,
  frozenOption,
  innerAxis,
  innerAxisOf,
  integersOption,
  numberOption,
  type Place,
  weightOf,
  wrongOption,
} from './place.ts';

/** `scale·x + shift`, a number a channel or one for all. Before the first layer it is how the model takes pixels. */
function scaled(place: Place, scale: ArrayLike<number>, shift: ArrayLike<number>): Value {
  const { to, where, x, isOnlyReader } = place;
  const isPixels = x.index === 0 && to.layers.length === 0 && isOnlyReader;
  if (!isPixels || !Array.from(scale).every((factor) => factor > 0)) {
    return addScale(to, where, x, scale, shift);
  }
  // ((pixel − m) / d)·s + t is (pixel − (m − t·d/s)) / (d/s)
  const { mean, deviation } = to.normalize ?? { mean: [0], deviation: [1] };
  const length = Math.max(mean.length, deviation.length, scale.length, shift.length);
  spend(to, where, 2 * length);
  const at = (list: ArrayLike<number>, i: number) => list[i % list.length] ?? 0;
  const deviations = Array.from({ length }, (_, i) => at(deviation, i) / at(scale, i));
  const means = deviations.map((own, i) => at(mean, i) - at(shift, i) * own);
  to.normalize = { mean: means, deviation: deviations };
  return x;
}

/** `Rescaling`. */
export function rescaling(place: Place): Value {
  const list = (name: string, otherwise: number) => {
    const value = place.node.config[name];
    const channels = graphShape(place.x).at(-1);
    if (!Array.isArray(value)) return [numberOption(place, name, otherwise)];
    const isRow = value.every((item) => typeof item === 'number');
    if (isRow && value.length === channels && place.x.isLast) return value as number[];
    throw wrongOption(place, name, `a number, or one a channel, got ${describe(value)}`);
  };
  return scaled(place, list('scale', 1), list('offset', 0));
}

/** `Normalization`, whose mean and variance are weights or options. */
export function normalization(place: Place): Value {
  const row = (name: string): ArrayLike<number> => {
    const tensor = place.weights.get(name);
    const value = place.node.config[name];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const numbers = tensor === undefined ? list : Array.from(tensor.data);
    const isRow = numbers.every((number) => typeof number === 'number' && Number.isFinite(number));
    if (isRow && [1, place.x.shape[0]].includes(numbers.length)) return numbers as number[];
    throw wrongOption(place, name, `a number a channel, got ${describe(value)}`);
  };
  expectOption(place, 'invert', false);
  const [mean, variance] = [row('mean'), row('variance')];
  if (mean.length > 1 || variance.length > 1) expectNormalizedChannels(place);
  const scale = Array.from(variance, (v) => 1 / Math.max(Math.sqrt(v), 1e-7));
  const shift = Array.from(mean, (m, c) => -m * (scale[c % scale.length] ?? 0));
  return scaled(place, scale, shift);
}

/** `BatchNormalization` over its channels. */
export function batchNorm(place: Place): Value {
  const { to, where, x } = place;
  expectChannels(place);
  const { gamma, beta } = affineOf(place);
  const [mean, variance] = [
    weightOf(place, 'moving_mean', 1),
    weightOf(place, 'moving_variance', 1),
  ];
  const epsilon = decimal(numberOption(place, 'epsilon', 1e-3));
  if (epsilon === 0) return fixedScale(place, { gamma, beta, mean, variance });
  const momentum = decimal(1 - numberOption(place, 'momentum', 0.99)); // there, the share of the old value
  const spec = {
    type: 'batchNorm',
    ...(momentum !== 0.1 && { momentum }),
    ...(epsilon !== 1e-5 && { epsilon }),
    ...frozenOption(place),
  } as const;
  const own = { weight: gamma, bias: beta, running_mean: mean, running_var: variance };
  const weights = channelWeights(to, where, x, own);
  return addLayer(to, where, spec, [x], { weights, ...extrasOf(place) });
}

/** Throws unless the one axis that keeps numbers of its own is that of the channels, the last one by default. */
function expectNormalizedChannels(place: Place): void {
  if (place.node.config.axis === undefined) return;
  const axes = integersOption(place, 'axis').map((axis) => innerAxisOf(place, 'axis', axis));
  if (String(axes) === String(channelAxisOf(place.x))) return;
  throw wrongOption(place, 'axis', `that of the channels, got ${describe(place.node.config.axis)}`);
}

/** Throws unless the axis is that of the channels. */
function expectChannels(place: Place): void {
  if (innerAxis(place, 'axis', -1) === channelAxisOf(place.x)) return;
  throw wrongOption(place, 'axis', `that of the channels, got ${describe(place.node.config.axis)}`);
}

function affineOf(place: Place): { readonly gamma: Tensor; readonly beta: Tensor } {
  return {
    gamma: channelWeight(place, 'gamma', flagOption(place, 'scale', true), 1),
    beta: channelWeight(place, 'beta', flagOption(place, 'center', true), 0),
  };
}

/** Without an epsilon it is `gamma·(x − mean) / √variance + beta`: a scale, which a group normalisation takes as its own. */
function fixedScale(
  place: Place,
  { gamma, beta, mean, variance }: Readonly<Record<'gamma' | 'beta' | 'mean' | 'variance', Tensor>>,
): Value {
  const { to, where, x } = place;
  spend(to, where, 2 * gamma.data.length);
  const scale = Array.from(gamma.data, (g, c) => g / Math.sqrt(variance.data[c] ?? 0));
  const shift = Array.from(beta.data, (b, c) => b - (mean.data[c] ?? 0) * (scale[c] ?? 0));
  const before = layerOf(to, x);
  if (before?.spec.type !== 'groupNorm') return scaled(place, scale, shift);
  const [weight, bias] = [before.weights.weight?.data, before.weights.bias?.data];
  const isPlain = weight?.every((w) => w === 1) && bias?.every((b) => b === 0);
  if (!isPlain) return scaled(place, scale, shift);
  const [input = 0] = before.inputs;
  const row = (numbers: readonly number[]) => ({
    shape: [numbers.length],
    data: Float32Array.from(numbers),
  });
  const weights = channelWeights(to, where, x, { weight: row(scale), bias: row(shift) });
  const source = { ...valueAt(to, input, x.isLast), ...(x.parts && { parts: x.parts }) };
  return addLayer(to, where, before.spec, [source], { weights, ...extrasOf(place) });
}

/** `LayerNormalization` of features: a group normalisation of one group. */
export function layerNorm(place: Place): Value {
  expectOption(place, 'rms_scaling', false);
  const axes = integersOption(place, 'axis').map((axis) => innerAxisOf(place, 'axis', axis));
  if (place.x.shape.length !== 1 || String(axes) !== '0') {
    throw wrongOption(
      place,
      'axis',
      `that of features, got ${describe([...axes])} of ${graphShape(place.x).join('×')}`,
    );
  }
  return normalized(place, 1);
}

/** `GroupNormalization`; `groups: −1` is one a channel. */
export function groupNorm(place: Place): Value {
  expectChannels(place);
  const groups = numberOption(place, 'groups', 32);
  return normalized(place, groups === -1 ? (place.x.shape[0] ?? 1) : groups);
}

function normalized(place: Place, groups: number): Value {
  const { to, where, x } = place;
  const epsilon = decimal(numberOption(place, 'epsilon', 1e-3));
  const { gamma, beta } = affineOf(place);
  const weights = channelWeights(to, where, x, { weight: gamma, bias: beta });
  const own = { groups, ...(epsilon !== 1e-5 && { epsilon }), ...frozenOption(place) };
  const spec = { type: 'groupNorm', ...own } as const;
  return addLayer(to, where, spec, [x], { weights, ...extrasOf(place) });
}
