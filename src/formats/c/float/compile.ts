/** From a network to its C program in single precision. @module */
import { elementCount } from '../../../base/shape.ts';
import { foldBatchNorm, type Weighted } from '../../../compile/fold.ts';
import { inferNetwork, type NetworkLayer } from '../../../compile/network.ts';
import { perChannel } from '../../../compile/normalization.ts';
import type { LayerSpec } from '../../../layers/registry.ts';
import { placeValues, type Use } from '../places.ts';
import type { Call, Program } from '../program.ts';
import { affineCall } from './batchNorm.ts';
import { copyCall } from './merge.ts';
import type { CLayer } from './row.ts';
import { rowOf } from './rows.ts';

/** The program of a model: a batch normalisation goes into the layer before it if that layer takes it up. */
export function floatProgram(model: Weighted): Program {
  const { spec, weights } = foldBatchNorm(model);
  const { layers, shapes } = inferNetwork(spec);
  const constants = new Map<string, Float32Array>();
  const constant = (name: string, data: Float32Array) => {
    constants.set(name, data);
    return name;
  };
  const last = layers.length;
  const isNormalized = spec.normalize !== undefined;
  const uses = [...(isNormalized ? [{ xs: [], y: 0 }] : []), ...layers.map(useOf)];
  const given = { image: isNormalized ? undefined : 0, output: last };
  const { addressOf, length } = placeValues(uses, shapes.map(elementCount), given);
  const calls: Call[] = [];
  if (spec.normalize !== undefined) {
    const [channels = 1] = spec.inputShape;
    const all = perChannel(spec.normalize, channels);
    const gain = all.slice(channels).map((deviation) => 1 / deviation);
    const shift = all.slice(0, channels).map((mean, c) => -mean / (all[channels + c] ?? 1));
    calls.push(
      affineCall(
        addressOf(0),
        'image',
        spec.inputShape,
        constant('input_gain', gain),
        constant('input_shift', shift),
      ),
    );
  }
  for (const layer of layers) {
    const row = rowOf(layer.spec);
    if (row === 'view') continue;
    const make = typeof row === 'function' ? row : row.inPlace;
    calls.push(...make(between(layer, weights, addressOf, constant)));
  }
  if (addressOf(last) !== 'output') {
    calls.push(copyCall('output', addressOf(last), elementCount(shapes[last] ?? [])));
  }
  return {
    calls,
    constants,
    arenaLength: length,
    elementType: 'float',
    elementBytes: Float32Array.BYTES_PER_ELEMENT,
    pixelType: 'float',
    pixel: 'a byte / 255 each',
    arithmetic: [],
    includes: [],
  };
}

function useOf({ inputs, index, spec }: NetworkLayer): Use {
  const row = rowOf(spec);
  const sharing = row === 'view' ? row : typeof row === 'function' ? undefined : 'inPlace';
  return { xs: inputs, y: index + 1, sharing };
}

function between(
  layer: NetworkLayer,
  weights: Weighted['weights'],
  addressOf: (value: number) => string,
  constant: (name: string, data: Float32Array) => string,
): CLayer<LayerSpec> {
  const { index, inputs, parameters } = layer;
  const own = (name: string, data: Float32Array) =>
    constant(`layer${index}_${name.replaceAll('.', '_')}`, data);
  const values = (name: string) => {
    const key = parameters.find((parameter) => parameter.name === name)?.key;
    return (key === undefined ? undefined : weights.get(key)?.data) ?? new Float32Array();
  };
  const [x = '', ...others] = inputs.map(addressOf);
  return {
    ...layer,
    y: addressOf(index + 1),
    xs: [x, ...others],
    values,
    parameter(name) {
      const data = values(name);
      return data.length === 0 ? '0' : own(name, data);
    },
    constant: own,
  };
}
