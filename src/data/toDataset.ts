/** Data sets out of what a program has in memory: nested lists, typed arrays, pictures of a canvas. @module */

import { wrongKind } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { anything, checkOptions, type OptionChecks, required, whole } from '../base/options.ts';
import { checkShape, elementCount, formatShape } from '../base/shape.ts';
import type { Dataset, Shape, ValueDataset } from '../base/types.ts';
import { type CanvasPicture, picturesOf, readPictures } from './canvasPictures.ts';
import { distinctLabels, emptyLabels, nameClasses } from './classNames.ts';
import { checkDataset, checkValueDataset } from './dataset.ts';
import { channelsFirst, type Layout, layoutOf, shapeOf } from './layout.ts';
import { flatten, type Numbers } from './nested.ts';
import { namesCheck } from './origin.ts';

interface ImageOptions {
  /**
   * All images, in one of these forms: lists in lists, `[N][H][W]`, `[N][C][H][W]` or `[N][H][W][C]`; a typed array of any kind,
   * or a list of one for each image, with `shape`; a canvas' `ImageData`, or a list of them.
   */
  readonly images: Numbers | CanvasPicture | readonly CanvasPicture[];
  /**
   * `[C, H, W]` of one image, or `[H, W]` of a grey one. With the channels last `[H, W, C]`. Of pictures of a canvas `[1, H, W]`
   * asks for grey. Not needed for lists in lists.
   */
  readonly shape?: Shape;
  /**
   * Where the channels are.
   * @default 'NHWC' if the last axis has 1 or 3 and the first has not, or if it has 4 and both others have more; else 'NCHW'
   */
  readonly layout?: Layout;
  /**
   * The numbers of black and white: they become 0 and 1. Whole numbers in `[0, 255]` become bytes.
   * @default [0, 255] for `Uint8Array`, `Uint8ClampedArray` and pictures; else numbers are taken as they are
   */
  readonly range?: readonly [black: number, white: number];
}

interface LabelOptions {
  /** A class for each image: its index, or its name. */
  readonly labels?: ArrayLike<number> | readonly string[];
  /** A list for each image with a 1 at its class, else 0; or all of them in one typed array, with `classes`. */
  readonly oneHot?: Numbers;
  /** @default the largest index, and one; or the number of names */
  readonly classes?: number;
  /** @default the labels, sorted, if they are texts */
  readonly classNames?: readonly string[];
}

/** What `toDataset` takes for images with classes. */
export interface LabelledOptions extends ImageOptions, LabelOptions {}

/** What `toDataset` takes for images with values. */
export interface ValuedOptions extends ImageOptions {
  /** The values of each image, or one number each; typed arrays have them one after another. */
  readonly targets: Numbers;
}

const checks: OptionChecks<LabelledOptions & Partial<ValuedOptions>> = {
  images: required(anything),
  shape(where, name, value) {
    if (!Array.isArray(value))
      throw wrongKind(where, name, '[C, H, W], the sizes of an image', value);
  },
  layout(where, name, value) {
    if (value === 'NCHW' || value === 'NHWC') return;
    throw wrongKind(where, name, "'NCHW' or 'NHWC'", value);
  },
  range(where, name, value) {
    const [black, white, ...more] = Array.isArray(value) ? value : [];
    if (more.length === 0 && Number.isFinite(black) && Number.isFinite(white) && black !== white)
      return;
    throw wrongKind(where, name, 'the numbers of black and white, such as [0, 255]', value);
  },
  labels(where, name, value) {
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)) return;
    throw wrongKind(where, name, 'a list or a typed array', value);
  },
  oneHot: anything,
  targets: anything,
  classes: whole(1),
  classNames: namesCheck,
};

/** Errors begin with this. */
const WHERE = 'toDataset';

/**
 * A data set for `fit`, `evaluate` and `describeDataset`, a copy.
 * @throws {TypeError | RangeError | ShapeError} if images, labels or values are of a wrong kind, or do not fit one another.
 * @example
 * const train = toDataset({ images: [[[0, 255], [255, 0]], [[9, 9], [9, 9]]], labels: ['cross', 'plain'], range: [0, 255] });
 */
