/**
 * Arrays on their way to another thread.
 *
 * A message copies the whole buffer under an array, however short the array is, and a transferred buffer is gone on this
 * side. So an array is copied once, alone, and the copy is moved. Arrays in shared memory are not copied: both sides see
 * them.
 * @module
 */
import { isArrayBuffer, isTypedArray } from '../base/brands.ts';
import type { Tensor } from '../base/types.ts';

/** A message in the making, and the buffers that move with it. */
export class Parcel {
  readonly transfer: ArrayBuffer[] = [];

  /** A copy of an array, to be sent. Any other value is sent as it is, and the receiver tells what is wrong with it. */
  pack<T>(value: T): T {
    if (!isTypedArray(value, 'Uint8Array', 'Uint16Array', 'Int32Array', 'Float32Array'))
      return value;
    if (!isArrayBuffer(value.buffer)) return value; // shared
    // slice throws if the buffer was moved to another thread; the array is empty then
    if (value.length === 0) return new (value.constructor as new () => T & typeof value)();
    return this.move(value.slice()) as T & typeof value; // a copy has the type of its original
  }

  /** `pack` for the data of a tensor. */
  packTensor(tensor: Tensor): Tensor {
    return typeof tensor === 'object' && tensor !== null
      ? { shape: tensor.shape, data: this.pack(tensor.data) }
      : tensor;
  }

  /** Moves the array itself. It is empty here afterwards, as is every other array over the same buffer. */
  move<T>(value: T): T {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : undefined;
    if (isArrayBuffer(buffer) && !this.transfer.includes(buffer)) this.transfer.push(buffer);
    return value;
  }
}
