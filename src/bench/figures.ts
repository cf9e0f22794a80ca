/** What follows from a run: rates, shares of the machine's limits, ratios, and how far each can be trusted. @module */
import type { Bandwidth, Reading } from './peak.ts';
import type { BenchRun, CaseResult } from './result.ts';

/** A median absolute deviation above this share of the median makes a ratio doubtful. */
export const WIDE_SPREAD = 0.1;

export interface Figures {
  readonly rate: number;
  readonly unit: 'GFLOP/s' | 'GB/s';
  /** Of the multiply-add peak, or of the bandwidth of a block as large as what the case lays out. */
  readonly share: number;
  /** How many times as long plain JavaScript takes. */
  readonly ratio: number;
  /** False where the kernel's, the machine's or plain JavaScript's times scatter too widely. */
  readonly isShareSteady: boolean;
  readonly isRatioSteady: boolean;
}

export function figuresOf(
  { work, footprint, timing, plain }: CaseResult,
  { peak, bandwidths }: Pick<BenchRun, 'peak' | 'bandwidths'>,
): Figures {
  const isCompute = 'flops' in work;
  const amount = isCompute ? work.flops : work.bytes;
  const limit = isCompute ? peak : bandwidthFor(footprint, bandwidths);
  const rate = amount / timing.milliseconds / 1e6;
  const isSteady = timing.spread <= WIDE_SPREAD;
  return {
    rate,
    unit: isCompute ? 'GFLOP/s' : 'GB/s',
    share: rate / limit.rate,
    ratio: plain.milliseconds / timing.milliseconds,
    isShareSteady: isSteady && limit.spread <= WIDE_SPREAD,
    isRatioSteady: isSteady && plain.spread <= WIDE_SPREAD,
  };
}

/** Of the smallest block that is no smaller. */
function bandwidthFor(footprint: number, bandwidths: readonly Bandwidth[]): Reading {
  const found = bandwidths.find(({ bytes }) => bytes >= footprint) ?? bandwidths.at(-1);
  if (found === undefined) throw new Error('internal: a run without bandwidths');
  return found;
}
