/** Constants of an ONNX graph: tensors of its file, and what is computed of them before any image comes. @module */
import { describe, FormatError } from '../../base/errors.ts';
import { numberOfBrain, numberOfHalf } from '../../base/half.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import type { onnx } from './messages.js';

/** A tensor that is known. Whole numbers that only the batch decides are NaN. */
export interface Constant extends Pick<Tensor, 'shape'> {
  readonly data: Float32Array | Float64Array;
  /** Whether these are whole numbers: they divide without a rest. */
  readonly isWhole: boolean;
}

/** A type of numbers: how many bytes one has, how it is read, and the field that may hold it if there are no raw bytes. */
interface Type {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  readonly field: 'floatData' | 'doubleData' | 'int32Data' | 'int64Data';
  readonly isWhole?: true;
  /** Of bits that are kept in `int32Data`. */
  readonly ofBits?: (bits: number) => number;
}

/** By number of TensorProto.DataType. */
const TYPES: Readonly<Record<number, Type>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true), field: 'floatData' },
  2: { bytes: 1, read: (view, at) => view.getUint8(at), field: 'int32Data', isWhole: true },
  3: { bytes: 1, read: (view, at) => view.getInt8(at), field: 'int32Data', isWhole: true },
  6: { bytes: 4, read: (view, at) => view.getInt32(at, true), field: 'int32Data', isWhole: true },
  7: {
    bytes: 8,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    field: 'int64Data',
    isWhole: true,
  },
  9: { bytes: 1, read: (view, at) => view.getUint8(at), field: 'int32Data', isWhole: true },
  10: {
    bytes: 2,
    read: (view, at) => numberOfHalf(view.getUint16(at, true)),
    field: 'int32Data',
    ofBits: numberOfHalf,
  },
  11: { bytes: 8, read: (view, at) => view.getFloat64(at, true), field: 'doubleData' },
  16: {
    bytes: 2,
    read: (view, at) => numberOfBrain(view.getUint16(at, true)),
    field: 'int32Data',
    ofBits: numberOfBrain,
  },
};

/** Whether a type of the schema is one of floats, to which a cast changes nothing here. */
export function isFloatType(type: number): boolean {
  return TYPES[type] !== undefined && TYPES[type].isWhole === undefined;
}

/** Axes of a constant. */
export const MOST_AXES = 32;

/**
 * A tensor of the file.
 * @throws {FormatError} if its numbers are elsewhere, of a type that is not read, or more or fewer than its shape says.
 */
export function readTensor(where: string, tensor: onnx.TensorProto.$Properties): Constant {
  const shape = (tensor.dims ?? []).map(Number); // protobufjs has a type of its own for 64 bits
  const type = TYPES[tensor.dataType ?? 0];
  if ((tensor.dataLocation ?? 0) !== 0 || (tensor.externalData ?? []).length > 0) {
    throw new FormatError(
      `${where}: expected its numbers in the file, got those of another file. Save the model as one file.`,
      0,
    );
  }
  if (type === undefined || tensor.segment) {
    throw new FormatError(
      `${where}: expected floats or whole numbers, got type ${tensor.dataType ?? 0} of ONNX. Convert it to floats.`,
      0,
    );
  }
  const count = elementCount(shape);
  const { rawData, [type.field]: values = [] } = tensor;
  const isRaw = (rawData?.length ?? 0) > 0;
  const got = isRaw ? (rawData?.length ?? 0) / type.bytes : (values?.length ?? 0);
  const isSize = (size: number) => Number.isSafeInteger(size) && size >= 0;
  const isShape = shape.length <= MOST_AXES && shape.every(isSize);
  if (!(isShape && got === count)) {
    throw new FormatError(
      `${where}: expected ${isShape ? `${count} numbers, as ${formatShape(shape)} has` : 'sizes that can be counted'}, got ${isShape ? got : describe(shape)}. Use a whole file.`,
      0,
    );
  }
  const isWhole = type.isWhole === true;
  const data = isWhole ? new Float64Array(count) : new Float32Array(count);
  if (isRaw && rawData) {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    for (let i = 0; i < count; i++) data[i] = type.read(view, i * type.bytes);
  } else {
    const { ofBits = (bits: number) => bits } = type;
    for (let i = 0; i < count; i++) data[i] = ofBits(Number(values?.[i] ?? 0));
  }
  return { shape, data, isWhole };
}

/** Whole numbers in a row. */
export function integersOf(values: readonly number[]): Constant {
  return { shape: [values.length], data: Float64Array.from(values), isWhole: true };
}

/** A constant as a tensor of f32. */
export function tensorOf({ shape, data }: Constant, as: Shape = shape): Tensor {
  return { shape: as, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
