/** From a trained network and some images to whole numbers. @module */
import type { Tensor } from '../../base/types.ts';
import type { Weighted } from '../../compile/fold.ts';
import type { Network, NetworkLayer } from '../../compile/network.ts';
import type { Arena } from '../../wasm/memory.ts';
import { eachBatch } from '../layerOutputs.ts';
import { groupsOf } from './grids.ts';
import {
  type IntegerWeight,
  keyOf,
  LOWEST,
  MOST_WEIGHT,
  type Quantization,
  stepsAbove,
} from './quantization.ts';

/** Smallest and largest number of a value. */
type Range = readonly [least: number, most: number];

/**
 * The quantization of a network by the smallest and the largest number of each value over some images.
 * @param pixels `count` images as the network reads them, before it normalises them.
 */
export function calibrate(
  arena: Arena,
  network: Network,
  weights: Weighted['weights'],
  pixels: Float32Array,
): Quantization {
  const ranges = rangesOf(arena, network, weights, pixels);
  const { rootOf, measured } = groupsOf(network);
  const scales = new Float32Array(ranges.length);
  const zeros = new Int8Array(ranges.length);
  for (const [value, root] of rootOf.entries()) {
    const own = (measured.get(root) ?? [root]).map((member) => ranges[member] ?? [0, 0]);
    const least = Math.min(...own.map(([low]) => low));
    const most = Math.max(...own.map(([, high]) => high));
    const isImage = root === 0 && network.spec.normalize === undefined;
    zeros[value] = isImage || least >= 0 ? LOWEST : 0;
    scales[value] = isImage
      ? 1 / 255 // a byte is a step
      : Math.max(most / stepsAbove(zeros[value] ?? 0), -least / -LOWEST) || 1;
  }
  return { scales, zeros, ...quantizedParameters(network, weights, scales) };
}

function rangesOf(
  arena: Arena,
  network: Network,
  weights: Weighted['weights'],
  pixels: Float32Array,
): readonly Range[] {
  const ranges: [number, number][] = network.shapes.map(() => [Infinity, -Infinity]);
  for (const values of eachBatch(arena, network, weights, pixels, network.layers.length - 1)) {
    for (const [value, { data }] of values.entries()) {
      const range = ranges[value] ?? [0, 0];
      for (const number of data) {
        if (number < range[0]) range[0] = number;
        if (number > range[1]) range[1] = number;
      }
    }
  }
  return ranges;
}

function quantizedParameters(
  { layers }: Network,
  weights: ReadonlyMap<string, Tensor>,
  scales: Float32Array,
): Pick<Quantization, 'weights' | 'biases'> {
  const quantized = new Map<string, IntegerWeight>();
  const biases = new Map<string, Int32Array>();
  for (const layer of layers) {
    const weightKey = keyOf(layer, 'weight');
    const tensor = weights.get(weightKey ?? '');
    if (weightKey === undefined || tensor === undefined) continue;
    const biasKey = keyOf(layer, 'bias');
    const bias = weights.get(biasKey ?? '')?.data ?? new Float32Array();
    const xScale = scales[layer.inputs[0] ?? 0] ?? 1;
    const weight = quantizedWeight(layer, tensor, bias, xScale);
    quantized.set(weightKey, weight);
    if (biasKey === undefined) continue;
    const steps = Int32Array.from(bias, (b, o) =>
      Math.round(b / (xScale * (weight.scales[o] ?? 1))),
    );
    biases.set(biasKey, steps);
  }
  return { weights: quantized, biases };
}

/** Biases are at most this. */
const MOST_BIAS = 2 ** 29;

/** The largest weight of an output channel is 127, unless its bias then is too large a number. */
function quantizedWeight(
  { output: [channels = 1] }: NetworkLayer,
  { shape, data }: Tensor,
  bias: Float32Array,
  xScale: number,
): IntegerWeight {
  const perOutput = data.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, o) => {
    const most = data
      .subarray(o * perOutput, (o + 1) * perOutput)
      .reduce((largest, w) => Math.max(largest, Math.abs(w)), 0);
    const leastForBias = Math.abs(bias[o] ?? 0) / (xScale * MOST_BIAS);
    return Math.fround(Math.max(most / MOST_WEIGHT, leastForBias)) || 1;
  });
  const steps = Int8Array.from(data, (w, i) => {
    const q = Math.round(w / (scales[Math.floor(i / perOutput)] ?? 1));
    return Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, q));
  });
  return { shape, data: steps, scales };
}
