/**
 * Timing, by tinybench: the median of many samples, and how far they scatter.
 *
 * A clock cannot be read in no time, so calls under 10 µs are batched: a sample is then as many calls as take 100 µs.
 * @module
 */
import { importOptional } from '../node/optional.ts';

/** How long one call takes. */
export interface Timing {
  /** Median over the samples. */
  readonly milliseconds: number;
  /** Median absolute deviation of the samples, as a share of the median. */
  readonly spread: number;
  readonly samples: number;
  /** Calls in one sample. */
  readonly batch: number;
}

/** How long to take over it. */
export interface Budget {
  /** Milliseconds of calls before the first sample: engines compile the best code late. */
  readonly warmup: number;
  /** Milliseconds of samples. */
  readonly time: number;
  /** Samples, however long they take. */
  readonly samples: number;
}

/** A sample apart from its calls: what is above this many milliseconds needs no batch. */
const SHORT = 0.01;
const BATCH_TIME = 0.1;

/** Times `run`. @throws {Error} what `run` throws. */
export async function measure(run: () => void, budget: Budget): Promise<Timing> {
  const { Bench } = await importOptional('tinybench', 'bench', () => import('tinybench'));
  const batch = batchOf(run, budget.warmup);
  const { time, samples: iterations } = budget;
  const bench = new Bench({ time, iterations, warmup: false, throws: true });
  bench.add('case', batch === 1 ? run : () => repeat(run, batch), { async: false });
  const [task] = bench.runSync();
  const result = task?.result;
  if (result?.state !== 'completed') {
    throw new Error(`internal: expected a completed measurement, got ${result?.state}.`);
  }
  const { p50, mad, samplesCount } = result.latency;
  return { milliseconds: p50 / batch, spread: mad / p50, samples: samplesCount, batch };
}

/** Smallest step of the clock that shows, in milliseconds. */
export function timerResolution(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 1000; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    smallest = Math.min(smallest, now - start);
  }
  return smallest;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Median absolute deviation as a share of the median. */
export function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle))) / middle;
}

/** Warms `run` up, at least once, and finds how many calls make a sample that the clock can tell. */
function batchOf(run: () => void, warmup: number): number {
  const begin = performance.now();
  for (let calls = 1; ; calls *= 2) {
    const start = performance.now();
    repeat(run, calls);
    const now = performance.now();
    const each = (now - start) / calls;
    if (now - begin < warmup || now - start < BATCH_TIME) continue;
    return each >= SHORT ? 1 : Math.ceil(BATCH_TIME / each);
  }
}

function repeat(run: () => void, calls: number): void {
  for (let i = 0; i < calls; i++) run();
}
