/** Images of a part in the place of a data set, read when `fit` wants them. @module */
import { crc32 } from '../../base/crc32.ts';
import { formatShape } from '../../base/shape.ts';
import type { Dataset, DatasetSource } from '../../base/types.ts';
import { emptyLabels } from '../../data/classNames.ts';
import { placesOf } from '../../data/source.ts';
import type { RowReader } from './source.ts';

/** A source whose labels are known. */
export type LabelledSource = DatasetSource & Required<Pick<DatasetSource, 'labels'>>;

/** Images by whose pixels a source is known again. */
const KNOWN_BY = 16;

/** The images of a part as a source. */
export async function sourceOf(
  reader: RowReader,
  indices: readonly number[],
  facts: Pick<Dataset, 'labels' | 'classes' | 'classNames' | 'preparation' | 'name'>,
): Promise<LabelledSource> {
  const count = indices.length;
  const { labels, classes } = facts;
  const read = async (places: readonly number[]): Promise<Dataset> => {
    const chosen = places.map((place) => indices[place] ?? 0);
    const { images, shape } = await reader.read({ isTest: false, indices: chosen });
    const own = emptyLabels(places.length, classes);
    for (const [n, place] of places.entries()) own[n] = labels[place] ?? 0;
    return { ...facts, images, shape, labels: own };
  };
  const { shape } = reader;
  const some = await read(placesOf(count, KNOWN_BY));
  const checksum = crc32(bytesOf(labels), bytesOf(some.images));
  const identity = `${formatShape(shape)} of ${classes} classes, checksum ${checksum}`;
  return { ...facts, count, shape, identity, read };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
