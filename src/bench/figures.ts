/** What follows from a run: rates, shares of the machine's limits, ratios, and how far each can be trusted. @module */
import type { Timing } from './measure.ts';
import type { Reading } from './peak.ts';
import type { CaseResult } from './result.ts';

/** A median absolute deviation above this share of the median makes a figure doubtful. */
export const WIDE_SPREAD = 0.1;
/** Fewer samples tell nothing of their spread. */
const FEW_SAMPLES = 3;

export interface Figures {
  readonly rate: number;
  readonly unit: 'GFLOP/s' | 'GB/s';
  /** Of the multiply-add peak, or of the speed at which a block as large as the case is read. */
  readonly share: number;
  /** How many times as long plain JavaScript takes. */
  readonly ratio: number;
  /** False where the times behind it scatter too widely. */
  readonly isShareSteady: boolean;
  readonly isRatioSteady: boolean;
}

export function figuresOf(
  { work, timing, plain, peakBeside, bandwidth }: CaseResult,
  peak: Reading,
): Figures {
  const isCompute = 'flops' in work;
  const amount = isCompute ? work.flops : work.bytes;
  const limit = isCompute ? peak : bandwidth;
  if (limit === undefined)
    throw new Error('internal: expected a bandwidth where bytes are counted');
  const isQuiet = !isDisturbed(peakBeside, peak);
  const rate = amount / timing.milliseconds / 1e6;
  return {
    rate,
    unit: isCompute ? 'GFLOP/s' : 'GB/s',
    share: rate / limit.rate,
    ratio: plain.milliseconds / timing.milliseconds,
    isShareSteady: isQuiet && isSteady(timing) && limit.spread <= WIDE_SPREAD,
    isRatioSteady: isQuiet && isSteady(timing) && isSteady(plain),
  };
}

/**
 * True where the machine gave less beside a case than it did in the middle of its run. A neighbour on the same core
 * slows every sample of a case alike: their spread does not tell.
 */
export function isDisturbed(peakBeside: number, peak: Pick<Reading, 'rate'>): boolean {
  return !(peakBeside >= (1 - WIDE_SPREAD) * peak.rate);
}

function isSteady({ spread, samples }: Timing): boolean {
  return spread <= WIDE_SPREAD && samples >= FEW_SAMPLES;
}
