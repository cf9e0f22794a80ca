/**
 * The JSON header of a safetensors file, read as hostile text: no value in it is trusted, and messages show none at full
 * length.
 * @module
 */
import { FormatError, quote } from '../../base/errors.ts';
import { parseStrictJson } from '../../base/json.ts';
import type { Shape } from '../../base/types.ts';

/** Of the format's many, those that are read here; I64 is only let pass (`isCounter`). */
export type Dtype = 'F32' | 'F64' | 'F16' | 'BF16' | 'I8' | 'I32' | 'I64';

/** What the header says about one tensor. Offsets count from the first byte after the header. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly infos: TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

type Fail = (expected: string, got: string) => FormatError;

/** Keys of a tensor's entry, sorted. */
const FIELDS = ['data_offsets', 'dtype', 'shape'];

/**
 * Parses a header. Does not compare the offsets with the data.
 * @throws {FormatError} unless it is JSON in the format's form, has each name once, and every tensor has one of `dtypes`.
 */
export function parseHeader(bytes: Uint8Array, where: string, dtypes: readonly Dtype[]): Header {
  const fail: Fail = (expected, got) =>
    new FormatError(
      `${where}: expected ${expected} in the header, got ${got}. Use a safetensors file.`,
      8,
    );
  const text = decodeText(bytes, fail);
  const header = parseJson(text, fail);
  const infos: TensorInfo[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    checkName(name, fail);
    if (name === '__metadata__') metadata = readMetadata(value, fail);
    else infos.push(readInfo(name, value, dtypes, fail));
  }
  return { infos, metadata };
}

function decodeText(bytes: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail('UTF-8', 'other bytes');
  }
}

function parseJson(text: string, fail: Fail): object {
  if (!text.startsWith('{')) throw fail('an object', shorten(text));
  try {
    return parseStrictJson(text) as object; // it begins as one
  } catch (cause) {
    throw fail('JSON with every name once', `${shorten(text)} (${(cause as Error).message})`);
  }
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (!isObject(value)) throw fail('__metadata__ to be an object', kindOf(value));
  for (const [key, text] of Object.entries(value)) {
    checkName(key, fail);
    if (typeof text !== 'string') throw fail(`text under ${shorten(key)}`, kindOf(text));
  }
  return value as Record<string, string>;
}

function readInfo(name: string, value: unknown, dtypes: readonly Dtype[], fail: Fail): TensorInfo {
  const quoted = shorten(name);
  if (!isObject(value) || Object.keys(value).sort().join() !== FIELDS.join()) {
    throw fail(`dtype, shape and data_offsets of ${quoted}`, kindOf(value));
  }
  const { dtype: given, shape, data_offsets: offsets } = value as Record<string, unknown>;
  const dtype =
    given === 'I64' && isCounter(name) ? given : dtypes.find((known) => known === given);
  if (dtype === undefined) {
    throw fail(`dtype ${dtypes.join(' or ')} of ${quoted}`, kindOf(given));
  }
  if (!isSizes(shape) || !Number.isSafeInteger(product(shape))) {
    throw fail(`a shape of ${quoted} that can be counted`, kindOf(shape));
  }
  const [begin, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || begin > end) {
    throw fail(`two rising data_offsets of ${quoted}`, kindOf(offsets));
  }
  return { name, dtype, shape, begin, end };
}

/** Whether a name is that of torch's count of the batches that a batch normalisation has seen, which nothing here needs. */
export function isCounter(name: string): boolean {
  return /(^|\.)num_batches_tracked$/.test(name);
}

/** Beyond 2⁵³ it is rounded, yet stays beyond, unless a size of 0 follows. */
function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

function checkName(name: string, fail: Fail): void {
  if (name === '__proto__') throw fail('a name', 'the reserved "__proto__"');
  if (/\p{Surrogate}/u.test(name)) throw fail('names in Unicode', 'half of a character');
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kind and size of a value, which may be large. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return `an object of ${Object.keys(value).length} keys`;
  return typeof value === 'string' ? shorten(value) : String(value);
}

/** The beginning of a text, quoted. */
export function shorten(text: string): string {
  return quote(text, 40);
}
