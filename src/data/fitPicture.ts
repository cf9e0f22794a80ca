/**
 * Pictures of many sizes made equal: scaled until they fit with their proportions kept, laid into the middle, and filled
 * with the median of their own border.
 *
 *   scale = min(H / h, W / w)      h × w → round(h · scale) × round(w · scale), at least 1 × 1 → H × W
 * @module
 */
import type { Shape } from '../base/types.ts';

/** Height and width. */
export type Size = readonly [height: number, width: number];

/** Longest side of pictures by default. */
const LONGEST = 96;

/**
 * The size for pictures of many sizes: the median of their heights and that of their widths (of two in the middle the larger),
 * scaled down if the longer one is above 96.
 */
export function commonSize(sizes: readonly Size[]): Size {
  const height = median(sizes.map(([height]) => height));
  const width = median(sizes.map(([, width]) => width));
  return Math.max(height, width) <= LONGEST
    ? [height, width]
    : fittedSize([height, width], [LONGEST, LONGEST]);
}

/** The size of a picture that was scaled until it fits into another. */
export function fittedSize([height, width]: Size, [mostHeight, mostWidth]: Size): Size {
  const scale = Math.min(mostHeight / height, mostWidth / width);
  const fit = (side: number, most: number) => Math.min(most, Math.max(1, Math.round(side * scale)));
  return [fit(height, mostHeight), fit(width, mostWidth)];
}

/**
 * Lays an image `[C, h, w]` into the middle of `to`, `[C, H, W]`, and fills the rest of each channel with the median of the
 * image's border. If a pixel is left over, it is at the bottom or at the right.
 */
export function layInto<Numbers extends Uint8Array | Float32Array>(
  to: Numbers,
  [height, width]: Size,
  from: Numbers,
  [channels = 0, h = 0, w = 0]: Shape,
): void {
  const [top, left] = [(height - h) >> 1, (width - w) >> 1];
  for (let channel = 0; channel < channels; channel++) {
    const image = from.subarray(channel * h * w, (channel + 1) * h * w);
    const area = to.subarray(channel * height * width, (channel + 1) * height * width);
    if (h !== height || w !== width) area.fill(borderMedian(image, h, w));
    for (let row = 0; row < h; row++) {
      area.set(image.subarray(row * w, (row + 1) * w), (top + row) * width + left);
    }
  }
}

/** The median of the pixels of the first and last row and column. */
function borderMedian(image: Uint8Array | Float32Array, h: number, w: number): number {
  const border: number[] = [];
  for (let row = 0; row < h; row++) {
    const isEdge = row === 0 || row === h - 1;
    for (let column = 0; column < w; column += isEdge || w === 1 ? 1 : w - 1) {
      border.push(image[row * w + column] ?? 0);
    }
  }
  return median(border);
}

/** The number in the middle; of two the larger. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
