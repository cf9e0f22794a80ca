/** Figures derived from a run: rates, shares of the machine's limits, ratios, and which can be trusted. @module */
import type { Timing } from './measure.ts';
import { doubtOf, type Ratio, WIDE_SPREAD } from './noise.ts';
import type { Reading } from './peak.ts';
import type { BenchRun, CaseResult, TrainingResult } from './result.ts';
import { percent } from './text.ts';

/** Milliseconds; well below a time slice of Linux' scheduler, which is 3 ms or more. */
const TURN = 0.5;
/** If more than this share of the cases is doubtful, the machine counts as noisy. */
const MANY = 0.2;

/** What a time means: a rate, and its share of what the machine can do. */
export interface Figures {
  readonly rate: number;
  readonly unit: 'GFLOP/s' | 'GB/s';
  /** Share of the multiply-add peak, or of the speed at which a block of the case's size is read. */
  readonly share: Ratio;
  /** How many times as long plain JavaScript takes. */
  readonly ratio: Ratio;
}

/** The rate of a case by its time, and what limits it. */
export function figuresOf(result: CaseResult, peak: Reading): Figures {
  const { work, timing, bandwidth } = result;
  const isCompute = work.limit === 'compute';
  const limit = isCompute ? peak : bandwidth;
  if (limit === undefined)
    throw new Error('internal: expected a bandwidth where memory is the limit');
  const { gflops, gbps = 0 } = rateOf(result);
  const doubts = [
    doubtOf(timing),
    coreDoubt(result.processor, [timing]),
    peakDoubt(result, peak),
    doubtOf({ spread: limit.spread, samples: limit.readings }, 'limit'),
  ];
  return {
    rate: gflops ?? gbps,
    unit: isCompute ? 'GFLOP/s' : 'GB/s',
    share: {
      value: (gflops ?? gbps) / limit.rate,
      doubt: doubts.find((doubt) => doubt !== undefined),
    },
    ratio: ratioToPlain(result),
  };
}

/** Work over time, in what the case is limited by: 10⁹ operations, or 10⁹ bytes, a second. */
export function rateOf({ work, timing }: Pick<CaseResult, 'work' | 'timing'>): {
  readonly gflops?: number;
  readonly gbps?: number;
} {
  const rate = (amount: number) => amount / timing.milliseconds / 1e6;
  return work.limit === 'compute' ? { gflops: rate(work.flops) } : { gbps: rate(work.bytes) };
}

/** Both sides took turns on the same machine, so its peak need not be steady. But they need a core of their own. */
export function ratioToPlain(result: Pick<CaseResult, 'timing' | 'plain' | 'processor'>): Ratio {
  const { timing, plain } = result;
  return {
    value: plain.milliseconds / timing.milliseconds,
    doubt: doubtOf(timing) ?? doubtOf(plain, 'JS') ?? coreDoubt(result.processor, [timing, plain]),
  };
}

/** How many times as fast as on one thread; undefined for one thread, or if one thread was not timed. */
export function speedUp(
  result: TrainingResult,
  training: readonly TrainingResult[],
): Ratio | undefined {
  const single = training.find(
    ({ network, threads }) => network === result.network && threads === 1,
  );
  if (single === undefined || result.threads === 1) return undefined;
  return {
    value: single.milliseconds / result.milliseconds,
    doubt:
      doubtOf(result) ?? doubtOf(single, '1 thread') ?? coresDoubt(result) ?? coresDoubt(single),
  };
}

/** True if a neighbour took part of the machine. */
export function isDisturbed(result: TimedBeside, peak: Pick<Reading, 'rate'>): boolean {
  const { timing, plain, processor } = result;
  return (
    coreDoubt(processor, [timing, plain]) !== undefined || peakDoubt(result, peak) !== undefined
  );
}

type TimedBeside = Pick<CaseResult, 'timing' | 'plain' | 'peakBeside' | 'processor'>;

/**
 * A doubt if other processes waited for the same core. Samples much shorter than a time slice are interrupted now and
 * then, which the median ignores. Long samples are all interrupted and all longer, so their spread does not show it.
 */
export function coreDoubt(
  processor: number | undefined,
  timings: readonly Pick<Timing, 'milliseconds' | 'batch'>[],
  name = '',
): string | undefined {
  if (processor === undefined || processor >= 1 - WIDE_SPREAD) return undefined;
  const longest = Math.max(...timings.map(({ milliseconds, batch }) => milliseconds * batch));
  if (longest < TURN) return undefined;
  return `busy (${name && `${name} `}${percent(processor)} of a core)`;
}

/** A doubt if the peak beside a case was below the median of the run: a neighbour on the core, or a slower clock. */
function peakDoubt(
  { peakBeside }: Pick<CaseResult, 'peakBeside'>,
  peak: Pick<Reading, 'rate'>,
): string | undefined {
  const share = peakBeside / peak.rate;
  return share >= 1 - WIDE_SPREAD ? undefined : `busy (${percent(share)} of the peak)`;
}

/**
 * Epochs are much longer than a time slice. Waiting threads keep their cores for a while, so this does not detect a
 * machine whose two cores are halves of one.
 */
function coresDoubt({ cores, threads }: TrainingResult): string | undefined {
  if (cores === undefined || cores >= (1 - WIDE_SPREAD) * threads) return undefined;
  return `busy (${cores.toFixed(1)} of ${threads} ${threads === 1 ? 'core' : 'cores'})`;
}

/** A notice if many figures were doubtful; undefined for a quiet machine. */
export function machineNoise({ cases, peak }: BenchRun): string | undefined {
  const doubtful = cases.filter((result) => {
    const { share, ratio } = figuresOf(result, peak);
    return share.doubt !== undefined || ratio.doubt !== undefined;
  }).length;
  if (doubtful <= MANY * cases.length && peak.spread <= WIDE_SPREAD) return undefined;
  return `This machine was noisy: ${doubtful} of ${cases.length} cases have a figure withheld, and its peak moved by ±${percent(peak.spread)}. End what else runs, plug a laptop in, and run again.`;
}
