/**
 * A network in whole numbers of eight bits.
 *
 *   values    x = scale·(q − zero)      q from −128 to 127; one scale and zero for a value of the network
 *   weights   w = scale[o]·q            q from −127 to 127; one scale for each output channel, no zero
 *   biases    b = scale of the input · scale[o] · q      q of 32 bits
 *
 * The zero is −128 for values that are never negative, so that they use all 256 steps, else 0: a number 0 is always exact.
 * After Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference"
 * (2018), with weights by channel as Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference"
 * (2018), section 3.
 * @module
 */
import { elementCount } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import type { Network, NetworkLayer } from '../../compile/network.ts';

/** Weights of a layer. */
export interface IntegerWeight {
  readonly shape: Shape;
  readonly data: Int8Array;
  /** One for each output channel. */
  readonly scales: Float32Array;
}

/** The whole numbers of a network, and what they stand for. */
export interface Quantization {
  /** Of each value: the image, then the output of each layer. */
  readonly scales: Float32Array;
  /** The same; −128 or 0 each. */
  readonly zeros: Int8Array;
  /** By the name of the parameter. */
  readonly weights: ReadonlyMap<string, IntegerWeight>;
  readonly biases: ReadonlyMap<string, Int32Array>;
}

/** Largest magnitude of a weight. */
export const MOST_WEIGHT = 127;

/** Where the zero of values that are never negative is. */
export const LOWEST = -128;

/** Steps between the zero and the largest number that a value can be. */
export function stepsAbove(zero: number): number {
  return 127 - zero;
}

/** The parameters as single-precision numbers. */
export function dequantized(
  { layers }: Network,
  { scales, weights, biases }: Quantization,
): Map<string, Tensor> {
  const entries = layers.flatMap(({ inputs, parameters }): [string, Tensor][] => {
    const own = parameters.map(({ key }) => weights.get(key)).find((weight) => weight) ?? NONE;
    return parameters.map(({ key, shape }) => {
      const data = new Float32Array(elementCount(shape));
      const weight = weights.get(key);
      const perOutput = data.length / own.scales.length;
      const xScale = scales[inputs[0] ?? 0] ?? 0;
      for (let i = 0; i < data.length; i++) {
        const scale = own.scales[Math.floor(i / perOutput)] ?? 0;
        data[i] =
          weight === undefined
            ? (biases.get(key)?.[i] ?? 0) * (xScale * scale)
            : (weight.data[i] ?? 0) * scale;
      }
      return [key, { shape: [...shape], data }];
    });
  });
  return new Map(entries);
}

const NONE: IntegerWeight = { shape: [], data: new Int8Array(), scales: new Float32Array() };

/** The name of a parameter of a layer by its bare name; undefined if it has none. */
export function keyOf({ parameters }: NetworkLayer, name: string): string | undefined {
  return parameters.find((parameter) => parameter.name === name)?.key;
}
