/** The frame of a picture, of one grey, such as the border of a screenshot or the table around a sheet. @module */
import type { Bounds, Plane } from './plane.ts';

/** A frame is no thicker than this share of the side. */
const THICKEST = 1 / 5;
/** Grey values by which the rows of a frame differ from one another at most, and from what is in it at least. */
const ALIKE = 16;
const STEP = 40;
/** A frame may be soft over so many pixels. */
const SOFT = 2;

/** What is within the frame, if there is one on three or four sides: else the whole picture. */
export function insideFrame({ width, height, values }: Plane): Bounds {
  const whole = { top: 0, left: 0, bottom: height, right: width };
  const row = (at: number) => medianOf(values.slice(at * width, (at + 1) * width));
  const column = (at: number) =>
    medianOf(Float64Array.from({ length: height }, (_, i) => values[i * width + at] ?? 0));
  const sides = [
    thickness(height, row),
    thickness(width, column),
    thickness(height, (at) => row(height - 1 - at)),
    thickness(width, (at) => column(width - 1 - at)),
  ];
  if (sides.filter((depth) => depth > 0).length < 3) return whole;
  const [top = 0, left = 0, bottom = 0, right = 0] = sides;
  return { top, left, bottom: height - bottom, right: width - right };
}

/** How many lines from a side on are alike, if those behind them are of another grey; else 0. */
function thickness(length: number, greyAt: (at: number) => number): number {
  const first = greyAt(0);
  const most = Math.floor(THICKEST * length);
  let depth = 1;
  while (depth <= most && Math.abs(greyAt(depth) - first) <= ALIKE) depth++;
  if (depth > most) return 0;
  const behind = Math.min(length - 1, depth + SOFT);
  return Math.abs(greyAt(behind) - first) >= STEP ? behind : 0;
}

/** Sorts the numbers. */
function medianOf(values: Float64Array): number {
  return values.sort()[values.length >> 1] ?? 0;
}
