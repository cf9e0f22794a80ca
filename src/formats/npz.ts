/**
 * .npz, NumPy's archive of arrays: a zip file with one .npy for each array (npy.ts), uncompressed, as `numpy.savez` writes
 * it. The archive of a model also holds `convlet.json`, the spec. The optional package fflate makes and reads the zip.
 * @module
 */
import { importOptional } from '../base/optional.ts';
import { contentOf, type ModelSource, PREPROCESSING } from './convlet/source.ts';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.ts';
import { unzip } from './unzip.ts';

/** The first moment that zip can express. A fixed time gives the same bytes whenever a model is written. */
const MODIFIED = '1980-01-01T00:00:00';

/**
 * The parameters of a model as `numpy.load` reads them: `file['0.weight']`.
 * @throws {Error} in one line, if the package fflate is absent.
 */
export async function encodeNpz(source: ModelSource): Promise<Uint8Array<ArrayBuffer>> {
  const { zipSync } = await importOptional('fflate@0.8.3', 'npz export', () => import('fflate'));
  const { spec, seed, weights, classNames, preparation } = contentOf('encodeNpz', source);
  const preprocessing: unknown = JSON.parse(PREPROCESSING);
  const json = JSON.stringify({ spec, seed, classNames, preparation, preprocessing });
  const files = Object.fromEntries(
    Array.from(weights, ([key, tensor]) => [`${key}.npy`, encodeNpy(tensor)]),
  );
  const entries = { ...files, 'convlet.json': new TextEncoder().encode(json) };
  return new Uint8Array(zipSync(entries, { level: 0, mtime: MODIFIED }));
}

/** Arrays by their names. */
export type NpzArrays = ReadonlyMap<string, NpyArray>;

/**
 * The arrays of an archive as `numpy.savez` and `savez_compressed` write it, by their names.
 * @throws {FormatError} if the archive is damaged, or an array is of a kind that is not read. @throws {Error} in one line, if
 * the package fflate is absent.
 */
export async function decodeNpz(bytes: Uint8Array, where: string): Promise<NpzArrays> {
  const { inflateSync } = await importOptional('fflate@0.8.3', 'npz', () => import('fflate'));
  const files = unzip(bytes, where, (name) => name.endsWith('.npy'), inflateSync);
  const arrays = Array.from(files, ([name, data]): [string, NpyArray] => {
    const title = name.slice(0, -'.npy'.length);
    return [title, decodeNpy(data, `${where}: ${title}`)];
  });
  return new Map(arrays);
}
