/** Numbers at the pixels of a picture, and their resampling. @module */
import { coverage } from '../coverage.ts';

/** A number for each pixel, row after row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** Rows and columns of a rectangle: the first, and the one after the last. */
export interface Bounds {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** A plane of the same size with other values. */
export function mapPlane(plane: Plane, value: (old: number, at: number) => number): Plane {
  const { width, height, values } = plane;
  const mapped = new Float64Array(values.length);
  for (let at = 0; at < mapped.length; at++) mapped[at] = value(values[at] ?? 0, at); // TypedArray.map takes twice as long
  return { width, height, values: mapped };
}

/** Every new pixel is the mean of the area that it covers. A pixel covered in part counts in part. */
export function resample(plane: Plane, bounds: Bounds, width: number, height: number): Plane {
  const rows = coverage(bounds.top, bounds.bottom, height);
  const columns = coverage(bounds.left, bounds.right, width);
  const values = new Float64Array(width * height);
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      let sum = 0;
      for (const [y, shareY] of row) {
        for (const [x, shareX] of column)
          sum += shareY * shareX * (plane.values[y * plane.width + x] ?? 0);
      }
      values[i * width + j] = sum;
    }
  }
  return { width, height, values };
}

/** The whole of a plane. */
export function wholeOf({ width, height }: Plane): Bounds {
  return { top: 0, left: 0, bottom: height, right: width };
}

/** The part of a plane in a rectangle. */
export function crop(plane: Plane, { top, left, bottom, right }: Bounds): Plane {
  const [width, height] = [right - left, bottom - top];
  if (width === plane.width && height === plane.height) return plane;
  const values = new Float64Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * plane.width + left;
    values.set(plane.values.subarray(from, from + width), row * width);
  }
  return { width, height, values };
}

/** The smallest rectangle that holds all values above 0. */
export function boundsOf({ width, height, values }: Plane): Bounds {
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let at = 0; at < values.length; at++) {
    if ((values[at] ?? 0) <= 0) continue;
    const [row, column] = [Math.floor(at / width), at % width];
    top = Math.min(top, row);
    left = Math.min(left, column);
    bottom = Math.max(bottom, row + 1);
    right = Math.max(right, column + 1);
  }
  return { top, left, bottom, right };
}

/** Where the mass of a plane has its middle, in pixels from the upper left corner. */
export function centreOfMass({ width, values }: Plane): { readonly x: number; readonly y: number } {
  let [mass, x, y] = [0, 0, 0];
  for (const [at, value] of values.entries()) {
    mass += value;
    x += value * ((at % width) + 0.5);
    y += value * (Math.floor(at / width) + 0.5);
  }
  return { x: x / mass, y: y / mass };
}

/** The value between pixels, of a plane laid over another of `width` × `height`: bilinear, and even beyond the outermost. */
export function enlarge(plane: Plane, width: number, height: number): Plane {
  if (plane.width === width && plane.height === height) return plane;
  const columns = between(plane.width, width);
  const values = new Float64Array(width * height);
  let at = 0;
  for (const [y0, y1, shareY] of between(plane.height, height)) {
    for (const [x0, x1, shareX] of columns) {
      const upper = mix(plane, y0 * plane.width, x0, x1, shareX);
      const lower = mix(plane, y1 * plane.width, x0, x1, shareX);
      values[at++] = upper + shareY * (lower - upper);
    }
  }
  return { width, height, values };
}

function mix({ values }: Plane, row: number, x0: number, x1: number, share: number): number {
  const left = values[row + x0] ?? 0;
  return left + share * ((values[row + x1] ?? 0) - left);
}

/** For each of `count` new pixels the two old ones that it lies between, and the share of the second. */
function between(old: number, count: number): [first: number, second: number, share: number][] {
  return Array.from({ length: count }, (_, i) => {
    const place = Math.min(Math.max(((i + 0.5) * old) / count - 0.5, 0), old - 1);
    const first = Math.floor(place);
    return [first, Math.min(first + 1, old - 1), place - first];
  });
}
