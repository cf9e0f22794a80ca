/**
 * When a figure is shown and when it is withheld. A ratio of two times is printed only if both can be trusted. At a median
 * absolute deviation of 10 %, three standard deviations of the samples (1.4826 times the deviation each) are 44 %, and a
 * ratio of 1.4 could really be 1. With a wider spread a ratio is worth nothing.
 * @module
 */
import type { Timing } from './measure.ts';
import { percent } from './text.ts';

/** Median absolute deviation, as a share of the median, above which no ratio is shown. */
export const WIDE_SPREAD = 0.1;
/** With fewer samples the spread is not known. */
export const FEW_SAMPLES = 5;

/** A ratio of two measurements. */
export interface Ratio {
  readonly value: number;
  /** Why the ratio is withheld: `too noisy (±14 %)`; undefined if it is shown. */
  readonly doubt: string | undefined;
}

/**
 * Why a time cannot be used in a ratio: `too noisy (JS ±14 %)`, `too noisy (2 samples)`; undefined if it can.
 * @param name Name of the time, if there are several.
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

/** The ratio, or the reason why it is withheld: `–, too noisy (JS ±14 %)`. */
export function showRatio({ value, doubt }: Ratio, show: (value: number) => string): string {
  return doubt === undefined ? show(value) : `–, ${doubt}`;
}
