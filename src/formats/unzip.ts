/**
 * Reads zip archives, as data from a stranger (PKWARE, "APPNOTE.TXT", sections 4.3.7, 4.3.12 and 4.3.16):
 *
 *   local header │ name │ extra │ packed bytes │ … │ central directory: a record a file │ end record
 *
 * The central directory says what there is. No file is larger than what its packed bytes can make, no two share bytes, and each
 * has the checksum that it should have. Files of 4 GiB and more, parts and encryption are not read.
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

/** Unpacks bytes into `out`, which has the length that they should have. */
type Inflate = (packed: Uint8Array, options: { readonly out: Uint8Array }) => Uint8Array;

/**
 * The files whose names are wanted, by name.
 * @throws {FormatError} if the archive is damaged.
 */
export function unzip(
  bytes: Uint8Array,
  where: string,
  isWanted: (name: string) => boolean,
  inflate: Inflate,
): ReadonlyMap<string, Uint8Array> {
  const fail = (got: string, at: number) =>
    new FormatError(
      `${where}: expected a zip archive of arrays, as numpy.savez writes it, got ${got}. Save it again.`,
      at,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === undefined) throw fail('a file without its end', bytes.length);
  const files = new Map<string, Uint8Array>();
  let room = bytes.length;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
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
    if (files.has(name)) throw fail(`${title} twice`, start);
    if (!begins(view, start, LOCAL, LOCAL_BYTES)) throw fail(`no ${title} in its place`, start);
    const dataStart =
      start + LOCAL_BYTES + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    const packed = bytes.subarray(dataStart, dataStart + packedBytes);
    room -= packed.length;
    if (packed.length < packedBytes || room < 0) throw fail(`${title} cut short`, dataStart);
    if ((flags & 1) !== 0) throw fail(`${title} encrypted`, start);
    if (method !== STORED && method !== DEFLATED) {
      throw fail(`${title} packed by method ${method}`, start);
    }
    const most = method === STORED ? packedBytes : packedBytes * MOST_RATIO;
    if (size > most) throw fail(`${title} of ${size} bytes out of ${packedBytes}`, start);
    const data = method === STORED ? packed.slice() : attempt(inflate, packed, size);
    if (data?.length !== size || crc32(data) !== checksum)
      throw fail(`${title} damaged`, dataStart);
    files.set(name, data);
  }
  return files;
}

/** Where the record at the end is: it may be followed by a remark. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MOST_REMARK); at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  return undefined;
}

/** Whether a record of this kind lies whole in the file. */
function begins(view: DataView, at: number, signature: number, length: number): boolean {
  return at + length <= view.byteLength && view.getUint32(at, true) === signature;
}

/** The unpacked bytes; undefined if they cannot be unpacked. */
function attempt(inflate: Inflate, packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return inflate(packed, { out: new Uint8Array(size) });
  } catch {
    return undefined;
  }
}
