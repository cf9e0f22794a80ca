/**
 * Arrays on their way to another thread.
 *
 * A message copies the whole buffer under an array, however short the array; and what is transferred is gone here. So an
 * array is copied once, alone, and the copy is moved. What lies in shared memory is not copied: both sides see it.
 * @module
 */
import { isArrayBuffer, isTypedArray } from '../base/brands.ts';
import type { Tensor } from '../base/types.ts';

/** A message in the making, and the buffers that move with it. */
export class Parcel {
  readonly transfer: ArrayBuffer[] = [];

  /** A copy of an array to be sent; anything else as it is: who receives it says what is wrong. */
  pack<T>(value: T): T {
    if (!isTypedArray(value, 'Uint8Array', 'Uint16Array', 'Int32Array', 'Float32Array'))
      return value;
    if (!isArrayBuffer(value.buffer)) return value; // shared
    return this.move(value.slice()) as T & typeof value; // of the kind it is a copy of
  }

  /** The same for the data of a tensor. */
  packTensor(tensor: Tensor): Tensor {
    return typeof tensor === 'object' && tensor !== null
      ? { shape: tensor.shape, data: this.pack(tensor.data) }
      : tensor;
  }

  /** The array itself: here it is empty afterwards, as is every other over the same buffer. */
  move<T>(value: T): T {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : undefined;
    if (isArrayBuffer(buffer) && !this.transfer.includes(buffer)) this.transfer.push(buffer);
    return value;
  }
}
