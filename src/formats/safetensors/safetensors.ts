/**
 * safetensors: tensors by name in one file (github.com/huggingface/safetensors, README, "Format").
 *
 *   8 bytes, length of the header, least byte first │ header, JSON │ the tensors' bytes, row-major, least byte first
 *   { "__metadata__": { key: text }, name: { "dtype": "F32", "shape": […], "data_offsets": [begin, end] }, … }
 *
 * A file is data from a stranger: every length is compared with the bytes at hand before it is used, the tensors must
 * cover the data without overlap or hole, and what the format leaves open (a name twice) is refused. Of its types F32 is
 * read, and for files of our own F64, F16, BF16, I8 and I32; torch's int64 `num_batches_tracked` is left out. Any bits are legal values, NaN included. Typed arrays keep the least byte first on every host that runs WebAssembly today.
 * @module
 */
import { isTypedArray } from '../../base/brands.ts';
import { checkBytes, checkRecord, checkText, wrongKind } from '../../base/checks.ts';
import { FormatError, ShapeError } from '../../base/errors.ts';
import { checkShape, checkTensor, elementCount } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { type Dtype, parseHeader, shorten, type TensorInfo } from './header.ts';

/** Bytes of the number that begins the file. The header is padded with spaces to a multiple of this length. */
const LENGTH_BYTES = 8;
/**
 * The reference implementation allows 100 MB. But JSON grows when it is parsed into objects, so a small file could ask for
 * gigabytes. This limit is room for more than two thousand tensors.
 * Measured: `[[[…]]]` grows up to sixtyfold (Node 20).
 */
const MAX_HEADER_BYTES = 262_144;

const WHERE = 'encodeSafetensors';

const ARRAYS = {
  F32: Float32Array,
  F64: Float64Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I8: Int8Array,
  I32: Int32Array,
  I64: BigInt64Array,
};

/** Types of checkpoints, of models, and of both. */
const CHECKPOINT_DTYPES: readonly Dtype[] = ['F32', 'F64'];
const MODEL_DTYPES: readonly Dtype[] = ['F32', 'F16', 'BF16', 'I8', 'I32'];
const DTYPES: readonly Dtype[] = [...new Set([...CHECKPOINT_DTYPES, ...MODEL_DTYPES])];

/** What messages call a file without a name. */
export const GIVEN = 'the given bytes';

/** Throws unless these are the bytes of a file, and its name in messages. `entry` is the function they were given to. */
export function checkFile(entry: string, bytes: unknown, where: unknown): void {
  checkBytes(entry, bytes);
  checkText(entry, 'where', where);
}

/** A tensor of f64. */
export interface DoubleTensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A tensor of fewer bits: of f16 and bf16 the bits. */
export type SmallTensor = { readonly shape: Shape } & (
  | { readonly dtype: 'F16' | 'BF16'; readonly data: Uint16Array }
  | { readonly dtype: 'I8'; readonly data: Int8Array }
  | { readonly dtype: 'I32'; readonly data: Int32Array }
);

export type AnyTensor = Tensor | DoubleTensor | SmallTensor;

/** A name and its tensor, in the order of the file. */
export type Entry = readonly [name: string, tensor: AnyTensor];

/** The content of a file: copies of the tensors, in the order of their bytes. */
export interface Safetensors<T = Tensor> {
  readonly tensors: Map<string, T>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The file of these tensors, in this order. The same tensors and metadata give the same bytes.
 * @throws {TypeError | ShapeError} if a value is no tensor. @throws {RangeError} if a name occurs twice or is reserved, or all of them
 * are too long to be read again.
 */
export function encodeSafetensors(
  tensors: Iterable<Entry>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = readEntries(tensors);
  for (const [name, text] of Object.entries(checkRecord(`${WHERE}: metadata`, metadata))) {
    checkText(`${WHERE}: metadata`, name, text);
  }
  const header = encodeHeader(entries, metadata);
  if (header.length > MAX_HEADER_BYTES) {
    throw new RangeError(
      `${WHERE}: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${header.length}: it holds all names, shapes and settings. Use fewer tensors, or shorter names and settings.`,
    );
  }
  const dataBytes = entries.reduce((total, [, { data }]) => total + data.byteLength, 0);
  const bytes = new Uint8Array(LENGTH_BYTES + header.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, LENGTH_BYTES);
  let begin = LENGTH_BYTES + header.length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin);
    begin += data.byteLength;
  }
  return bytes;
}

