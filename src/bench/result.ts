/**
 * A run as it is saved: measurements only. Rates, shares and ratios are computed where they are shown.
 * @module
 */
import { describe } from '../base/errors.ts';
import type { Work } from './case.ts';
import type { Machine } from './machine.ts';
import type { Timing } from './measure.ts';
import type { Bandwidth, Reading } from './peak.ts';

const FORMAT = 'convlet-bench';
/** Changes when a reader of the old format would misread the new one. */
const VERSION = 2;

/** A case that gave the right results, and its times. */
export interface CaseResult {
  readonly kernel: string;
  readonly shape: string;
  readonly work: Work;
  readonly timing: Timing;
  /** Time of the same loops in plain JavaScript. */
  readonly plain: Timing;
  /** GFLOP/s of multiply-adds, the lower of just before and just after: what the machine could give at that time. */
  readonly peakBeside: number;
  /** Share of a core that this process had meanwhile, if its host tells. */
  readonly processor?: number;
  /** If memory is the limit: how fast the machine read a block of the case's size, just before and just after. */
  readonly bandwidth?: Reading;
}

/** A case that gave wrong results, and therefore has no times. */
export interface WrongCase {
  readonly kernel: string;
  readonly shape: string;
  readonly reason: string;
}

/** Milliseconds of an epoch, by the purpose of the kernel calls. */
export interface Parts {
  readonly gather: number;
  readonly forward: number;
  readonly loss: number;
  readonly backward: number;
  /** The sum over the gradient slices, and the optimizer's step. */
  readonly update: number;
}

/** Times of `fit`, as a user gets them. */
export interface TrainingResult {
  readonly network: string;
  readonly threads: number;
  /** Images in a timed epoch. */
  readonly images: number;
  /** Median time of an epoch, scaled to 10,000 images. */
  readonly milliseconds: number;
  readonly spread: number;
  readonly samples: number;
  /** Cores that the process had meanwhile, the median of the epochs, if its host tells. */
  readonly cores?: number;
  /** The kernels' share, timed by part on one thread, in epochs between the epochs of `fit`, scaled in the same way. */
  readonly parts?: Parts;
  /** Spread of the sums of the parts. */
  readonly partsSpread?: number;
}

/** Everything that a run has measured, as its file holds it. */
export interface BenchRun {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly date: string;
  readonly machine: Machine;
  /** Smallest observed step of the clock, in milliseconds. */
  readonly timerResolution: number;
  /** Kernels, training and the peak have vectors of 256 bits. Absent in runs of 0.1.0. */
  readonly wide?: boolean;
  readonly peak: Reading;
  readonly bandwidths: readonly Bandwidth[];
  readonly cases: readonly CaseResult[];
  readonly wrong: readonly WrongCase[];
  readonly training: readonly TrainingResult[];
  /** What could not be measured here, and why. */
  readonly notes: readonly string[];
}

/** A run of this version, dated now. */
export function benchRun(run: Omit<BenchRun, 'format' | 'version' | 'date'>): BenchRun {
  return { format: FORMAT, version: VERSION, date: new Date().toISOString(), ...run };
}

/** Bits of the vectors that a run has measured. */
export function vectorBits({ wide }: Pick<BenchRun, 'wide'>): number {
  return wide === true ? 256 : 128;
}

/** A run as the text of a file. */
export function formatRun(run: BenchRun): string {
  return `${JSON.stringify(run, null, 1)}\n`;
}

/**
 * A run from the text of a file.
 * @param name Name of the file, for messages.
 * @throws {TypeError} if the text is not a saved run of this version.
 */
export function parseRun(text: string, name: string): BenchRun {
  let run: Partial<BenchRun>;
  try {
    run = JSON.parse(text) as Partial<BenchRun>;
  } catch (cause) {
    throw new TypeError(`${name}: expected JSON, got ${(cause as Error).message}.`, { cause });
  }
  if (run?.format !== FORMAT || run.version !== VERSION || !Array.isArray(run.cases)) {
    throw new TypeError(
      `${name}: expected a ${FORMAT} run of version ${VERSION}, got ${describe(run?.format)} ${describe(run?.version)}. Give the bench.json of a run of this version.`,
    );
  }
  return run as BenchRun;
}
