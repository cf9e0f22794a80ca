/**
 * .npy, one array of NumPy (numpy.org, "NEP 1: a simple file format for NumPy arrays"):
 *
 *   0x93 "NUMPY" 1 0 │ u16 length │ "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 2028), }" │ data
 *
 * Versions 2 and 3 have a u32 as length. Written are f32; read are all whole numbers, floats of 32 and 64 bits, truth values
 * and texts, in either order of bytes and of axes. Python objects are not read: they would be programs.
 * @module
 */
import { describe, FormatError } from '../base/errors.ts';
import { checkTensor } from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';

/** The first bytes of a .npy of version 1.0. */
const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0);
/** Data begin at a multiple of this number of bytes, so that they can be mapped into memory. */
const ALIGNMENT = 64;
/** An array that was read, row-major. */
export interface NpyArray {
  readonly shape: Shape;
  readonly data: Uint8Array | Float32Array | Float64Array | Int32Array | readonly string[];
  /** Whether the file says that these are whole numbers, bytes included. */
  readonly isWhole: boolean;
}

/** An array as one .npy file: little-endian f32, row-major. */
export function encodeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  checkTensor('encodeNpy', tensor);
  const { shape, data } = tensor;
  const sizes = shape.join(', ') + (shape.length === 1 ? ',' : ''); // as Python writes tuples
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const unpadded = MAGIC.length + 2 + text.length + 1;
  const dataStart = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const header = new TextEncoder().encode(`${text.padEnd(text.length + dataStart - unpadded)}\n`);
  const bytes = new Uint8Array(dataStart + data.byteLength);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, header.length, true);
  bytes.set(header, MAGIC.length + 2);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataStart);
  return bytes;
}

/** An element: its type, and how it is read. Least byte first if `little`. */
type Read = (view: DataView, at: number, little: boolean) => number;

/** By kind and bytes, as in `<f4`. */
const READERS: Readonly<Record<string, Read>> = {
  b1: (view, at) => Math.min(1, view.getUint8(at)),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/**
 * The array of a file; `where` names it in messages. Whole numbers above 2⁵³ are rounded.
 * @throws {FormatError} if the file is cut short or longer, or of another kind.
 */
export function decodeNpy(bytes: Uint8Array, where: string): NpyArray {
  const { descr, isFortran, shape, start } = readHeader(bytes, where);
  const [, order = '', kind = '', digits = ''] = /^([<>|=])([a-zA-Z])(\d{1,6})$/.exec(descr) ?? [];
  const size = Number(digits) * (kind === 'U' ? 4 : 1);
  const isText = (kind === 'U' || kind === 'S') && size > 0; // else a few bytes would tell of any number of texts
  const read = READERS[kind + digits];
  if (!(isText || read !== undefined)) {
    throw new FormatError(
      `${where}: expected numbers or texts, got the type ${describe(descr)}. Convert them, as by array.astype('float32').`,
      MAGIC.length,
    );
  }
  const count = shape.reduce((product, side) => product * side, 1);
  if (count * size !== bytes.length - start) {
    throw new FormatError(
      `${where}: expected ${count * size} bytes for ${shape.join('×')} of ${describe(descr)}, got ${bytes.length - start}. The file is damaged; save it again.`,
      Math.min(bytes.length, start),
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * size);
  const place = isFortran ? fortranPlaces(shape) : (index: number) => index;
  const isWhole = kind === 'u' || kind === 'i';
  if (read === undefined) {
    const texts = Array.from({ length: count }, (_, i) =>
      readText(view, place(i) * size, size, kind, order !== '>'),
    );
    return { shape, data: texts, isWhole };
  }
  if (descr.endsWith('u1') && !isFortran) {
    return { shape, data: bytes.slice(start), isWhole };
  }
  const data = emptyOf(kind + digits, count);
  for (let i = 0; i < count; i++) data[i] = read(view, place(i) * size, order !== '>');
  return { shape, data, isWhole };
}

/** An array that holds the numbers of a type exactly, or nearly for those of 64 bits. */
function emptyOf(
  type: string,
  count: number,
): Uint8Array | Int32Array | Float32Array | Float64Array {
  if (type === 'u1' || type === 'b1') return new Uint8Array(count);
  if (type === 'f4') return new Float32Array(count);
  return ['i1', 'u2', 'i2', 'i4'].includes(type) ? new Int32Array(count) : new Float64Array(count);
}

/** Where the element of a row-major index is in an array whose first axis runs fastest. */
function fortranPlaces(shape: Shape): (index: number) => number {
  let product = 1;
  const strides = shape.map((side) => {
    product *= side;
    return product / side;
  });
  return (index) => {
    let place = 0;
    let rest = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const side = shape[axis] ?? 1;
      place += (rest % side) * (strides[axis] ?? 1);
      rest = Math.floor(rest / side);
    }
    return place;
  };
}

/** A text, padded with zeros: of characters of 32 bits, or of bytes. */
function readText(view: DataView, at: number, size: number, kind: string, little: boolean): string {
  const step = kind === 'U' ? 4 : 1;
  let text = '';
  for (let i = 0; i < size; i += step) {
    const code = step === 4 ? view.getUint32(at + i, little) : view.getUint8(at + i);
    if (code === 0) break;
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}

/** Longest header: a shape needs a few dozen characters. */
const MOST_HEADER = 65_536;

function readHeader(
  bytes: Uint8Array,
  where: string,
): { descr: string; isFortran: boolean; shape: Shape; start: number } {
  const isNpy = MAGIC.subarray(0, 6).every((byte, i) => bytes[i] === byte);
  const version = bytes[6] ?? 0;
  if (!(isNpy && version >= 1 && version <= 3 && bytes.length >= 12)) {
    throw new FormatError(
      `${where}: expected a .npy of NumPy, version 1 to 3, got another file. Use numpy.save.`,
      0,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [length, begin] =
    version === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  const start = begin + length;
  const text =
    length <= MOST_HEADER && start <= bytes.length
      ? new TextDecoder().decode(bytes.subarray(begin, start))
      : '';
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || sizes === undefined) {
    throw new FormatError(
      `${where}: expected a header with the type, the order and the shape of an array, got ${describe(text)}. Save plain arrays, without Python objects.`,
      begin,
    );
  }
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  return { descr, isFortran: fortran === 'True', shape, start };
}
