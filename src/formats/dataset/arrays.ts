/** Images in rows, in memory or in a file: the source of IDX, CSV and NumPy files. @module */
import { isTypedArray } from '../../base/brands.ts';
import { ShapeError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Images, Preparation, Shape } from '../../base/types.ts';
import type { Size } from '../../data/fitPicture.ts';
import { channelsFirst } from '../../data/layout.ts';
import { reshapeImages } from '../../data/reshapeImages.ts';
import type { Part, ReadSettings, Rows, Selection, Source } from './source.ts';

/** Images with their labels. */
export interface ArrayPart extends Part, Images {
  readonly name: string;
}

/** The same, read by index. */
export interface RowPart extends Part {
  readonly count: number;
  readonly shape: Shape;
  /** The pixels of the images at `indices`. */
  rows(indices: readonly number[]): Images['images'] | Promise<Images['images']>;
}

/** A source of images in memory. @throws {ShapeError} as `rowSource` does. */
export function arraySource(
  path: string,
  train: ArrayPart,
  test: ArrayPart | undefined,
  preparation: Preparation,
  settings: ReadSettings,
): Source {
  const parts = [rowsIn(train), test && rowsIn(test)] as const;
  return rowSource(path, ...parts, preparation, settings);
}

/** A source of images in rows. @throws {ShapeError} if the parts have different shapes, and no size or channels make them equal. */
export function rowSource(
  path: string,
  train: RowPart,
  test: RowPart | undefined,
  preparation: Preparation,
  { size, channels }: ReadSettings,
): Source {
  for (const { name, count, labels } of test === undefined ? [train] : [train, test]) {
    if (count === labels.length) continue;
    throw new ShapeError(
      `${path}: ${name}: expected a label for each of ${count} images, got ${labels.length} labels. Use files of the same images.`,
    );
  }
  for (const { name, shape } of test === undefined ? [train] : [train, test]) {
    const [own = 0] = shape;
    if (channels === undefined || channels === own || own === 1 || own === 3) continue;
    throw new ShapeError(
      `${path}: ${name}: expected images of 1 or 3 channels to make ${channels} of them, got ${own}. Leave out channels.`,
    );
  }
  const shapeOf = ({ shape }: RowPart): Shape => [
    channels ?? shape[0] ?? 0,
    ...(size ?? shape.slice(1)),
  ];
  const shape = shapeOf(train);
  const [shapes, others] = [shape, shapeOf(test ?? train)].map(formatShape);
  if (shapes !== others) {
    throw new ShapeError(
      `${path}: ${test?.name}: expected images ${shapes}, as ${train.name} has, got ${others}. Give a size.`,
    );
  }
  return {
    train,
    ...(test && { test }),
    order: 'number',
    preparation,
    isByClass: false,
    async open() {
      const read = async ({ isTest, indices }: Selection): Promise<Rows> => {
        const part = isTest && test !== undefined ? test : train;
        const images = await part.rows(indices);
        return { ...reshapeImages({ images, shape: part.shape }, size, channels), indices };
      };
      return { shape, read };
    },
  };
}

function rowsIn(part: ArrayPart): RowPart {
  const { images, shape, name, labels, known } = part;
  const count = images.length / elementCount(shape);
  const rows = (indices: readonly number[]) => rowsOf(part, indices);
  return { name, labels, ...(known && { known }), shape, count, rows };
}

/** Copies of the images at `indices`; all of them are not copied. */
function rowsOf({ images, shape }: Images, indices: readonly number[]): Images['images'] {
  const length = elementCount(shape);
  if (indices.length * length === images.length) return images;
  const rows = emptyLike(images, indices.length * length);
  for (const [n, index] of indices.entries()) {
    rows.set(images.subarray(index * length, (index + 1) * length), n * length);
  }
  return rows;
}

/**
 * Images out of rows of pixels: of the size that is given, or square; grey, or RGB with the three numbers of a pixel together.
 * @throws {ShapeError} if the rows are no such images.
 */
export function imagesOfRows(
  where: string,
  pixels: Images['images'],
  length: number,
  { size, channels }: { readonly size: Size | undefined; readonly channels: 1 | 3 | undefined },
): Images {
  const shape = shapeOfRow(length, size, channels);
  if (shape === undefined) {
    throw new ShapeError(
      `${where}: expected rows of a square image, grey or RGB, got ${length} pixels. Give the size as height and width.`,
    );
  }
  if (shape[0] === 1) return { images: pixels, shape };
  return { images: channelsFirst(emptyLike(pixels, pixels.length), pixels, shape), shape };
}

function shapeOfRow(
  length: number,
  size: Size | undefined,
  channels: 1 | 3 = 1,
): Shape | undefined {
  for (const count of [channels, 4 - channels]) {
    if (size !== undefined && length === count * size[0] * size[1]) return [count, ...size];
  }
  for (const count of [1, 3]) {
    const side = Math.round(Math.sqrt(length / count));
    if (length > 0 && count * side * side === length) return [count, side, side];
  }
  return undefined;
}

function emptyLike(pixels: Images['images'], length: number): Uint8Array | Float32Array {
  return isTypedArray(pixels, 'Uint8Array') ? new Uint8Array(length) : new Float32Array(length);
}

/**
 * Numbers as pixels. Whole numbers from 0 to 255, with one above 1 among them, are bytes; everything else is taken as it is,
 * 0 and 1 alone too.
 */
export function pixelsOf(numbers: ArrayLike<number>): Uint8Array | Float32Array {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] ?? Number.NaN;
    if (!(value >= 0 && value <= 255 && Number.isInteger(value))) return Float32Array.from(numbers);
    if (value > most) most = value;
  }
  return most > 1 ? Uint8Array.from(numbers) : Float32Array.from(numbers);
}
