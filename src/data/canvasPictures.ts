/** Pictures of a canvas as images: RGB or grey, with transparency on white. @module */
import { isTypedArray } from '../base/brands.ts';
import { wrongKind } from '../base/checks.ts';
import { ShapeError } from '../base/errors.ts';
import { checkShape, formatShape } from '../base/shape.ts';
import type { Dataset, Shape } from '../base/types.ts';
import { LUMA } from './luma.ts';

/** What a canvas gives: red, green, blue and alpha of each pixel. */
export interface CanvasPicture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The pictures of a canvas, if these are some. */
export function picturesOf(images: unknown): readonly CanvasPicture[] | undefined {
  const list: readonly unknown[] = Array.isArray(images) ? images : [images];
  const isPicture = (value: unknown): value is CanvasPicture =>
    typeof value === 'object' &&
    value !== null &&
    ['data', 'width', 'height'].every((name) => name in value);
  return list.length > 0 && list.every(isPicture) ? list : undefined;
}

/** RGB or grey out of RGBA, transparency on white. */
export function readPictures(
  where: string,
  pictures: readonly CanvasPicture[],
  given: Shape | undefined,
): Pick<Dataset, 'images' | 'shape'> {
  const [{ width, height } = { width: 0, height: 0 }] = pictures;
  const [channels = 3] = given ?? [];
  const shape = [channels, height, width];
  checkShape(`${where}: shape`, shape, 3);
  if (!(channels === 1 || channels === 3) || (given && formatShape(given) !== formatShape(shape))) {
    throw new ShapeError(
      `${where}: expected shape 1×${height}×${width} or 3×${height}×${width} of these pictures, got ${formatShape(given ?? [])}. Use 1 for grey, 3 for RGB.`,
    );
  }
  const area = height * width;
  const images = new Uint8Array(pictures.length * channels * area);
  for (const [n, picture] of pictures.entries()) {
    if (!isTypedArray(picture.data, 'Uint8ClampedArray', 'Uint8Array')) {
      throw wrongKind(where, `data of image ${n}`, 'a Uint8ClampedArray', picture.data);
    }
    if (picture.width !== width || picture.height !== height || picture.data.length !== 4 * area) {
      throw new ShapeError(
        `${where}: expected pictures of ${height}×${width} pixels, as the first is, got ${picture.height}×${picture.width} at image ${n}. Draw all of them in one size.`,
      );
    }
    const { data } = picture;
    for (let at = 0; at < area; at++) {
      const alpha = (data[4 * at + 3] ?? 0) / 255;
      const rgb = LUMA.map((_, c) => 255 + ((data[4 * at + c] ?? 0) - 255) * alpha);
      const grey = rgb.reduce((sum, value, c) => sum + value * (LUMA[c] ?? 0), 0);
      for (let c = 0; c < channels; c++) {
        images[(n * channels + c) * area + at] = Math.round(channels === 1 ? grey : (rgb[c] ?? 0));
      }
    }
  }
  return { images, shape };
}
