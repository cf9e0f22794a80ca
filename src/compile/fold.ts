/**
 * Batch normalisation as a part of the layer before it, for whoever only runs a network:
 *
 *   gain = weight / √(running_var + epsilon)          w′[o, …] = gain[o]·w[o, …]
 *   shift = bias − gain·running_mean                  b′[o]    = gain[o]·b[o] + shift[o]
 *
 * In f64, each result rounded once. An `identity` takes its place, so that all other layers and parameters keep their names.
 * Through a maximum pooling it goes if no gain is negative. One over images that follows anything else becomes a
 * depthwise convolution of 1×1; one over features stays.
 * @module
 */
import type { Tensor } from '../base/types.ts';
import type { BatchNormSpec } from '../layers/batchNorm.ts';
import type { LayerSpec } from '../layers/registry.ts';
import { inferNetwork, type NetworkLayer } from './network.ts';
import { checkSpec, type ModelSpec } from './spec.ts';

/** A network and the values of its parameters by name. */
export interface Weighted {
  readonly spec: ModelSpec;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** A number a channel: `y = gain·x + shift`. */
export interface Affine {
  readonly gain: Float64Array;
  readonly shift: Float64Array;
}

/** Layers that take a normalisation up, and the name of the weight whose first axis is that of their outputs. */
const TAKERS: Readonly<Record<string, string>> = {
  conv2d: 'weight',
  dense: 'weight',
  depthwiseConv2d: 'weight',
  separableConv2d: 'pointwise.weight',
};

/** Layers that a normalisation passes, the last two only with gains of at least 0. */
const PASSED: readonly string[] = ['identity', 'dropout', 'maxPool2d', 'globalMaxPool2d'];

/** The same function of the image with as few batch normalisations as possible. */
export function foldBatchNorm(model: Weighted): Weighted {
  return model.spec.layers.reduce(
    (folded, { type }, index) => (type === 'batchNorm' ? foldOne(folded, index) : folded),
    model,
  );
}

/** What a batch normalisation does when nothing trains. */
export function affineOf(
  { epsilon = 1e-5 }: BatchNormSpec,
  valuesOf: (name: string) => Float32Array,
): Affine {
  const [weight, bias, mean] = ['weight', 'bias', 'running_mean'].map(valuesOf);
  const gain = Float64Array.from(
    valuesOf('running_var'),
    (variance, c) => (weight?.[c] ?? 0) / Math.sqrt(variance + epsilon),
  );
  const shift = gain.map((own, c) => (bias?.[c] ?? 0) - own * (mean?.[c] ?? 0));
  return { gain, shift };
}

function foldOne(model: Weighted, index: number): Weighted {
  const { layers } = inferNetwork(model.spec);
  const own = layers[index] as NetworkLayer; // the index comes from the spec
  const prefix = `${own.spec.name ?? index}`;
  const affine = affineOf(own.spec as BatchNormSpec, (name) => {
    return model.weights.get(`${prefix}.${name}`)?.data ?? new Float32Array();
  });
  const taker = takerOf(layers, own, affine);
  if (taker !== undefined) return takeUp(model, taker, own, affine);
  return own.output.length === 3 ? asConvolution(model, own, affine) : model;
}

/** The layer that can take a normalisation up: nothing else may read what lies between. */
function takerOf(
  layers: readonly NetworkLayer[],
  own: NetworkLayer,
  { gain }: Affine,
): NetworkLayer | undefined {
  const readers = (value: number) =>
    layers.flatMap(({ inputs }) => inputs).filter((v) => v === value);
  const isRising = gain.every((factor) => factor >= 0);
  let value = own.inputs[0] ?? 0;
  for (;;) {
    const before = layers[value - 1];
    if (before === undefined || readers(value).length > 1) return undefined;
    const { type } = before.spec;
    if (Object.hasOwn(TAKERS, type)) return before;
    const isPassed = PASSED.includes(type) && (isRising || !type.includes('Pool'));
    if (!isPassed) return undefined;
    value = before.inputs[0] ?? 0;
  }
}

function takeUp(
  { spec, weights }: Weighted,
  taker: NetworkLayer,
  own: NetworkLayer,
  { gain, shift }: Affine,
): Weighted {
  const prefix = `${taker.spec.name ?? taker.index}`;
  const weightKey = `${prefix}.${TAKERS[taker.spec.type]}`;
  const weight = weights.get(weightKey) as Tensor; // a parameter of the network
  const bias = weights.get(`${prefix}.bias`)?.data ?? new Float32Array(gain.length);
  const perOutput = weight.data.length / gain.length;
  const scaled = weight.data.map((w, i) => w * (gain[Math.floor(i / perOutput)] ?? 0));
  const moved = bias.map((b, o) => b * (gain[o] ?? 0) + (shift[o] ?? 0));
  const values = withoutOwn(weights, own);
  values.set(weightKey, { shape: weight.shape, data: scaled });
  values.set(`${prefix}.bias`, { shape: [gain.length], data: moved });
  const { name, inputs } = own.spec;
  return {
    spec: withLayers(spec, {
      [taker.index]: { ...taker.spec, useBias: true } as LayerSpec, // all takers have the option
      [own.index]: {
        type: 'identity',
        ...(name !== undefined && { name }),
        ...(inputs && { inputs }),
      },
    }),
    weights: values,
  };
}

function asConvolution({ spec, weights }: Weighted, own: NetworkLayer, affine: Affine): Weighted {
  const { name, inputs } = own.spec;
  const prefix = `${name ?? own.index}`;
  const [channels = 0] = own.output;
  const values = withoutOwn(weights, own);
  values.set(`${prefix}.weight`, {
    shape: [channels, 1, 1, 1],
    data: Float32Array.from(affine.gain),
  });
  values.set(`${prefix}.bias`, { shape: [channels], data: Float32Array.from(affine.shift) });
  return {
    spec: withLayers(spec, {
      [own.index]: {
        type: 'depthwiseConv2d',
        kernelSize: 1,
        ...(name !== undefined && { name }),
        ...(inputs && { inputs }),
      },
    }),
    weights: values,
  };
}

function withoutOwn(
  weights: ReadonlyMap<string, Tensor>,
  { parameters }: NetworkLayer,
): Map<string, Tensor> {
  const keys = parameters.map(({ key }) => key);
  return new Map([...weights].filter(([key]) => !keys.includes(key)));
}

/** A spec with other layers at some places. */
function withLayers(spec: ModelSpec, others: Readonly<Record<number, LayerSpec>>): ModelSpec {
  return checkSpec({
    ...spec,
    layers: spec.layers.map((layer, index) => others[index] ?? layer),
  });
}
