/**
 * .npz, NumPy's archive of arrays: a zip file with one .npy for each array (npy.ts), uncompressed, as `numpy.savez` writes
 * it. The archive of a model also holds `convlet.json`, the spec. The optional package fflate makes and reads the zip.
 * @module
 */
import { FormatError } from '../base/errors.ts';
import { importOptional } from '../base/optional.ts';
import { contentOf, type ModelSource, PREPROCESSING } from './convlet/source.ts';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.ts';

/** Larger arrays are refused before they are unpacked. */
const MOST_BYTES = 2 ** 32;
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
  const { unzipSync } = await importOptional('fflate@0.8.3', 'npz', () => import('fflate'));
  let total = 0;
  const files = attempt(where, () =>
    unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!name.endsWith('.npy')) return false;
        total += originalSize;
        if (total <= MOST_BYTES) return true;
        throw new FormatError(
          `${where}: expected arrays of 4 GiB at most, got more. Split them.`,
          0,
        );
      },
    }),
  );
  const arrays = Object.entries(files).map(([name, data]): [string, NpyArray] => {
    const title = name.slice(0, -'.npy'.length);
    return [title, decodeNpy(data, `${where}: ${title}`)];
  });
  return new Map(arrays);
}

function attempt<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(
      `${where}: expected a zip archive of arrays, as numpy.savez writes it, got one that could not be read (${(cause as Error).message}). Save it again.`,
      0,
    );
  }
}
