/**
 * .npz, NumPy's archive of arrays: a zip file with one .npy for each array, uncompressed, as `numpy.savez` writes it.
 *
 *   .npy   0x93 "NUMPY" 1 0 │ u16 length │ "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 2028), }" │ data
 *
 * (numpy.org, "NEP 1: a simple file format for NumPy arrays"). The archive also holds `convlet.json`, the spec. The
 * optional package fflate makes the zip.
 * @module
 */
import { importOptional } from '../base/optional.ts';
import { checkTensor } from '../base/shape.ts';
import type { Tensor } from '../base/types.ts';
import { contentOf, type ModelSource, PREPROCESSING } from './convlet/source.ts';

/** The first bytes of a .npy of version 1.0. */
const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0);
/** Data begin at a multiple of this number of bytes, so that they can be mapped into memory. */
const ALIGNMENT = 64;
/** The first moment that zip can express. A fixed time gives the same bytes whenever a model is written. */
const MODIFIED = '1980-01-01T00:00:00';

/**
 * The parameters of a model as `numpy.load` reads them: `file['0.weight']`.
 * @throws {Error} in one line, if the package fflate is absent.
 */
export async function encodeNpz(source: ModelSource): Promise<Uint8Array<ArrayBuffer>> {
  const { zipSync } = await importOptional('fflate@0.8.3', 'npz export', () => import('fflate'));
  const { spec, seed, weights } = contentOf('encodeNpz', source);
  const preprocessing: unknown = JSON.parse(PREPROCESSING);
  const json = JSON.stringify({ spec, seed, preprocessing });
  const files = Object.fromEntries(
    Array.from(weights, ([key, tensor]) => [`${key}.npy`, encodeNpy(tensor)]),
  );
  const entries = { ...files, 'convlet.json': new TextEncoder().encode(json) };
  return new Uint8Array(zipSync(entries, { level: 0, mtime: MODIFIED }));
}

/** An array as one .npy file: little-endian f32, row-major. */
export function encodeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  checkTensor('encodeNpy', tensor);
  const { shape, data } = tensor;
  const sizes = shape.join(', ') + (shape.length === 1 ? ',' : ''); // as Python writes tuples
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const unpadded = MAGIC.length + 2 + text.length + 1;
  const dataStart = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const header = new TextEncoder().encode(`${text.padEnd(text.length + dataStart - unpadded)}\n`);
  const bytes = new Uint8Array(dataStart + data.byteLength);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, header.length, true);
  bytes.set(header, MAGIC.length + 2);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataStart);
  return bytes;
}
