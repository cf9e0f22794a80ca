/**
 * How bright the paper of a picture is at each place: lit from one side, in a shadow, or grey itself.
 *
 *   a smooth surface through most of the picture → is the ink lighter or darker? → what is narrow and dark is filled
 *
 * @module
 */
import { mapPlane, type Plane, resample, wholeOf } from './plane.ts';

/** Paper is estimated on this many cells a side at most. */
const CELLS = 32;
/** Ink is narrower than two fifths of the picture, a hard shadow wider. */
const REACH = 1 / 5;
/** Ink is where the mean of this share of the cells deviates most. */
const STRONGEST = 0.01;
/** Grey values that are far from the paper, in each step of its fit: first a shadow is not, in the end it is. */
const FAR = [64, 45, 32, 23, 16, 11, 8, 6];
/** Terms of a surface of second degree. */
const TERMS = 6;
/** Added to the diagonal, so that a picture of one row can be fitted too. */
const RIDGE = 1e-6;

/** What is known of the paper. */
export interface Paper {
  /** The ink is lighter than the paper. */
  readonly isDark: boolean;
  /** Grey values of the paper, in cells laid over the picture; of the negative if the paper is dark. */
  readonly cells: Plane;
}

/** Estimates the paper below the ink of a picture of grey values. */
export function estimatePaper(picture: Plane): Paper {
  const most = Math.max(picture.width, picture.height);
  const cellsAlong = (size: number) =>
    Math.max(1, Math.round((size * Math.min(CELLS, most)) / most));
  const grey = resample(
    picture,
    wholeOf(picture),
    cellsAlong(picture.width),
    cellsAlong(picture.height),
  );
  const surface = fitSurface(grey);
  const deviation = mapPlane(grey, (value, at) => value - (surface.values[at] ?? 0));
  const isDark = meanOfLargest(deviation.values, 1) > meanOfLargest(deviation.values, -1);
  const sign = isDark ? -1 : 1;
  const filled = fillNarrow(mapPlane(deviation, (value) => sign * value));
  const cells = mapPlane(filled, (value, at) => {
    const level = surface.values[at] ?? 0;
    return value + (isDark ? 255 - level : level);
  });
  return { isDark, cells };
}

/** The mean of the largest values, or of the largest of their negatives. */
function meanOfLargest(values: Float64Array, sign: 1 | -1): number {
  const count = Math.max(1, Math.round(STRONGEST * values.length));
  const largest = values
    .map((value) => -sign * value)
    .sort()
    .subarray(0, count);
  return -largest.reduce((sum, value) => sum + value, 0) / count;
}

/**
 * A surface of second degree through the paper: what is far off counts less and less, so that ink and shadows with a hard edge do
 * not bend it (reweighted least squares with the weights of Geman and McClure, "Statistical methods for tomographic image
 * reconstruction", 1987). Least absolute deviations took the inside of a 0 that fills the picture for ink.
 */
function fitSurface(cells: Plane): Plane {
  const { width, height } = cells;
  const levels = [...cells.values];
  const terms = levels.map((_, at) => termsAt(cells, at));
  const median = [...levels].sort((a, b) => a - b)[levels.length >> 1] ?? 0;
  let surface = levels.map(() => median);
  for (const far of FAR) {
    const weights = levels.map(
      (level, at) => (1 + ((level - (surface[at] ?? 0)) / far) ** 2) ** -2,
    );
    const factors = fitWeighted(terms, levels, weights);
    surface = terms.map((row) => dot(row, factors));
  }
  return { width, height, values: Float64Array.from(surface) };
}

/** 1, x, y, x², x·y, y² of a cell, from −1 to 1. */
function termsAt({ width, height }: Plane, at: number): readonly number[] {
  const x = (2 * (at % width) + 1) / width - 1;
  const y = (2 * Math.floor(at / width) + 1) / height - 1;
  return [1, x, y, x * x, x * y, y * y];
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** The factors of the terms that are nearest to the levels: the normal equations, by Gaussian elimination. */
function fitWeighted(
  terms: readonly (readonly number[])[],
  levels: readonly number[],
  weights: readonly number[],
): readonly number[] {
  const rows = Array.from({ length: TERMS }, (_, i) => {
    const row = new Array<number>(TERMS + 1).fill(0);
    row[i] = RIDGE;
    for (const [n, term] of terms.entries()) {
      const factor = (weights[n] ?? 0) * (term[i] ?? 0);
      for (let j = 0; j < TERMS; j++) row[j] = (row[j] ?? 0) + factor * (term[j] ?? 0);
      row[TERMS] = (row[TERMS] ?? 0) + factor * (levels[n] ?? 0);
    }
    return row;
  });
  for (const [i, pivot] of rows.entries()) {
    for (const row of rows.slice(i + 1)) {
      const factor = (row[i] ?? 0) / (pivot[i] ?? 1);
      for (let j = i; j <= TERMS; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  const factors = new Array<number>(TERMS).fill(0);
  for (const [i, row] of [...rows.entries()].reverse()) {
    factors[i] = ((row[TERMS] ?? 0) - dot(row, factors)) / (row[i] ?? 1);
  }
  return factors;
}

/** Fills what is dark and narrow: a closing (Serra, "Image analysis and mathematical morphology", 1982) with a square. */
function fillNarrow(plane: Plane): Plane {
  const reach = Math.ceil(REACH * Math.max(plane.width, plane.height));
  const widest = squareExtreme(plane, reach, Math.max);
  return squareExtreme(widest, reach + 1, Math.min); // one more: cells are larger than pixels, and a shadow may end between them
}

/** The extreme of the square around each cell, as far as it lies on the picture. */
function squareExtreme(
  plane: Plane,
  reach: number,
  choose: (a: number, b: number) => number,
): Plane {
  const { width, height, values } = plane;
  const along = (from: Float64Array, length: number, step: number, place: (at: number) => number) =>
    from.map((value, at) => {
      const here = place(at);
      const last = Math.min(reach, length - 1 - here);
      for (let off = -Math.min(reach, here); off <= last; off++)
        value = choose(value, from[at + off * step] ?? value);
      return value;
    });
  const rows = along(values, width, 1, (at) => at % width);
  return { width, height, values: along(rows, height, width, (at) => Math.floor(at / width)) };
}
