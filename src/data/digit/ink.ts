/** How much ink each pixel of a picture holds. @module */
import { estimatePaper } from './paper.ts';
import { enlarge, mapPlane, type Plane } from './plane.ts';

/** Values that levels are taken from: a picture of more pixels is sampled. */
const SAMPLES = 1 << 16;
/** The strongest ink is what this share of the pixels exceeds, so that a speck does not set it. */
export const STRONGEST = 2e-4;
/** Darker paper counts as this grey value: differences on it are noise. */
const DIMMEST = 32;
/** From the median of |x| to the standard deviation of normally distributed x. */
const DEVIATIONS = 1.4826;

/** Ink on paper. */
export interface Ink {
  /** Of each pixel: 0 paper, 1 all of its light taken (on dark paper: all light given). Noise makes it negative too. */
  readonly share: Plane;
  /** How much the strongest ink differs from its paper, in grey values. */
  readonly contrast: number;
  /** Standard deviation of the paper's noise, in grey values. */
  readonly noise: number;
}

/** Takes the paper away, whatever its light: what is left is how much of it the ink swallows. */
export function inkOf(picture: Plane): Ink {
  const { width, height } = picture;
  const { isDark, cells } = estimatePaper(picture);
  const paper = enlarge(cells, width, height);
  const above = mapPlane(paper, (level, at) => {
    const grey = picture.values[at] ?? 0;
    return level - (isDark ? 255 - grey : grey);
  });
  const level = quantile(above, 0.5); // the brightest of noisy cells is brighter than their paper
  const difference = mapPlane(above, (value) => value - level);
  return {
    share: mapPlane(difference, (value, at) => value / Math.max(DIMMEST, paper.values[at] ?? 0)),
    contrast: quantile(difference, 1 - STRONGEST),
    noise: DEVIATIONS * quantile(mapPlane(difference, Math.abs), 0.5),
  };
}

/** The value that the given share of a plane does not exceed. */
export function quantile({ width, values }: Plane, share: number): number {
  let stride = Math.ceil(values.length / SAMPLES);
  while (stride > 1 && divisor(stride, width) > 1) stride++; // or some columns, and a thin 1 in them, are never sampled
  const samples = Float64Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => {
    return values[i * stride] ?? 0;
  }).sort();
  return samples[Math.min(samples.length - 1, Math.floor(share * samples.length))] ?? 0;
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
