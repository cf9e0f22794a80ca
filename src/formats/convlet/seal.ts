/**
 * The checksum of a file of ours, kept in its own metadata: CRC-32 over the header without it, then over the data of the
 * tensors. Names, shapes, metadata and values are all covered, so that no damage passes for weights.
 * @module
 */

import { crc32 } from '../../base/crc32.ts';
import { describe, FormatError } from '../../base/errors.ts';
import { type Entry, encodeHeader } from '../safetensors/safetensors.ts';

type Metadata = Readonly<Record<string, string>>;

const KEY = 'convlet.crc32';

/** The metadata and their checksum. */
export function seal(entries: readonly Entry[], metadata: Metadata): Metadata {
  return { ...metadata, [KEY]: checksum(entries, metadata) };
}

/**
 * The metadata without their checksum, which is compared.
 * @throws {FormatError} where it is another, or there is none and there must be one.
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
