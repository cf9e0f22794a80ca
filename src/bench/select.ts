/** Chooses the cases of a run, and the time for each. @module */
import { type Case, caseName } from './case.ts';
import { cases } from './kernels/index.ts';
import type { Budget } from './measure.ts';
import { type TrainingCase, trainingCases, trainingName } from './training.ts';

/** The times for the two sides of a case, and the number of timed epochs. */
export interface Effort {
  readonly kernel: Budget;
  readonly plain: Budget;
  readonly epochs: number;
}

const SHORTEST: Effort = {
  kernel: { warmup: 20, time: 25, samples: 6 },
  plain: { warmup: 10, time: 10, samples: 6 },
  epochs: 5,
};
const SHORT: Effort = {
  kernel: { warmup: 25, time: 50, samples: 7 },
  plain: { warmup: 10, time: 15, samples: 6 },
  epochs: 5,
};
const LONG: Effort = {
  kernel: { warmup: 80, time: 300, samples: 15 },
  plain: { warmup: 50, time: 80, samples: 6 },
  epochs: 7,
};

const EFFORTS: Readonly<Record<EffortName, Effort>> = {
  quick: SHORTEST,
  normal: SHORT,
  full: LONG,
};

/**
 * `quick`: every kernel at its first shape, and the reference network. `normal`: every network, and every shape except the
 * largest. `full`: everything, with longer samples and whole epochs.
 * They take some ten seconds, under a minute, and a few minutes.
 */
export type EffortName = 'quick' | 'normal' | 'full';

/** Beyond these sizes the oracle takes seconds to verify a case. */
const [LARGE_FLOPS, LARGE_BYTES] = [8e7, 3e7];

/** Which cases run, and how long each is sampled. */
export interface Selection {
  readonly effort?: EffortName;
  /** Runs only the cases whose name matches, the largest included: `gemmNN 240×240×240`, `fit reference`. */
  readonly only?: RegExp;
}

/** The plan of a run. */
export interface BenchPlan {
  readonly kernels: readonly Case[];
  readonly networks: readonly TrainingCase[];
  readonly effort: Effort;
  /** True if networks are timed on all their images. */
  readonly wholeEpochs: boolean;
}

/** @throws {RangeError} if no case is left. */
export function planBench({ effort = 'normal', only }: Selection = {}): BenchPlan {
  const isWanted = (name: string) => only === undefined || only.test(name);
  const kernels = cases.filter((entry) => isWanted(caseName(entry)));
  const networks = trainingCases.filter((entry) => isWanted(trainingName(entry)));
  if (kernels.length + networks.length === 0) {
    throw new RangeError(
      `expected the name of a case, got ${only?.source}, which none has. Run without a filter to see all names.`,
    );
  }
  const isQuick = effort === 'quick';
  const isShort = effort === 'normal' && only === undefined;
  const small = kernels.filter(({ work }) => work.flops < LARGE_FLOPS && work.bytes < LARGE_BYTES);
  return {
    kernels: isQuick ? firstShapes(kernels) : isShort ? small : kernels,
    networks: isQuick ? networks.slice(0, 1) : networks,
    effort: EFFORTS[effort],
    wholeEpochs: effort === 'full',
  };
}

/** The first case of every kernel: the reference network's shape, if the kernel has one. */
export function firstShapes<T extends { readonly kernel: string }>(entries: readonly T[]): T[] {
  const seen = new Set<string>();
  return entries.filter(({ kernel }) => !seen.has(kernel) && seen.add(kernel));
}
