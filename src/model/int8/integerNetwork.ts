/**
 * From a network and its quantization to the operations in whole numbers.
 *
 * A last dense layer keeps its sums of 32 bits, which become floats at once; a last softmax or sigmoid takes floats.
 * @module
 */
import { elementCount } from '../../base/shape.ts';
import type { Network, NetworkLayer } from '../../compile/network.ts';
import { perChannel } from '../../compile/normalization.ts';
import { groupsOf } from './grids.ts';
import type { IntegerNetwork, Operation, Pixels } from './operations.ts';
import { keyOf, type Quantization } from './quantization.ts';
import { saturated } from './rounding.ts';
import { type Content, checkServed, type IntegerLayer, rowOf } from './rows.ts';

/** The operations of a network. @throws {RangeError} naming a layer that is not served, or whose sums do not fit 32 bits. */
export function integerNetwork(network: Network, quantization: Quantization): IntegerNetwork {
  checkServed(network);
  const { layers, shapes } = network;
  const groups = groupsOf(network);
  const tail = layers.at(-1)?.spec.type;
  const last = tail === 'softmax' || tail === 'sigmoid' ? tail : undefined;
  const computed = last === undefined ? layers : layers.slice(0, -1);
  const output = last === undefined ? layers.length : (layers.at(-1)?.inputs[0] ?? 0);
  const isOutput = ({ index, inputs: _, spec }: NetworkLayer) =>
    index + 1 === output && spec.type === 'dense';
  const operations: Operation[] = [pixels(network, quantization)];
  for (const layer of computed) {
    const content = contentOf(layer, quantization);
    if (groups.isFree(layer)) operations.push({ type: 'view', x: content.x, y: content.y });
    else operations.push(...rowOf(layer.spec)(content, isOutput(layer)));
  }
  const lengths = shapes.map(elementCount);
  const maker = layers[output - 1];
  if (maker === undefined || !isOutput(maker)) {
    const { scales, zeros } = quantization;
    operations.push({
      type: 'floats',
      x: output,
      y: lengths.length,
      scale: scales[output] ?? 0,
      zero: zeros[output] ?? 0,
      length: lengths[output] ?? 0,
    });
    return {
      operations,
      lengths: [...lengths, lengths[output] ?? 0],
      output: lengths.length,
      last,
    };
  }
  return { operations, lengths, output, last };
}

/** Most channels that have tables of their own for the bytes of an image. */
const MOST_CHANNELS = 1024;

/** The numbers of bytes: as they are if nothing normalises them. */
function pixels({ spec }: Network, { scales, zeros }: Quantization): Pixels {
  const shape = spec.inputShape;
  const [channels = 1] = shape;
  if (spec.normalize === undefined) return { type: 'pixels', y: 0, shape, table: undefined };
  if (channels > MOST_CHANNELS) {
    throw new RangeError(
      `int8: expected normalize of at most ${MOST_CHANNELS} channels, got ${channels}. Use a batchNorm, or f16.`,
    );
  }
  const all = perChannel(spec.normalize, channels);
  const table = Int8Array.from({ length: 256 * channels }, (_, i) => {
    const [c, byte] = [Math.floor(i / 256), i % 256];
    const pixel = (byte / 255 - (all[c] ?? 0)) / (all[channels + c] ?? 1);
    return saturated(Math.round(pixel / (scales[0] ?? 1)) + (zeros[0] ?? 0));
  });
  return { type: 'pixels', y: 0, shape, table };
}

function contentOf(layer: NetworkLayer, quantization: Quantization): Content<IntegerLayer> {
  const { index, inputs } = layer;
  const { scales, zeros, weights, biases } = quantization;
  const gridOf = (value: number) => ({ scale: scales[value] ?? 0, zero: zeros[value] ?? 0 });
  return {
    ...layer,
    spec: layer.spec as IntegerLayer, // as checkServed has seen
    x: inputs[0] ?? 0,
    y: index + 1,
    xGrid: gridOf(inputs[0] ?? 0),
    yGrid: gridOf(index + 1),
    gridOf,
    weight: weights.get(keyOf(layer, 'weight') ?? ''),
    bias: biases.get(keyOf(layer, 'bias') ?? ''),
  };
}
