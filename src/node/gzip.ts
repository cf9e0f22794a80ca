/** Files that may be compressed. @module */
import { constants as bufferConstants } from 'node:buffer';
import { constants, gunzip } from 'node:zlib';
import { FormatError } from '../base/errors.ts';
import { errorCode } from './fileErrors.ts';
import { plainBytes } from './files.ts';

/** Bytes of compressed data that are unpacked for a header. At gzip's 1032 : 1 they make at most 4 MiB. */
const START_BYTES = 4096;

/**
 * The content of a file, unpacked if it begins as gzip files do. The name does not matter.
 *
 * @param expectedBytes Returns the length of the content from its first bytes. Unpacking stops with an error one byte
 * later, so that a small file cannot fill the memory.
 * @throws {FormatError} if the file is damaged, cut short, or longer.
 */
export async function unpack(
  bytes: Uint8Array,
  where: string,
  expectedBytes: (start: Uint8Array) => number,
): Promise<Uint8Array> {
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    const start = await unzip(bytes.subarray(0, START_BYTES), {
      finishFlush: constants.Z_SYNC_FLUSH, // the end of the file is missing here
    });
    const maxOutputLength = Math.min(expectedBytes(start), bufferConstants.MAX_LENGTH);
    return await unzip(bytes, { maxOutputLength });
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const got = errorCode(cause) === 'ERR_BUFFER_TOO_LARGE' ? 'more' : errorCode(cause);
    throw new FormatError(
      `${where}: expected gzip of as many bytes as the header inside says, got ${got}. The file is damaged; fetch it again.`,
      0,
    );
  }
}

function unzip(bytes: Uint8Array, options: Parameters<typeof gunzip>[1]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, options ?? {}, (error, result) =>
      error ? reject(error) : resolve(plainBytes(result)),
    );
  });
}
