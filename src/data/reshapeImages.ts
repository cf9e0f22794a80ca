/** Images of another size or another number of channels. @module */
import { isTypedArray } from '../base/brands.ts';
import { elementCount } from '../base/shape.ts';
import type { Images, Shape } from '../base/types.ts';
import { coverage } from './coverage.ts';
import { fittedSize, layInto, type Size } from './fitPicture.ts';
import { LUMA } from './luma.ts';

type Pixels = Images['images'];

/** The images with this size, by the rule of fitPicture.ts, and so many channels; a copy if anything changes. */
export function reshapeImages(
  { images, shape }: Images,
  size: Size | undefined,
  channels: number | undefined,
): Images {
  const [own = 0, height = 0, width = 0] = shape;
  const wanted = size ?? [height, width];
  const coloured = channels === undefined || channels === own ? images : recolour(images, shape);
  const from: Shape = [channels ?? own, height, width];
  if (wanted[0] === height && wanted[1] === width) return { images: coloured, shape: from };
  const to: Shape = [channels ?? own, ...wanted];
  const [length, newLength] = [elementCount(from), elementCount(to)];
  const count = coloured.length / length;
  const resized = emptyLike(images, count * newLength);
  for (let n = 0; n < count; n++) {
    const fitted = scale(coloured.subarray(n * length, (n + 1) * length), from, wanted);
    layInto(
      resized.subarray(n * newLength, (n + 1) * newLength),
      wanted,
      fitted.images,
      fitted.shape,
    );
  }
  return { images: resized, shape: to };
}

/** Grey as three equal channels, or three channels as grey. */
function recolour(images: Pixels, [channels = 0, height = 0, width = 0]: Shape): Pixels {
  const area = height * width;
  const count = images.length / (channels * area);
  const result = emptyLike(images, count * area * (channels === 1 ? 3 : 1));
  for (let n = 0; n < count; n++) {
    for (let at = 0; at < area; at++) {
      if (channels === 1) {
        const value = images[n * area + at] ?? 0;
        for (let c = 0; c < 3; c++) result[(n * 3 + c) * area + at] = value;
        continue;
      }
      let grey = 0;
      for (const [c, share] of LUMA.entries()) {
        grey += share * (images[(n * channels + c) * area + at] ?? 0);
      }
      result[n * area + at] = isBytes(images) ? Math.round(grey) : grey;
    }
  }
  return result;
}

/** Every new pixel of an image `[C, H, W]` is the mean of the area that it covers. */
function scale(image: Pixels, [channels = 0, height = 0, width = 0]: Shape, most: Size): Images {
  const [newHeight, newWidth] = fittedSize([height, width], most);
  const rows = coverage(0, height, newHeight);
  const columns = coverage(0, width, newWidth);
  const shape: Shape = [channels, newHeight, newWidth];
  const images = emptyLike(image, elementCount(shape));
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (const row of rows) {
      for (const column of columns) {
        let sum = 0;
        for (const [y, shareY] of row) {
          for (const [x, shareX] of column) {
            sum += shareY * shareX * (image[(channel * height + y) * width + x] ?? 0);
          }
        }
        images[at++] = isBytes(image) ? Math.round(sum) : sum;
      }
    }
  }
  return { images, shape };
}

function isBytes(pixels: Pixels): boolean {
  return isTypedArray(pixels, 'Uint8Array');
}

function emptyLike(pixels: Pixels, length: number): Uint8Array | Float32Array {
  return isBytes(pixels) ? new Uint8Array(length) : new Float32Array(length);
}
