/**
 * A model in int8 as tensors:
 *
 *   NAME.weight         i8, from −127 to 127        NAME.weight_scale   f32, one for each output channel
 *   NAME.bias           i32
 *   activation_scale    f32, one for each value     activation_zero     i8, −128 or 0
 *
 * The values are the image and the output of each layer. model/int8/quantization.ts tells what the numbers stand for.
 * @module
 */
import { describe } from '../../base/errors.ts';
import { checkSameShape } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import type { Network } from '../../compile/network.ts';
import { checkQuantization } from '../../model/int8/check.ts';
import {
  dequantized,
  type IntegerWeight,
  type Quantization,
} from '../../model/int8/quantization.ts';
import type { Entry, SmallTensor } from '../safetensors/safetensors.ts';
import type { ModelFile } from './source.ts';

const SCALES = 'activation_scale';
const ZEROS = 'activation_zero';

/** The name of the scales of a weight. */
const scaleOf = (key: string) => `${key}_scale`;

type Tensors = ReadonlyMap<string, Tensor | SmallTensor>;

/** Whether these are the tensors of a model in int8. */
export function isWhole(tensors: Tensors): boolean {
  return tensors.has(SCALES);
}

/** The tensors of whole numbers. */
export function wholeEntries({ scales, zeros, weights, biases }: Quantization): Entry[] {
  return [
    ...Array.from(weights, ([key, { shape, data }]): Entry => [key, { dtype: 'I8', shape, data }]),
    ...Array.from(
      weights,
      ([key, { scales: own }]): Entry => [scaleOf(key), { shape: [own.length], data: own }],
    ),
    ...Array.from(
      biases,
      ([key, data]): Entry => [key, { dtype: 'I32', shape: [data.length], data }],
    ),
    [SCALES, { shape: [scales.length], data: scales }],
    [ZEROS, { dtype: 'I8', shape: [zeros.length], data: zeros }],
  ];
}

/**
 * The whole numbers of a network, and the weights that they stand for.
 * @throws {TypeError | RangeError | ShapeError} if tensors are missing, superfluous, of another type or shape, or do not fit.
 */
export function readWhole(
  network: Network,
  tensors: Tensors,
): Pick<ModelFile, 'weights' | 'quantization'> {
  const rest = new Map(tensors);
  const take = <Data>(key: string, shape: Shape, dtype: string): Data => {
    const tensor = rest.get(key);
    const got = tensor === undefined ? 'none' : 'dtype' in tensor ? tensor.dtype : 'F32';
    if (tensor === undefined || got !== dtype) {
      throw new TypeError(
        `${key}: expected a tensor of ${dtype.toLowerCase()}, got ${got.toLowerCase()}. Use a whole file.`,
      );
    }
    checkSameShape(key, shape, tensor.shape);
    rest.delete(key);
    return tensor.data as Data; // of its dtype
  };
  const count = network.shapes.length;
  const weights = new Map<string, IntegerWeight>();
  const biases = new Map<string, Int32Array>();
  const scales = take<Float32Array>(SCALES, [count], 'F32');
  const zeros = take<Int8Array>(ZEROS, [count], 'I8');
  for (const { key, name, shape } of network.parameters) {
    if (name === 'bias') {
      biases.set(key, take(key, shape, 'I32'));
      continue;
    }
    const [channels = 1] = shape;
    const data = take<Int8Array>(key, shape, 'I8');
    weights.set(key, { shape, data, scales: take(scaleOf(key), [channels], 'F32') });
  }
  const [unknown] = rest.keys();
  if (unknown !== undefined) {
    throw new TypeError(
      `expected the tensors of the network in int8, got ${describe(unknown)} too. Use a whole file.`,
    );
  }
  const quantization = checkQuantization('int8', network, { scales, zeros, weights, biases });
  return { weights: dequantized(network, quantization), quantization };
}
