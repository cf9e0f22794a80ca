/**
 * Timing with tinybench: the median of many samples, and how far they scatter.
 *
 * Reading a clock takes time, so calls under 10 µs are batched: a sample is then as many calls as take 100 µs, or longer
 * if the clock is coarse.
 * @module
 */
import type { Bench } from 'tinybench';
import { importOptional } from '../base/optional.ts';
import { shortestSample } from './clock.ts';

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

/** How long to measure. */
export interface Budget {
  /** Milliseconds of calls before the first sample, as engines compile the best code late. */
  readonly warmup: number;
  /** Milliseconds of samples. */
  readonly time: number;
  /** Least number of samples, however long they take. */
  readonly samples: number;
}

/** Milliseconds of the shortest call that needs no batch, and milliseconds of a batch. */
const SHORT = 0.01;
const BATCH_TIME = 0.1;
const ROUNDS = 3;

/** What to time, and for how long. */
export interface Timed {
  readonly run: () => void;
  readonly budget: Budget;
}

/**
 * Times several functions against one another, in rounds: if the machine is slow for a moment, all of them meet it, and
 * their spread shows it.
 * @param resolution Step of the clock in milliseconds.
 * @throws the error of a function that throws.
 */
export async function measure(sides: readonly Timed[], resolution: number): Promise<Timing[]> {
  const { Bench } = await importOptional('tinybench@6.2.3', 'bench', () => import('tinybench'));
  const shortest = shortestSample(resolution);
  const clocks = sides.map(({ run, budget }) => {
    const batch = batchOf(run, budget.warmup, shortest);
    const options = {
      time: budget.time / ROUNDS,
      iterations: Math.ceil(budget.samples / ROUNDS),
      warmup: false,
      throws: true,
      retainSamples: true,
    };
    const bench = new Bench(options);
    bench.add('case', batch === 1 ? run : () => repeat(run, batch), { async: false });
    return { bench, batch, samples: [] as number[] };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const { bench, samples } of clocks) {
      for (const sample of samplesOf(bench)) samples.push(sample);
    }
  }
  return clocks.map(({ batch, samples }) => ({
    milliseconds: median(samples) / batch,
    spread: spreadOf(samples),
    samples: samples.length,
    batch,
  }));
}

/** Runs one round. */
function samplesOf(bench: Bench): readonly number[] {
  const result = bench.runSync()[0]?.result;
  if (result?.state !== 'completed' || result.latency.samples === undefined) {
    throw new Error(`internal: expected a completed measurement, got ${result?.state}.`);
  }
  return result.latency.samples;
}

/** The median of some numbers. */
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

/** Warms `run` up with at least one call, and finds how many calls make a sample that the clock can measure. */
function batchOf(run: () => void, warmup: number, shortest: number): number {
  const batchTime = Math.max(BATCH_TIME, shortest);
  const begin = performance.now();
  for (let calls = 1; ; calls *= 2) {
    const spent = Math.min(timeOf(run, calls), timeOf(run, calls)); // another program may come between
    if (performance.now() - begin < warmup || spent < batchTime) continue;
    const each = spent / calls;
    return each >= Math.max(SHORT, shortest) ? 1 : Math.ceil(batchTime / each);
  }
}

function timeOf(run: () => void, calls: number): number {
  const start = performance.now();
  repeat(run, calls);
  return performance.now() - start;
}

function repeat(run: () => void, calls: number): void {
  for (let i = 0; i < calls; i++) run();
}
