/**
 * IDX, the format of the MNIST files (LeCun, Cortes & Burges, "The MNIST database of handwritten digits", last section).
 *
 *   images   0x00000803 │ count │ rows │ columns │ count · rows · columns bytes
 *            0x00000804 │ count │ three axes of an image, channels first or last │ bytes
 *   labels   0x00000801 │ count │ count bytes
 *
 * Header numbers are 32-bit, most significant byte first. Every size is compared with the bytes at hand before it is
 * used. Products of such numbers may be rounded, but never down to the length of a real array.
 * @module
 */
import { checkBytes, checkInteger, checkRecord, checkText } from '../base/checks.ts';
import { FormatError } from '../base/errors.ts';
import type { Dataset, Shape } from '../base/types.ts';
import { channelsFirst, type Layout, layoutOf, shapeOf } from './layout.ts';

const IMAGES = 0x803;
/** With an axis of channels. */
const CHANNEL_IMAGES = 0x804;
const LABELS = 0x801;
const KINDS: ReadonlyMap<number, string> = new Map([
  [IMAGES, 'images'],
  [CHANNEL_IMAGES, 'images'],
  [LABELS, 'labels'],
]);

/** Images of a file: a view into it, or a copy if its channels come last. */
export interface IdxImages {
  readonly images: Uint8Array;
  /** `[1, rows, columns]`, or `[C, H, W]` */
  readonly shape: Shape;
  readonly count: number;
}

/** A file, and its name in messages. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Header {
  readonly magic: number;
  /** Count, then the axes of an image if the file has images. */
  readonly sizes: readonly number[];
  readonly headerBytes: number;
  readonly dataBytes: number;
}

/**
 * Length of the whole file according to its header. With it, a compressed file need not be trusted.
 * @param start The first 16 bytes or more.
 * @throws {FormatError} if `start` is no header of images or labels.
 */
export function idxByteLength(start: Uint8Array, where: string): number {
  const { headerBytes, dataBytes } = readHeader(start, where);
  return headerBytes + dataBytes;
}

/** Where the images of a file are, and how. */
export interface IdxLayout extends Omit<IdxImages, 'images'> {
  readonly headerBytes: number;
  readonly layout: Layout;
}

/** The images of a file. @throws {FormatError} if the file is not whole, or of another kind. */
export function parseIdxImages(bytes: Uint8Array, where: string): IdxImages {
  const { headerBytes, layout, shape, count } = idxLayout(bytes, bytes.length, where);
  return { images: planesOf(bytes.subarray(headerBytes), shape, layout), shape, count };
}

/**
 * What a file of images says of itself.
 * @param start The first 20 bytes or more of `length`.
 * @throws {FormatError} if the file is not whole, or of another kind.
 */
export function idxLayout(start: Uint8Array, length: number, where: string): IdxLayout {
  const { sizes, headerBytes } = checkFile(start, 'images', where, length);
  const [count = 0, ...axes] = sizes;
  const layout = axes.length === 2 ? 'NCHW' : layoutOf(axes);
  const shape = axes.length === 2 ? [1, ...axes] : shapeOf(axes, layout);
  return { count, shape, layout, headerBytes };
}

/** Images `[C, H, W]` of a file: as they are, or a copy if its channels come last. */
export function planesOf(images: Uint8Array, shape: Shape, layout: Layout): Uint8Array {
  if (layout === 'NCHW') return images;
  return channelsFirst(new Uint8Array(images.length), images, shape);
}

/** The labels of a file, a view into it. @throws {FormatError} if the file is not whole, or of another kind. */
export function parseIdxLabels(bytes: Uint8Array, where: string): Uint8Array {
  return bytes.subarray(checkFile(bytes, 'labels', where).headerBytes);
}

/**
 * A data set from a file of images and a file of labels, a view into both.
 * @throws {FormatError} if their counts differ, or a label is not below `classes`.
 */
export function parseIdxDataset(
  images: NamedBytes,
  labels: NamedBytes,
  classes: number,
  name: string,
): Dataset {
  const where = 'parseIdxDataset';
  checkNamedBytes(where, 'images', images);
  checkNamedBytes(where, 'labels', labels);
  checkInteger(where, 'classes', classes, 1);
  checkText(where, 'name', name);
  const { count, ...pixels } = parseIdxImages(images.bytes, images.name);
  const labelBytes = parseIdxLabels(labels.bytes, labels.name);
  if (labelBytes.length !== count) {
    throw new FormatError(
      `${labels.name}: expected a label for each of the ${count} images of ${images.name}, got ${labelBytes.length} labels. Use two files that belong together.`,
      4,
    );
  }
  const wrong = labelBytes.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new FormatError(
      `${labels.name}: expected labels below ${classes}, got ${labelBytes[wrong]} at image ${wrong}. Use more classes.`,
      8 + wrong,
    );
  }
  return { ...pixels, labels: labelBytes, classes, name };
}

/** Throws unless it is a file with a name. */
export function checkNamedBytes(where: string, part: string, value: unknown): void {
  const { name, bytes } = checkRecord(`${where}: ${part}`, value, 'a file { name, bytes }');
  checkText(`${where}: ${part}`, 'name', name);
  checkBytes(`${where}: ${part}`, bytes);
}

/** Throws unless the file has this kind and exactly the length in its header. */
function checkFile(
  bytes: Uint8Array,
  kind: 'images' | 'labels',
  where: string,
  length: number = bytes.length,
): Header {
  const header = readHeader(bytes, where);
  if (KINDS.get(header.magic) !== kind) {
    throw new FormatError(
      `${where}: expected IDX ${kind}, got IDX ${KINDS.get(header.magic)}. Exchange the files of images and labels.`,
      0,
    );
  }
  const { sizes, headerBytes, dataBytes } = header;
  const [got, expected] = [length - headerBytes, dataBytes];
  if (got === expected) return header;
  throw new FormatError(
    `${where}: expected ${expected} bytes after the header (${sizes.join('×')} ${kind}), got ${got}. The file is ${got < expected ? 'cut short' : 'longer than it should be'}; fetch it again.`,
    headerBytes + Math.min(got, expected),
  );
}

function readHeader(bytes: Uint8Array, where: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length < 4 ? undefined : view.getUint32(0);
  if (magic !== undefined && !KINDS.has(magic)) {
    throw new FormatError(
      `${where}: expected IDX images (0x00000803) or labels (0x00000801), got a file that begins with 0x${magic.toString(16).padStart(8, '0')}. Use the files of MNIST, raw or .gz.`,
      0,
    );
  }
  const headerBytes = magic === LABELS ? 8 : magic === CHANNEL_IMAGES ? 20 : 16;
  if (magic === undefined || bytes.length < headerBytes) {
    throw new FormatError(
      `${where}: expected an IDX header of ${headerBytes} bytes, got a file of ${bytes.length}. The file is cut short; fetch it again.`,
      bytes.length,
    );
  }
  const sizes = Array.from({ length: headerBytes / 4 - 1 }, (_, axis) =>
    view.getUint32(4 * axis + 4),
  );
  const empty = sizes.indexOf(0);
  if (empty >= 0) {
    throw new FormatError(
      `${where}: expected at least one ${KINDS.get(magic)?.slice(0, -1)} and no size of 0, got ${sizes.join('×')}. Use a file with images.`,
      4 + 4 * empty,
    );
  }
  const dataBytes = sizes.reduce((product, size) => product * size, 1);
  return { magic, sizes, headerBytes, dataBytes };
}
