/** The weights of a LayersModel: what its manifest says of the files beside model.json. @module */
import { isMap, isRecord, isTypedArray } from '../../../base/brands.ts';
import { checkBytes } from '../../../base/checks.ts';
import { describe, FormatError, quote } from '../../../base/errors.ts';
import { numberOfHalf } from '../../../base/half.ts';
import { elementCount } from '../../../base/shape.ts';
import type { Tensor } from '../../../base/types.ts';
import type { TfjsFiles } from '../encode.ts';

/** The files of the weights: by their paths, in the order of the manifest, or the only one. */
export type WeightFiles =
  | Uint8Array
  | readonly Uint8Array[]
  | ReadonlyMap<string, Uint8Array>
  | Readonly<Record<string, Uint8Array>>
  | TfjsFiles;

/** Weights by the name of the layer, then by their own: `conv2d_1`, `kernel`. */
export type KerasWeights = ReadonlyMap<string, ReadonlyMap<string, Tensor>>;

/** A type of numbers: its bytes, and how one is read. */
interface Type {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const TYPES: Readonly<Record<string, Type>> = {
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  float16: { bytes: 2, read: (view, at) => numberOfHalf(view.getUint16(at, true)) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

const fail = (expected: string, got: string, advice: string, at = 0) =>
  new FormatError(`weights: expected ${expected}, got ${got}. ${advice}.`, at);

/**
 * Files by their paths; those that the manifest names are bytes.
 * @throws {TypeError} if one of these is none: `where` begins the message.
 */
export function filesByPath(
  where: string,
  manifest: unknown,
  files: WeightFiles,
): ReadonlyMap<string, unknown> {
  const paths = listOf(manifest).flatMap(pathsOf);
  const byPath = new Map<string, unknown>();
  if (isTypedArray(files, 'Uint8Array')) byPath.set(paths[0] ?? '', files);
  else if (Array.isArray(files)) {
    for (const [i, file] of files.entries()) byPath.set(paths[i] ?? '', file);
  } else if (isMap(files)) for (const [path, file] of files) byPath.set(String(path), file);
  else if (isRecord(files))
    for (const path of Object.keys(files)) byPath.set(path, files[path as never]);
  else checkBytes(`${where}: weight files`, files);
  for (const path of paths) {
    const file = byPath.get(path);
    if (file !== undefined) checkBytes(`${where}: weight files`, file);
  }
  return byPath;
}

/**
 * The weights of a manifest.
 * @throws {FormatError} if a file is missing, too short or too long, or damaged.
 */
export function readWeights(manifest: unknown, files: ReadonlyMap<string, unknown>): KerasWeights {
  const groups = listOf(manifest);
  const weights = new Map<string, Map<string, Tensor>>();
  for (const group of groups) {
    if (!isRecord(group)) throw fail('a manifest of groups', describe(group), 'Use a whole file');
    const bytes = joined(pathsOf(group).map((path) => fileOf(files, path)));
    let at = 0;
    for (const entry of listOf(group.weights)) {
      const { name, tensor, end } = readWeight(entry, bytes, at);
      const parts = name.replace(/:\d+$/, '').split('/');
      const [own = '', layer = ''] = parts.reverse();
      const known = weights.get(layer) ?? new Map<string, Tensor>();
      if (known.has(own)) throw fail('names of their own', `${quote(name)} twice`, 'Save it again');
      weights.set(layer, known.set(own, tensor));
      at = end;
    }
    if (at !== bytes.length) {
      throw fail(`${at} bytes, as the manifest says`, String(bytes.length), 'Use whole files', at);
    }
  }
  return weights;
}

/** The files of a group of a manifest. */
export function pathsOf(group: unknown): readonly string[] {
  const paths = isRecord(group) ? listOf(group.paths) : [];
  return paths.filter((path) => typeof path === 'string');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The file of a path. @throws {FormatError} if there is none. */
function fileOf(files: ReadonlyMap<string, unknown>, path: string): Uint8Array {
  const file = files.get(path);
  if (isTypedArray(file, 'Uint8Array')) return file;
  const names = [...files.keys()].slice(0, 5).map((name) => quote(name, 30));
  const got = names.join(', ') || 'none';
  throw fail(`a file ${quote(path)}`, got, 'Give all that the manifest names');
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array()] = parts;
  if (parts.length <= 1) return only;
  const all = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Axes of a weight. */
const MOST_AXES = 8;

/** A weight, and where the next begins. Quantised ones are `min + scale · number`. */
function readWeight(
  entry: unknown,
  bytes: Uint8Array,
  at: number,
): { readonly name: string; readonly tensor: Tensor; readonly end: number } {
  const { name, shape, dtype, quantization } = isRecord(entry)
    ? (entry as Record<string, unknown>)
    : {};
  const packed = isRecord(quantization) ? (quantization as Record<string, unknown>) : {};
  const stored = packed.dtype ?? dtype;
  const isType = typeof stored === 'string' && Object.hasOwn(TYPES, stored);
  const type = isType ? TYPES[stored] : undefined;
  const sizes = listOf(shape);
  const isSize = (size: unknown) => Number.isSafeInteger(size) && Number(size) >= 0;
  const isShape = sizes.length <= MOST_AXES && sizes.every(isSize);
  if (typeof name !== 'string' || type === undefined || !isShape || !Array.isArray(shape)) {
    const got = `${describe(name)} of type ${describe(stored)} and shape ${describe(shape)}`;
    throw fail('a weight with a name, a type of numbers and a shape', got, 'Save it again', at);
  }
  const count = elementCount(sizes as number[]);
  const end = at + count * type.bytes;
  if (!(end <= bytes.length)) {
    throw fail(`${count} numbers of ${quote(name)}`, 'fewer', 'Use whole files', bytes.length);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { scale = 1, min = 0 } = packed;
  if (typeof scale !== 'number' || typeof min !== 'number') {
    throw fail(`numbers as scale and min of ${quote(name)}`, describe(scale), 'Save it again', at);
  }
  const isPlain = scale === 1 && min === 0;
  const data = Float32Array.from({ length: count }, (_, i) => {
    const value = type.read(view, at + i * type.bytes);
    return isPlain ? value : value * scale + min;
  });
  return { name, tensor: { shape: sizes as number[], data }, end };
}
