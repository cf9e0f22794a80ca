/**
 * Reads zip archives, as data from a stranger (PKWARE, "APPNOTE.TXT", sections 4.3.7, 4.3.12 and 4.3.16):
 *
 *   local header │ name │ extra │ packed bytes │ … │ central directory: a record a file │ end record
 *
 * The central directory says what there is. It lies between the files and the one end record, and has as many bytes as that record
 * says. No file is larger than what its packed bytes can make, no two share bytes, together they have at most 4 GiB, and each has
 * the length and the checksum that it should have. Zip64, archives in parts and encryption are not read.
 * @module
 */
import { crc32 } from '../base/crc32.ts';
import { FormatError, quote } from '../base/errors.ts';

const END = 0x06054b50;
const END_BYTES = 22;
/** Longest remark at the end of an archive. */
const MOST_REMARK = 65_535;
const RECORD = 0x02014b50;
const RECORD_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
/** Most bytes that a packed byte makes (zlib, "Technical details": 1032 : 1). */
const MOST_RATIO = 1032;

/** Most bytes of all files together: what a small archive may make of itself. */
const MOST_BYTES = 2 ** 32;
/** A count, and a size or an offset, that say in zip64 that the true one is elsewhere. */
const [COUNT_ELSEWHERE, ELSEWHERE] = [0xffff, 0xffffffff];
/** NumPy writes zip64 from 2 GiB on. */
const SAVE_LESS = 'Save fewer or smaller arrays: less than 2 GiB, and fewer than 65,535';

/** Unpacks bytes into `out`. Returns the part of `out` that was filled: all of it if there are more. */
type Inflate = (packed: Uint8Array, options: { readonly out: Uint8Array }) => Uint8Array;

type Fail = (got: string, at: number, advice?: string) => FormatError;

/** What the list says of a file. Its local header and its data are the bytes from `start` to `end`. */
interface Entry {
  readonly title: string;
  readonly isStored: boolean;
  readonly checksum: number;
  readonly size: number;
  readonly start: number;
  readonly dataStart: number;
  readonly end: number;
}

/**
 * The files whose names are wanted, by name, in the order of the list. A file that was not compressed is a view of `bytes`.
 * @throws {FormatError} if the archive is damaged, or of more than 4 GiB. @throws {RangeError} if there is no memory for a file.
 */
export function unzip(
  bytes: Uint8Array,
  where: string,
  isWanted: (name: string) => boolean,
  inflate: Inflate,
): ReadonlyMap<string, Uint8Array> {
  const fail: Fail = (got, at, advice = 'Save it again') =>
    new FormatError(
      `${where}: expected a zip archive of arrays, as numpy.savez writes it, got ${got}. ${advice}.`,
      at,
    );
  const entries = readList(bytes, isWanted, fail);
  checkTogether([...entries.values()], fail);
  const files = new Map<string, Uint8Array>();
  for (const [name, { title, isStored, checksum, size, dataStart, end }] of entries) {
    const packed = bytes.subarray(dataStart, end);
    const data = isStored ? packed : attempt(inflate, packed, roomFor(size, where, title));
    if (data?.length !== size || crc32(data) !== checksum)
      throw fail(`${title} damaged`, dataStart);
    files.set(name, data);
  }
  return files;
}

/** The files that are wanted, by name, each checked by itself. */
function readList(
  bytes: Uint8Array,
  isWanted: (name: string) => boolean,
  fail: Fail,
): ReadonlyMap<string, Entry> {
  if (bytes.length === 0) throw fail('a file without its end', 0); // their buffer may have gone to another thread
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [endRecord, ...others] = findEnds(view);
  if (endRecord === undefined) throw fail('a file without its end', bytes.length);
  if (others.length > 0) throw fail('a file with two ends', endRecord);
  const count = view.getUint16(endRecord + 10, true);
  const [listBytes, list] = [
    view.getUint32(endRecord + 12, true),
    view.getUint32(endRecord + 16, true),
  ];
  const zip64 = (at: number) => fail('a zip64 archive, which is not read', at, SAVE_LESS);
  if (count === COUNT_ELSEWHERE || [listBytes, list].includes(ELSEWHERE)) throw zip64(endRecord);
  const entries = new Map<string, Entry>();
  let at = list;
  for (let left = count; left > 0; left--) {
    if (!begins(view, at, RECORD, RECORD_BYTES)) throw fail('a damaged list of its files', at);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [checksum, packedBytes] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true)];
    const [size, nameBytes] = [view.getUint32(at + 24, true), view.getUint16(at + 28, true)];
    const start = view.getUint32(at + 42, true);
    const nameStart = at + RECORD_BYTES;
    const name = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameBytes));
    at = nameStart + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (!isWanted(name)) continue;
    const title = quote(name);
    if ([packedBytes, size, start].includes(ELSEWHERE)) throw zip64(nameStart - RECORD_BYTES);
    if (entries.has(name)) throw fail(`${title} twice`, start);
    if (!begins(view, start, LOCAL, LOCAL_BYTES)) throw fail(`no ${title} in its place`, start);
    const dataStart =
      start + LOCAL_BYTES + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    const end = dataStart + packedBytes;
    if (end > list) throw fail(`${title} cut short`, dataStart);
    if ((flags & 1) !== 0) throw fail(`${title} encrypted`, start);
    if (method !== STORED && method !== DEFLATED) {
      throw fail(`${title} packed by method ${method}`, start);
    }
    const isStored = method === STORED;
    const most = isStored ? packedBytes : packedBytes * MOST_RATIO;
    if (size > most) throw fail(`${title} of ${size} bytes out of ${packedBytes}`, start);
    entries.set(name, { title, isStored, checksum, size, start, dataStart, end });
  }
  if (at !== list + listBytes || at > endRecord) throw fail('a damaged list of its files', at);
  return entries;
}

/** Checks that no two files share bytes, and that all together are not too large. */
function checkTogether(entries: Entry[], fail: Fail): void {
  let [taken, total] = [0, 0];
  for (const { title, start, end, size } of entries.sort((a, b) => a.start - b.start)) {
    if (start < taken) throw fail(`${title} sharing its bytes with another file`, start);
    taken = end;
    total += size;
    if (total > MOST_BYTES) throw fail('more than 4 GiB', start, SAVE_LESS);
  }
}

/** Where records are whose remark ends with the file. There is one, unless a remark or a file holds another. */
function findEnds(view: DataView): readonly number[] {
  const ends: number[] = [];
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MOST_REMARK); at--) {
    const isEnd = view.getUint32(at, true) === END && view.getUint16(at + 20, true) === last - at;
    if (isEnd) ends.push(at);
  }
  return ends;
}

/** Whether a record of this kind lies whole in the file. */
function begins(view: DataView, at: number, signature: number, length: number): boolean {
  return at + length <= view.byteLength && view.getUint32(at, true) === signature;
}

/** Room for a file of `size` bytes and for one byte more, which only a longer file fills. */
function roomFor(size: number, where: string, title: string): Uint8Array {
  try {
    return new Uint8Array(size + 1);
  } catch {
    throw new RangeError(
      `${where}: expected arrays that fit into the memory of this machine, got ${title} of ${size} bytes. Save fewer or smaller arrays.`,
    );
  }
}

/** The unpacked bytes; undefined if they cannot be unpacked. */
function attempt(inflate: Inflate, packed: Uint8Array, out: Uint8Array): Uint8Array | undefined {
  try {
    return inflate(packed, { out });
  } catch {
    return undefined;
  }
}