/**
 * The content of a file; `where` names it in messages.
 * @throws {FormatError} unless the file is whole and sound, and every tensor f32.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string = GIVEN): Safetensors {
  checkFile('decodeSafetensors', bytes, where);
  return decode(bytes, where, ['F32']) as Safetensors; // other types are refused
}

/** `decodeSafetensors` for files that may hold tensors of f64 too. */
export function decodeWithDoubles(
  bytes: Uint8Array,
  where: string,
): Safetensors<Tensor | DoubleTensor> {
  return decode(bytes, where, CHECKPOINT_DTYPES) as Safetensors<Tensor | DoubleTensor>; // of these types
}

/** `decodeSafetensors` for files that may hold tensors of fewer bits too. */
export function decodeWithSmall(
  bytes: Uint8Array,
  where: string,
): Safetensors<Tensor | SmallTensor> {
  return decode(bytes, where, MODEL_DTYPES) as Safetensors<Tensor | SmallTensor>; // of these types
}

/** So many bytes hold the header of any file. */
export const START_BYTES: number = LENGTH_BYTES + MAX_HEADER_BYTES;

/**
 * Checks a file before it is read: its length follows from its header.
 * @param start Its first `START_BYTES`. @throws {FormatError} unless the header is sound, and the file as long as it says.
 */
export function checkStart(start: Uint8Array, fileBytes: number, where: string): void {
  const dataStart = LENGTH_BYTES + readHeaderLength(start, fileBytes, where);
  const { infos } = parseHeader(start.subarray(LENGTH_BYTES, dataStart), where, DTYPES);
  infos.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(infos, fileBytes - dataStart, dataStart, where);
}

/** The metadata alone. @throws {FormatError} unless the header is sound. */
export function readMetadata(bytes: Uint8Array, where: string): Readonly<Record<string, string>> {
  const end = LENGTH_BYTES + readHeaderLength(bytes, bytes.length, where);
  return parseHeader(bytes.subarray(LENGTH_BYTES, end), where, DTYPES).metadata;
}

function decode(
  bytes: Uint8Array,
  where: string,
  dtypes: readonly Dtype[],
): Safetensors<AnyTensor> {
  const headerBytes = readHeaderLength(bytes, bytes.length, where);
  const dataStart = LENGTH_BYTES + headerBytes;
  const { infos, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), where, dtypes);
  infos.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(infos, bytes.length - dataStart, dataStart, where);
  const tensors = new Map<string, AnyTensor>();
  for (const { name, dtype, shape, begin, end } of infos) {
    if (dtype === 'I64') continue; // a counter of torch's
    // a copy of its own: the data need not be aligned in the file
    const { buffer } = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    const isFull = dtype === 'F32' || dtype === 'F64';
    const tensor = { ...(!isFull && { dtype }), shape, data: new ARRAYS[dtype](buffer) };
    tensors.set(name, tensor as AnyTensor);
  }
  return { tensors, metadata };
}