export function toDataset(options: ValuedOptions): ValueDataset;
export function toDataset(options: LabelledOptions): Dataset;
export function toDataset(options: LabelledOptions | ValuedOptions): Dataset | ValueDataset {
  const given = checkOptions<LabelledOptions & Partial<ValuedOptions>>(WHERE, options, checks);
  const kinds = (['labels', 'oneHot', 'targets'] as const).filter(
    (name) => given[name] !== undefined,
  );
  if (kinds.length !== 1) {
    throw new TypeError(
      `${WHERE}: expected one of labels, oneHot and targets, got ${kinds.length === 0 ? 'none' : kinds.join(' and ')}. Give one.`,
    );
  }
  const pixels = readImages(given);
  const count = pixels.images.length / elementCount(pixels.shape);
  if (given.targets !== undefined) {
    const targets = Float32Array.from(rowsOf('targets', given.targets, count));
    const dataset = { ...pixels, targets };
    checkValueDataset(WHERE, dataset);
    return dataset;
  }
  const dataset = { ...pixels, ...readLabels(given, count) };
  checkDataset(WHERE, dataset);
  return dataset;
}

function readImages(options: ImageOptions): Pick<Dataset, 'images' | 'shape'> {
  const { images, shape: given } = options;
  const pictures = picturesOf(images);
  if (pictures !== undefined) {
    if (options.layout !== undefined) {
      throw new TypeError(
        `${WHERE}: expected no layout for pictures of a canvas, got '${options.layout}'. Leave it out.`,
      );
    }
    const read = readPictures(WHERE, pictures, given);
    const { range } = options;
    return range === undefined ? read : { ...read, images: scale(read.images, range) };
  }
  const { numbers, sizes } = flatten(WHERE, 'images', images as Numbers);
  const axes = axesOf(sizes.slice(1), given);
  const layout = options.layout ?? layoutOf(axes);
  // [1 or 3, H, W] beside the layout NHWC is meant as [C, H, W]
  const isShapeFirst = given !== undefined && layoutOf([...axes].reverse()) === 'NHWC';
  const shape = layout === 'NHWC' && isShapeFirst ? axes : shapeOf(axes, layout);
  const length = elementCount(shape);
  if (numbers.length === 0 || numbers.length % length !== 0) {
    throw new ShapeError(
      `${WHERE}: expected a multiple of ${length} numbers for images ${formatShape(shape)}, got ${numbers.length}. Use whole images of this shape.`,
    );
  }
  const stored = layout === 'NCHW' ? shape : [...shape.slice(1), ...shape.slice(0, 1)];
  const own = sidesOf(sizes.slice(1)); // of the lists of an image
  if (sizes.length > 1 && own !== sidesOf(stored) && own !== String(length)) {
    throw new ShapeError(
      `${WHERE}: expected lists of ${formatShape(stored)} or of ${length} numbers for each image, got ${formatShape(sizes.slice(1))}. Give the shape of the lists.`,
    );
  }
  const scaled = scale(numbers, options.range ?? rangeOf(images));
  return {
    images: layout === 'NCHW' ? scaled : channelsFirst(scaled.slice(), scaled, shape),
    shape,
  };
}

/** The sides in their order, less those of 1: they say how numbers lie in memory. */
function sidesOf(shape: Shape): string {
  return formatShape(shape.filter((side) => side !== 1));
}

/** The three axes of an image, from the shape that is given or the lists. */
function axesOf(sizes: Shape, given: Shape | undefined): Shape {
  const sides = given ?? sizes;
  const axes = sides.length === 2 ? [1, ...sides] : sides;
  if (given === undefined && axes.length !== 3) {
    throw new ShapeError(
      `${WHERE}: expected images as lists [N][H][W] or [N][C][H][W], or a shape, got lists of ${sizes.length + 1} axes. Give shape: [C, H, W].`,
    );
  }
  checkShape(`${WHERE}: shape`, axes, 3);
  return axes;
}

/** Bytes are known by their kind. */
function rangeOf(images: unknown): ImageOptions['range'] {
  const first: unknown = Array.isArray(images) ? images[0] : images;
  const kind = Object.prototype.toString.call(first);
  return kind === '[object Uint8Array]' || kind === '[object Uint8ClampedArray]'
    ? [0, 255]
    : undefined;
}

