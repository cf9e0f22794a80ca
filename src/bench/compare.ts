/**
 * Compares two runs: for every case that both have, how much faster the second run is, and whether the difference is more
 * than noise.
 *
 * The noise of a ratio is three standard deviations of both samples; a standard deviation is 1.4826 times the median
 * absolute deviation (Hampel, "The influence curve and its role in robust estimation", 1974). The noise is never below
 * 5 %, as processes differ by more than the samples of one process. A neighbour slows all samples equally, so the noise is
 * also at least the machine's shortfall beside either case, relative to the peak of the better run, or to its own if
 * the runs have vectors of different widths. If the samples of either run scatter too widely, no ratio is shown.
 * @module
 */
import { tableLines } from '../base/textTable.ts';
import { caseName } from './case.ts';
import { coreDoubt } from './figures.ts';
import { doubtOf, type Ratio, showRatio } from './noise.ts';
import { type BenchRun, vectorBits } from './result.ts';
import { digits, formatTime, percent } from './text.ts';

const DEVIATIONS = 3 * 1.4826;
const LEAST_NOISE = 0.05;

/** One case in both runs. */
export interface Comparison {
  readonly name: string;
  /** Milliseconds in each run. */
  readonly before: number;
  readonly after: number;
  /** Above 1 if the second run is faster. */
  readonly ratio: Ratio;
  /** How far from 1 the ratio may lie by chance. */
  readonly noise: number;
  readonly verdict: 'faster' | 'slower' | 'same' | 'too noisy';
}

/** The cases that both runs have, and the names of cases that only one has. */
export interface RunComparison {
  readonly comparisons: readonly Comparison[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** One time of a run. */
interface Entry {
  readonly milliseconds: number;
  readonly spread: number;
  readonly samples: number;
  readonly batch: number;
  readonly processor?: number;
  /** How much more the machine gave at its best than at that time, as a share. */
  readonly shortfall: number;
}

/** Two runs case by case: what became faster or slower, and what is noise. */
export function compareRuns(before: BenchRun, after: BenchRun): RunComparison {
  const peak = Math.max(before.peak.rate, after.peak.rate);
  const isAlike = vectorBits(before) === vectorBits(after);
  const [old, fresh] = [before, after].map((run) => entriesOf(run, isAlike ? peak : run.peak.rate));
  const comparisons: Comparison[] = [];
  for (const [name, entry] of fresh) {
    const earlier = old.get(name);
    if (earlier !== undefined) comparisons.push(compare(name, earlier, entry));
  }
  return {
    comparisons,
    onlyBefore: [...old.keys()].filter((name) => !fresh.has(name)),
    onlyAfter: [...fresh.keys()].filter((name) => !old.has(name)),
  };
}

function compare(name: string, before: Entry, after: Entry): Comparison {
  const value = before.milliseconds / after.milliseconds;
  const scatter = DEVIATIONS * Math.hypot(before.spread, after.spread);
  const noise = Math.max(LEAST_NOISE, scatter, before.shortfall, after.shortfall);
  // symmetric: 1.1 times as fast is as far from 1 as 1.1 times as slow
  const distance = Math.max(value, 1 / value) - 1;
  const doubt =
    doubtOf(before, 'A') ??
    doubtOf(after, 'B') ??
    coreDoubt(before.processor, [before], 'A') ??
    coreDoubt(after.processor, [after], 'B');
  const change = distance <= noise ? 'same' : value > 1 ? 'faster' : 'slower';
  return {
    name,
    before: before.milliseconds,
    after: after.milliseconds,
    ratio: { value, doubt },
    noise,
    verdict: doubt === undefined ? change : 'too noisy',
  };
}

function entriesOf({ cases, training, peak }: BenchRun, best: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const shortfallOf = (rate: number) => Math.max(0, best / rate - 1);
  for (const result of cases) {
    const { timing, peakBeside, processor } = result;
    const share = processor !== undefined && { processor };
    entries.set(caseName(result), { ...timing, shortfall: shortfallOf(peakBeside), ...share });
  }
  for (const result of training) {
    const name = `fit ${result.network}, threads: ${result.threads}`;
    const share = result.cores !== undefined && { processor: result.cores / result.threads };
    entries.set(name, { ...result, batch: 1, shortfall: shortfallOf(peak.rate), ...share });
  }
  return entries;
}

/** Both runs as text. */
export function showComparison(before: BenchRun, after: BenchRun): string {
  const { comparisons, onlyBefore, onlyAfter } = compareRuns(before, after);
  const marks = { faster: '▲', slower: '▼', same: '', 'too noisy': '' };
  const rows = comparisons.map(({ name, before, after, ratio, noise, verdict }) => [
    name,
    formatTime(before),
    formatTime(after),
    showRatio(ratio, (value) => `${digits(value)}×`),
    ratio.doubt === undefined ? `±${percent(noise)}` : '',
    marks[verdict],
  ]);
  const columns = ['case', 'A', 'B', 'A / B', 'noise', ''].map((heading, column) =>
    column === 0 ? { heading, isText: true as const } : { heading },
  );
  const table = tableLines(columns, rows);
  const blocks = [
    [
      `A  ${head(before)}`,
      `B  ${head(after)}`,
      peakLine(before, after),
      ...(before.machine.cpu === after.machine.cpu &&
      before.machine.runtime === after.machine.runtime
        ? []
        : ['The machine or the runtime differs: the ratios compare those too.']),
    ].join('\n'),
    [table.head, ...table.lines].join('\n'),
    '▲ B is faster, ▼ slower, by more than the noise: three standard deviations or the shortfall of a machine beside a case, and at least 5 %.\ntoo noisy, busy: a ratio is not shown if samples scatter by more than 10 %, are fewer than five, or had less than 90 % of a core.',
  ];
  if (onlyBefore.length > 0) blocks.push(`only in A: ${onlyBefore.join('; ')}`);
  if (onlyAfter.length > 0) blocks.push(`only in B: ${onlyAfter.join('; ')}`);
  return blocks.join('\n\n');
}

function peakLine(before: BenchRun, after: BenchRun): string {
  const [a, b] = [vectorBits(before), vectorBits(after)];
  if (a !== b) return `A has vectors of ${a} bits, B of ${b}: each is held against its own peak`;
  return `peak of B / A: ${digits(after.peak.rate / before.peak.rate)}; a ratio as far from 1 may come from the machine alone`;
}

function head({ date, machine, peak }: BenchRun): string {
  return `${date.slice(0, 16)}  kernels ${machine.kernelsSha256.slice(0, 12)}  ${machine.cpu}, ${machine.runtime}, peak ${digits(peak.rate)} GFLOP/s`;
}