/** The header of tensors whose data follow one another: JSON, padded with spaces to a multiple of 8 bytes. */
export function encodeHeader(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set('__metadata__', metadata);
  let begin = 0;
  for (const [name, tensor] of entries) {
    const isReserved = name === '__metadata__' || name === '__proto__';
    if (isReserved || header.has(name)) {
      throw new RangeError(
        `${WHERE}: expected names of their own, got ${JSON.stringify(name)}, which is ${isReserved ? 'reserved' : 'used twice'}. Rename it.`,
      );
    }
    const dtype = checkedDtype(name, tensor);
    const end = begin + tensor.data.byteLength;
    header.set(name, {
      dtype,
      shape: tensor.shape,
      data_offsets: [begin, end],
    });
    begin = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = new Uint8Array(Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES);
  padded.fill(0x20);
  padded.set(text);
  return padded;
}

/** Pairs of a name and whatever is to be a tensor. */
function readEntries(tensors: unknown): Entry[] {
  const isList = typeof tensors === 'object' && tensors !== null && Symbol.iterator in tensors;
  if (!isList) throw wrongKind(WHERE, 'tensors', 'a Map or a list of [name, tensor]', tensors);
  const entries = [...(tensors as Iterable<unknown>)];
  for (const entry of entries) {
    if (!Array.isArray(entry)) throw wrongKind(WHERE, 'each entry', '[name, tensor]', entry);
    checkText(WHERE, 'each name', entry[0]);
  }
  return entries as Entry[];
}

/** The type of a tensor. Of all but f32 it may have no elements. @throws {TypeError | ShapeError} unless it is a tensor. */
function checkedDtype(name: string, tensor: AnyTensor): Dtype {
  const where = `${WHERE}: ${name}`;
  const dtype = dtypeOf(tensor);
  if (dtype === undefined) {
    checkTensor(where, tensor as Tensor);
    return 'F32';
  }
  checkShape(where, tensor.shape, undefined, 0);
  if (tensor.data.length === elementCount(tensor.shape)) return dtype;
  throw new ShapeError(
    `${where}: expected ${elementCount(tensor.shape)} numbers, got ${tensor.data.length}. Use all of the data.`,
  );
}

/** The type if it is not that of any tensor. */
function dtypeOf(tensor: AnyTensor | undefined): Dtype | undefined {
  if (isTypedArray(tensor?.data, 'Float64Array')) return 'F64';
  const isSmall = isTypedArray(tensor?.data, 'Uint16Array', 'Int8Array', 'Int32Array');
  return isSmall && tensor !== undefined && 'dtype' in tensor ? tensor.dtype : undefined;
}

function readHeaderLength(bytes: Uint8Array, fileBytes: number, where: string): number {
  const room = fileBytes - LENGTH_BYTES;
  if (room < 0) {
    throw new FormatError(
      `${where}: expected the length of a safetensors header in 8 bytes, got a file of ${fileBytes}. Use a whole file.`,
      fileBytes,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const most = Math.min(room, MAX_HEADER_BYTES);
  if (length > BigInt(most)) {
    const start = String.fromCharCode(...bytes.subarray(0, LENGTH_BYTES));
    const [, name, advice] = FOREIGN.find(([magic]) => start.startsWith(magic)) ?? [];
    const message =
      name === undefined
        ? `a safetensors header of at most ${most} bytes, got ${length}. Use a whole file.`
        : `a safetensors file, got ${name}. ${advice}.`;
    throw new FormatError(`${where}: expected ${message}`, 0);
  }
  return Number(length);
}

/** How files of other kinds begin, and what to do with them. Read as a length, each of these is beyond any header. */
const FOREIGN: readonly (readonly [start: string, name: string, advice: string])[] = [
  ['\x89HDF\r\n', 'an HDF5 file', 'Convert it with tensorflowjs_converter --input_format keras'],
  ['PK\x03\x04', 'a zip archive', 'Use decodeNpzModel for an .npz'],
  ['{"', 'JSON', 'Use decodeTfjs for a LayersModel'],
  ['\x08\x08\x12\x07conv', 'an ONNX file', 'Use decodeOnnx'],
  ['\x1f\x8b', 'a gzip file', 'Unpack it'],
];

/** Throws unless the tensors, sorted, follow one another from the first byte of the data to the last. */
function checkCover(
  infos: readonly TensorInfo[],
  dataBytes: number,
  dataStart: number,
  where: string,
): void {
  let covered = 0;
  for (const { name, dtype, shape, begin, end } of infos) {
    if (begin !== covered || end > dataBytes) {
      throw new FormatError(
        `${where}: expected ${shorten(name)} to begin at byte ${covered} of ${dataBytes} and to fit, got bytes ${begin} to ${end}. Use a whole file.`,
        dataStart + Math.min(begin, dataBytes),
      );
    }
    if (end - begin !== elementCount(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT) {
      throw new FormatError(
        `${where}: expected ${elementCount(shape)} ${dtype.toLowerCase()} for ${shorten(name)}, got ${end - begin} bytes. Use a whole file.`,
        dataStart + begin,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new FormatError(
      `${where}: expected ${covered} bytes of tensors, got ${dataBytes}. Use a whole file.`,
      dataStart + covered,
    );
  }
}
