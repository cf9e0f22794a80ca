/**
 * When a figure is told and when it is withheld. A ratio of two times is printed only where both can be trusted: at a
 * median absolute deviation of 10 %, three standard deviations of the samples (1.4826 times it each) are 44 %, and a
 * ratio of 1.4 could be one of 1. Wider than that, a ratio says nothing that is worth saying.
 * @module
 */
import type { Timing } from './measure.ts';
import { percent } from './text.ts';

/** Median absolute deviation, as a share of the median, above which no ratio is told. */
export const WIDE_SPREAD = 0.1;
/** Fewer samples tell nothing of their spread. */
export const FEW_SAMPLES = 5;

/** A ratio of two measurements. */
export interface Ratio {
  readonly value: number;
  /** Why it is withheld: `too noisy (±14 %)`; undefined where it is not. */
  readonly doubt: string | undefined;
}

/**
 * Why a time is no ground for a ratio: `too noisy (JS ±14 %)`, `too noisy (2 samples)`; undefined where it is one.
 * @param name of the time, where there are several
 */
export function doubtOf(
  { spread, samples }: Pick<Timing, 'spread' | 'samples'>,
  name = '',
): string | undefined {
  const label = name === '' ? '' : `${name} `;
  if (samples < FEW_SAMPLES) {
    return `too noisy (${label}${samples === 1 ? '1 sample' : `${samples} samples`})`;
  }
  // written so that a NaN is doubtful
  return spread <= WIDE_SPREAD ? undefined : `too noisy (${label}±${percent(spread)})`;
}

/** The ratio, or in its place why it is withheld: `–, too noisy (JS ±14 %)`. */
export function showRatio({ value, doubt }: Ratio, show: (value: number) => string): string {
  return doubt === undefined ? show(value) : `–, ${doubt}`;
}
