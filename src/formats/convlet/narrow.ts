/** Weights of 16 bits. @module */
import { brainBits, fromBrainBits, fromHalfBits, halfBits, MOST_HALF } from '../../base/half.ts';
import type { Tensor } from '../../base/types.ts';
import type { Entry, SmallTensor } from '../safetensors/safetensors.ts';

/** Tensors as the nearest numbers of 16 bits. @throws {RangeError} if a number is beyond the range of f16. */
export function narrowEntries(
  where: string,
  weights: ReadonlyMap<string, Tensor>,
  dtype: 'f16' | 'bf16',
): Entry[] {
  return Array.from(weights, ([key, { shape, data }]): Entry => {
    if (dtype === 'bf16') return [key, { dtype: 'BF16', shape, data: brainBits(data) }];
    const bits = halfBits(data);
    const at = bits.findIndex((half) => (half & 0x7fff) === 0x7c00);
    if (at < 0) return [key, { dtype: 'F16', shape, data: bits }];
    throw new RangeError(
      `${where}: ${key}: expected numbers up to ${MOST_HALF} in f16, got ${data[at]}. Use bf16.`,
    );
  });
}

/** Tensors as f32, exactly. @throws {TypeError} if one is of whole numbers. */
export function widened(tensors: ReadonlyMap<string, Tensor | SmallTensor>): Map<string, Tensor> {
  const entries = Array.from(tensors, ([key, tensor]): [string, Tensor] => {
    if (!('dtype' in tensor)) return [key, tensor];
    const { shape, dtype, data } = tensor;
    if (dtype === 'F16') return [key, { shape, data: fromHalfBits(data) }];
    if (dtype === 'BF16') return [key, { shape, data: fromBrainBits(data) }];
    throw new TypeError(
      `${key}: expected f32, f16 or bf16, got ${dtype.toLowerCase()} without activation_scale. Use a whole file.`,
    );
  });
  return new Map(entries);
}
