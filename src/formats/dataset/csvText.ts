/** The text of a CSV: gzip, and the encoding, are known by the first bytes, whatever the name. @module */
import { FormatError } from '../../base/errors.ts';
import { unreadable } from './csvTable.ts';

/** What gzip files begin with (RFC 1952, section 2.3.1), as characters of one byte. */
export const GZIP = '\x1f\x8b';

/** Unpacked bytes for each packed byte, and bytes that are always allowed. Tables of blank pictures have some 100; gzip can have 1032. */
const MOST_RATIO = 200;
const ALWAYS_BYTES = 2 ** 24;

/** Bytes that are decoded at a time. */
const BLOCK_BYTES = 2 ** 20;

/**
 * A decoder that takes the blocks of a file one after another, and nothing at the end. A byte order mark tells UTF-16; everything
 * else is UTF-8. Bytes that are neither are refused: they would all become one character, and different labels one class.
 * @throws {FormatError} if they are not text.
 */
export function csvDecoder(path: string): (block?: Uint8Array) => string {
  let decoder: TextDecoder | undefined;
  return (block) => {
    decoder ??= new TextDecoder(encodingOf(block), { fatal: true });
    try {
      return decoder.decode(block, { stream: block !== undefined });
    } catch {
      throw unreadable(path, `not ${decoder.encoding.toUpperCase()}`);
    }
  };
}

/**
 * The bytes of a CSV unpacked, in UTF-8, without a byte order mark.
 * @throws {FormatError} if they are damaged, are no text, or unpack to so much that a small file would fill the memory.
 */
export async function csvBytes(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const isGzip = bytes[0] === GZIP.charCodeAt(0) && bytes[1] === GZIP.charCodeAt(1);
  const plain = isGzip ? await gunzip(bytes, path) : bytes;
  const decode = csvDecoder(path);
  if (encodingOf(plain) !== 'utf-8') return new TextEncoder().encode(decode(plain) + decode());
  for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
    decode(plain.subarray(at, at + BLOCK_BYTES)); // checked alone: the whole text would take the memory of the file again
  }
  decode();
  const hasMark = plain[0] === 0xef && plain[1] === 0xbb && plain[2] === 0xbf;
  return hasMark ? plain.subarray(3) : plain;
}

/** What a file is that begins as gzip does, and cannot be unpacked. */
export function damagedGzip(path: string): FormatError {
  return new FormatError(
    `${path}: expected gzip that is whole, got what cannot be unpacked. The file is damaged; fetch it again.`,
    0,
  );
}

function encodingOf(start: Uint8Array = new Uint8Array()): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
}

async function gunzip(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const most = ALWAYS_BYTES + MOST_RATIO * bytes.length;
  const packed = new Blob([new Uint8Array(bytes)]).stream();
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  for (let length = 0; ; ) {
    const { value } = await reader.read().catch(() => {
      throw damagedGzip(path);
    });
    if (value === undefined) break;
    length += value.length;
    blocks.push(value);
    if (length <= most) continue;
    await reader.cancel();
    throw new FormatError(
      `${path}: expected gzip of at most ${most} bytes, got more. Unpack the file first.`,
      0,
    );
  }
  return new Uint8Array(await new Blob(blocks).arrayBuffer());
}
