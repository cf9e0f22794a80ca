/**
 * Images and labels of NumPy: arrays of a .npz, or the .npy files of a folder, known by their names. A name with `x`, `images` or
 * `data` has images, one with `y`, `labels` or `targets` labels; `test` tells the test part, and `val` does if there is none.
 *
 *   x    [N, H, W]   [N, C, H, W]   [N, H, W, C]   [N, pixels]
 *   y    [N] or [N, 1] whole numbers, texts or truth values       [N, K] with a 1 at the class
 * @module
 */
import { FormatError } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import type { Images } from '../../base/types.ts';
import { channelsFirst, layoutOf, shapeOf } from '../../data/layout.ts';
import type { NpyArray } from '../npy.ts';
import { type ArrayPart, arraySource, imagesOfRows, pixelsOf } from './arrays.ts';
import type { ReadSettings, Source } from './source.ts';

type PartName = 'train' | 'test' | 'val';

const PARTS: readonly [RegExp, PartName][] = [
  [/^(test|testing|t10k)$/, 'test'],
  [/^(val|valid|validation)$/, 'val'],
];
const IMAGES = /^(x|images?|data|inputs?|pixels)$/;
const LABELS = /^(y|labels?|targets?|class|classes)$/;

/**
 * A data set out of arrays.
 * @param path Begins the messages.
 * @param name For people.
 * @throws {FormatError} if they are no images with labels.
 */
export function openArrays(
  path: string,
  name: string,
  arrays: ReadonlyMap<string, NpyArray>,
  settings: ReadSettings,
): Source {
  const found = new Map<string, { readonly title: string; readonly array: NpyArray }>();
  for (const [title, array] of arrays) {
    const role = roleOf(title);
    if (role === undefined) continue;
    const other = found.get(role);
    if (other !== undefined) {
      throw new FormatError(
        `${path}: expected one array of ${role}, got ${other.title} and ${title}. Leave one of them out.`,
        0,
      );
    }
    found.set(role, { title, array });
  }
  const read = (part: PartName): ArrayPart | undefined => {
    const [x, y] = [found.get(`images of ${part}`), found.get(`labels of ${part}`)];
    if (x === undefined && y === undefined) return undefined;
    if (x === undefined || y === undefined) {
      throw new FormatError(
        `${path}: expected images and labels, such as x_${part} and y_${part}, got ${[...arrays.keys()].join(', ')}. Save the other array under such a name.`,
        0,
      );
    }
    return {
      ...imagesOf(`${path}: ${x.title}`, x.array, settings),
      ...labelsOf(`${path}: ${y.title}`, y.array),
      name: `${name} ${part}`,
    };
  };
  const [train, test] = [read('train'), read('test') ?? read('val')];
  if (train === undefined) {
    throw new FormatError(
      `${path}: expected arrays x_train and y_train, or x and y, got ${[...arrays.keys()].join(', ') || 'none'}. Save them under these names.`,
      0,
    );
  }
  return arraySource(path, train, test, 'picture', settings);
}

/** `images of train` of `x_train`, `trainImages`, `x`. */
function roleOf(name: string): string | undefined {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const kind = words.some((word) => LABELS.test(word))
    ? 'labels'
    : words.some((word) => IMAGES.test(word)) && 'images';
  if (kind === false) return undefined;
  const part = PARTS.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1] ?? 'train';
  return `${kind} of ${part}`;
}

function imagesOf(
  where: string,
  { shape, data, isWhole }: NpyArray,
  settings: ReadSettings,
): Images {
  if (typeof data[0] === 'string' || shape.length < 2 || shape.length > 4 || data.length === 0) {
    throw new FormatError(
      `${where}: expected numbers [N, H, W], [N, C, H, W], [N, H, W, C] or [N, pixels], got ${typeof data[0] === 'string' ? 'texts' : formatShape(shape)}. Save images in one of these shapes.`,
      0,
    );
  }
  const numbers = data as Exclude<NpyArray['data'], readonly string[]>;
  const pixels = data instanceof Uint8Array && isWhole ? data : pixelsOf(numbers);
  const axes = shape.slice(1);
  const wrong = pixels.findIndex((pixel) => !Number.isFinite(pixel));
  if (wrong >= 0) {
    throw new FormatError(
      `${where}: expected finite numbers, got ${pixels[wrong]} in image ${Math.floor(wrong / elementCount(axes))}. Mend the image, or leave it out.`,
      0,
    );
  }
  if (axes.length === 1) return imagesOfRows(where, pixels, axes[0] ?? 0, settings);
  if (axes.length === 2) return { images: pixels, shape: [1, ...axes] };
  const layout = layoutOf(axes);
  const turned = shapeOf(axes, layout);
  if (layout === 'NCHW') return { images: pixels, shape: turned };
  return { images: channelsFirst(pixels.slice(), pixels, turned), shape: turned };
}

function labelsOf(where: string, { shape, data }: NpyArray): Pick<ArrayPart, 'labels' | 'known'> {
  const [count = 0, ...rest] = shape;
  const width = elementCount(rest);
  if (width === 1) {
    const labels = Array.from(data as ArrayLike<number | string>, (label) => {
      if (typeof label === 'string' || Number.isSafeInteger(label)) return String(label);
      if (Number.isInteger(label)) {
        throw new FormatError(
          `${where}: expected labels within ±(2⁵³ − 1), which are read exactly, got about ${label}. Save them as texts.`,
          0,
        );
      }
      throw new FormatError(
        `${where}: expected whole numbers or texts as labels, got ${label}. For values use toDataset with targets.`,
        0,
      );
    });
    return { labels };
  }
  const labels = Array.from({ length: count }, (_, n) => {
    const row = Array.from({ length: width }, (_, label) => data[n * width + label]);
    const label = row.indexOf(1);
    if (label >= 0 && row.every((value, i) => value === (i === label ? 1 : 0)))
      return String(label);
    throw new FormatError(
      `${where}: expected labels [N], or rows of zeros with one 1, got other numbers in row ${n} of ${formatShape(shape)}. Save a label an image, or one-hot rows.`,
      0,
    );
  });
  return { labels, known: Array.from({ length: width }, (_, label) => String(label)) };
}
