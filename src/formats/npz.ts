/**
 * .npz, NumPy's archive of arrays: a zip file with one .npy for each array (npy.ts), uncompressed, as `numpy.savez` writes
 * it. The archive of a model also holds `convlet.json`, the spec. The optional package fflate makes and reads the zip.
 * @module
 */
import { isRecord } from '../base/brands.ts';
import { FormatError, quote } from '../base/errors.ts';
import { importOptional } from '../base/optional.ts';
import type { Tensor } from '../base/types.ts';
import { checkSpec, type ModelSpec } from '../compile/spec.ts';
import { readOrigin } from '../data/origin.ts';
import { inFile, parseJson } from './convlet/content.ts';
import { contentOf, type ModelSource, PREPROCESSING } from './convlet/source.ts';
import { fromTensors } from './network/fromTensors.ts';
import type { ImportedModel } from './network/imported.ts';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.ts';
import { checkFile, GIVEN } from './safetensors/safetensors.ts';
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
  return arraysOf(await unpack(bytes, where, (name) => name.endsWith(NPY)), where);
}

const NPY = '.npy';
/** Name of the spec in the archive of a model. */
const SPEC = 'convlet.json';

/**
 * The model of an archive: the arrays are its parameters, by their names.
 * @param spec The network; by default the one that `encodeNpz` wrote beside the arrays.
 * @param where Names the bytes in messages.
 * @throws {FormatError} if the archive is damaged, has no network, or its arrays are not those of the network.
 * @throws {Error} in one line, if the package fflate is absent.
 */
export async function decodeNpzModel(
  bytes: Uint8Array,
  spec?: ModelSpec,
  where: string = GIVEN,
): Promise<ImportedModel> {
  checkFile('decodeNpzModel', bytes, where);
  const given = spec === undefined ? undefined : checkSpec(spec);
  const files = await unpack(bytes, where, (name) => name.endsWith(NPY) || name === SPEC);
  const text = files.get(SPEC);
  const content = text === undefined ? {} : parseJson(new TextDecoder().decode(text), SPEC, where);
  const { spec: own, classNames, preparation } = isRecord(content) ? { ...content } : {};
  if (given === undefined && own === undefined) {
    throw new FormatError(
      `${where}: expected a network in ${SPEC}, got none. Give the spec of the network.`,
      0,
    );
  }
  const network = given ?? inFile(where, () => checkSpec(own));
  const tensors = Array.from(arraysOf(files, where), ([name, array]): [string, Tensor] => {
    const { shape, data } = array;
    if (data instanceof Float32Array) return [name, { shape, data }];
    if (Array.isArray(data)) {
      throw new FormatError(
        `${where}: expected numbers as ${quote(name)}, got texts. Leave it out.`,
        0,
      );
    }
    return [name, { shape, data: Float32Array.from(data as ArrayLike<number>) }];
  });
  const origin =
    given === undefined && inFile(where, () => readOrigin(SPEC, { classNames, preparation }));
  return { ...fromTensors(where, network, tensors), ...origin };
}

/** The files of an archive that are wanted. */
async function unpack(
  bytes: Uint8Array,
  where: string,
  isWanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { inflateSync } = await importOptional('fflate@0.8.3', 'npz', () => import('fflate'));
  return unzip(bytes, where, isWanted, inflateSync);
}

function arraysOf(files: ReadonlyMap<string, Uint8Array>, where: string): NpzArrays {
  const arrays = [...files].filter(([name]) => name.endsWith(NPY));
  return new Map(
    arrays.map(([name, data]): [string, NpyArray] => {
      const title = name.slice(0, -NPY.length);
      return [title, decodeNpy(data, `${where}: ${title}`)];
    }),
  );
}
