/** Checks of whole numbers that come from outside. @module */
import { isMap, isRecord, isTypedArray } from '../../base/brands.ts';
import { describe } from '../../base/errors.ts';
import { elementCount } from '../../base/shape.ts';
import type { Network } from '../../compile/network.ts';
import { groupsOf } from './grids.ts';
import { integerNetwork } from './integerNetwork.ts';
import { LOWEST, MOST_WEIGHT, type Quantization } from './quantization.ts';

/**
 * Takes any value for the quantization of a network.
 * @throws {TypeError} if it is none. @throws {RangeError} if its numbers do not fit the network.
 */
export function checkQuantization(where: string, network: Network, value: unknown): Quantization {
  if (!isQuantization(value, network)) {
    throw new TypeError(
      `${where}: expected the whole numbers of the network, got ${describe(value)}. Use those of quantizeModel or decodeModel.`,
    );
  }
  const { scales, zeros, weights } = value;
  const fail = (expected: string, got: number | undefined) =>
    new RangeError(`${where}: expected ${expected}, got ${got}. Use the numbers of quantizeModel.`);
  for (const scale of [scales, ...Array.from(weights.values(), (own) => own.scales)].flatMap(
    (own) => [...own],
  )) {
    if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) throw fail('scales above 0', scale);
  }
  for (const [key, { data }] of weights) {
    if (data.includes(-MOST_WEIGHT - 1)) throw fail(`${key} from −127 to 127`, LOWEST);
  }
  const isImageOfBytes = network.spec.normalize === undefined;
  if (isImageOfBytes && !(scales[0] === Math.fround(1 / 255) && zeros[0] === LOWEST)) {
    throw fail('1/255 as the scale of the image, −128 as its zero', scales[0]);
  }
  for (const [value, root] of groupsOf(network).rootOf.entries()) {
    const zero = zeros[value];
    if (zero !== 0 && zero !== LOWEST) throw fail('zeros of 0 or −128', zero);
    if (scales[value] === scales[root] && zero === zeros[root]) continue;
    throw fail(`the same scale and zero of values ${root} and ${value}`, scales[value]);
  }
  integerNetwork(network, value); // every layer is served, and all sums fit
  return value;
}

/** Whether it has the numbers of every value and parameter. */
function isQuantization(value: unknown, { shapes, parameters }: Network): value is Quantization {
  if (!isRecord(value)) return false;
  const { scales, zeros, weights, biases } = value;
  if (!isTypedArray(scales, 'Float32Array') || scales.length !== shapes.length) return false;
  if (!isTypedArray(zeros, 'Int8Array') || zeros.length !== shapes.length) return false;
  if (!isMap(weights) || !isMap(biases)) return false;
  return parameters.every(({ key, name, shape }) => {
    if (name === 'bias') {
      const bias = biases.get(key);
      return isTypedArray(bias, 'Int32Array') && bias.length === elementCount(shape);
    }
    const weight: unknown = weights.get(key);
    return (
      isRecord(weight) &&
      isTypedArray(weight.data, 'Int8Array') &&
      weight.data.length === elementCount(shape) &&
      isTypedArray(weight.scales, 'Float32Array') &&
      weight.scales.length === shape[0]
    );
  });
}
