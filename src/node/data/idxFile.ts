/** One IDX file, raw or compressed. @module */
import { idxByteLength, type NamedBytes } from '../../data/idx.ts';
import { readInput } from '../files.ts';
import { unpack } from '../gzip.ts';

/** Reads the file, and unpacks as much as its header says. @throws {FormatError} if it is damaged. */
export async function readIdx(path: string): Promise<NamedBytes> {
  const bytes = await unpack(await readInput(path), path, (start) => idxByteLength(start, path));
  return { name: path, bytes };
}
