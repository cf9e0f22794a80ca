/**
 * The checksum of our files, kept in the file's own metadata: CRC-32 over the header without the checksum, then over the
 * data of the tensors. It covers names, shapes, metadata and values.
 * @module
 */

import { crc32 } from '../../base/crc32.ts';
import { describe, FormatError } from '../../base/errors.ts';
import { type Entry, encodeHeader } from '../safetensors/safetensors.ts';

type Metadata = Readonly<Record<string, string>>;

const KEY = 'convlet.crc32';

/** Adds the checksum to the metadata. */
export function seal(entries: readonly Entry[], metadata: Metadata): Metadata {
  return { ...metadata, [KEY]: checksum(entries, metadata) };
}

/**
 * Checks the checksum. @returns the metadata without it.
 * @throws {FormatError} if the checksum differs, or if it is missing and required.
 */
export function breakSeal(
  entries: readonly Entry[],
  { [KEY]: given, ...metadata }: Metadata,
  where: string,
  mustBe: boolean,
): Metadata {
  if (given === undefined && !mustBe) return metadata;
  const expected = checksum(entries, metadata);
  if (given === expected) return metadata;
  throw new FormatError(
    `${where}: expected the checksum ${expected}, got ${describe(given)}. The file is damaged, or was changed without leaving '${KEY}' out of its metadata.`,
    8,
  );
}

function checksum(entries: readonly Entry[], metadata: Metadata): string {
  const data = entries.map(
    ([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return crc32(encodeHeader(entries, metadata), ...data)
    .toString(16)
    .padStart(8, '0');
}