/** Numbers as pixels: black is 0, white 1; bytes if they are bytes. */
function scale(
  numbers: ArrayLike<number>,
  range: ImageOptions['range'],
): Uint8Array | Float32Array {
  if (range === undefined) return Float32Array.from(numbers);
  const [black, white] = range;
  if (black === 0 && white === 255) {
    const bytes = Uint8Array.from(numbers);
    let isExact = true;
    for (let i = 0; i < bytes.length && isExact; i++) isExact = bytes[i] === numbers[i];
    if (isExact) return bytes;
  }
  return Float32Array.from(numbers, (value) => (value - black) / (white - black) + 0); // no −0
}

function readLabels(
  { labels, oneHot, classes, classNames }: LabelOptions,
  count: number,
): Pick<Dataset, 'labels' | 'classes' | 'classNames'> {
  if (oneHot !== undefined) {
    const indices = indicesOf(rowsOf('oneHot', oneHot, count), count);
    if (classes !== undefined && classes !== indices.classes) {
      throw new ShapeError(
        `${WHERE}: expected ${classes} numbers in each row of oneHot, got ${indices.classes}. Leave out classes.`,
      );
    }
    return { ...indices, ...(classNames && { classNames }) };
  }
  const list = Array.from(labels as ArrayLike<unknown>);
  if (list.length > 0 && list.every((label) => typeof label === 'string')) {
    const { names, classOf } = nameClasses(WHERE, distinctLabels(list, 'text'), classNames);
    if (classes !== undefined && classes !== names.length) {
      throw new ShapeError(
        `${WHERE}: expected ${classes} classes, got ${names.length} ${classNames ? 'names' : 'different labels'}. Give classNames, all of them, and leave out classes.`,
      );
    }
    const found = emptyLabels(list.length, names.length);
    for (const [n, label] of list.entries()) found[n] = classOf.get(label) ?? 0;
    return { labels: found, classes: names.length, classNames: names };
  }
  const indices = list.map((label) =>
    typeof label === 'number' || typeof label === 'bigint' ? Number(label) : Number.NaN,
  );
  const wrong = indices.findIndex((label) => !(Number.isInteger(label) && label >= 0));
  if (wrong >= 0 || indices.length === 0) {
    throw new TypeError(
      `${WHERE}: expected labels as whole numbers from 0 or as texts, one an image, got ${list.length === 0 ? 'none' : describe(list[wrong])}. Use the index or the name of each class.`,
    );
  }
  const most = indices.reduce((most, label) => Math.max(most, label), 0);
  const total = classes ?? classNames?.length ?? most + 1;
  if (most >= total) {
    throw new RangeError(
      `${WHERE}: expected labels below ${total}, got ${most} at image ${indices.indexOf(most)}. Use more classes, or other labels.`,
    );
  }
  const found = emptyLabels(indices.length, total);
  found.set(indices);
  return { labels: found, classes: total, ...(classNames && { classNames }) };
}

/** Rows one after another. Lists have a row for each image. */
function rowsOf(name: string, rows: Numbers, count: number): ArrayLike<number> {
  const { numbers, sizes } = flatten(WHERE, name, rows);
  if (sizes.length > 1 && sizes[0] !== count) {
    throw new ShapeError(
      `${WHERE}: expected a row of ${name} for each of ${count} images, got ${sizes[0]} rows. Use as many rows as images.`,
    );
  }
  return numbers;
}

/** The place of the one 1 in each row. */
function indicesOf(rows: ArrayLike<number>, count: number): Pick<Dataset, 'labels' | 'classes'> {
  const classes = rows.length / count;
  if (!(Number.isInteger(classes) && classes > 0)) {
    throw new ShapeError(
      `${WHERE}: expected a row of oneHot for each of ${count} images, got ${rows.length} numbers. Use as many rows as images.`,
    );
  }
  const labels = emptyLabels(count, classes);
  for (let n = 0; n < count; n++) {
    let found = -1;
    for (let label = 0; label < classes; label++) {
      const value = rows[n * classes + label];
      if (value === 0) continue;
      if (value !== 1 || found >= 0) {
        throw new RangeError(
          `${WHERE}: expected one 1 and zeros in each row of oneHot, got ${describe(value)} at class ${label} of image ${n}. For values give targets.`,
        );
      }
      found = label;
    }
    if (found < 0) {
      throw new RangeError(
        `${WHERE}: expected one 1 and zeros in each row of oneHot, got zeros alone at image ${n}. Put a 1 at its class.`,
      );
    }
    labels[n] = found;
  }
  return { labels, classes };
}
