/** `--distributed`: a run of several ranks, of which the first one alone prints and writes. @module */
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { LostRankError } from '../base/communicator.ts';
import { DivergenceError, describe } from '../base/errors.ts';
import type { Reduction } from '../compile/ranks.ts';
import { UnlikeRanksError } from '../model/distributed.ts';
import type { MpiCommunicator } from '../mpi/communicator.ts';
import { joinMpi, launchedRank } from '../mpi/join.ts';
import { UsageError } from './options.ts';
import { leaveSignals } from './signals.ts';
import { mute, relay, tell, unmute } from './terminal.ts';

/** What the options of `addRankFlags` are parsed to. */
export interface RankFlags {
  readonly distributed?: 'mpi';
  readonly reduce?: Reduction;
}

/**
 * After so long a rank tells why it failed: if all fail alike, the first one has told it and the job is over by then. It is as long
 * as the rank has run, within these bounds: on a busy machine ranks start, and fail, seconds apart.
 */
const HEAD_START_MILLISECONDS = { least: 1500, most: 15_000 } as const;

/** Adds the options. */
export function addRankFlags(command: Command): Command {
  return command
    .option(
      '--distributed <mpi>',
      'share every batch with the other processes of the job: mpirun -n 4 npx convlet train --distributed mpi; the weights are the same',
      oneOf('--distributed', ['mpi']),
    )
    .option(
      '--reduce <ordered|fast>',
      'how the ranks add up gradients: fast moves less for large networks, to other last digits (default: ordered)',
      oneOf('--reduce', ['ordered', 'fast']),
    );
}

function oneOf(flag: string, values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text)) return text;
    throw new UsageError(`${flag}: expected ${values.join(' or ')}, got ${describe(text)}.`);
  };
}

/** Whether this process is one of a job. */
let isInJob = false;

/** Before anything is printed: the ranks of a job have no terminal, and those after the first one are silent. */
export function silenceOtherRanks(args: readonly string[]): void {
  const rank = launchedRank();
  isInJob = rank !== undefined && args.some((arg) => /^--distributed(=|$)/.test(arg));
  if (!isInJob) return;
  relay();
  if (rank === 0) return;
  mute();
  leaveSignals(); // which tell
}

/** The job that `--distributed` asks for. @throws {UsageError} @throws {Error} in one line with what to do. */
export async function joinRanks({
  distributed,
  reduce,
}: RankFlags): Promise<MpiCommunicator | undefined> {
  if (distributed !== undefined) return joinMpi();
  if (reduce === undefined) return undefined;
  throw new UsageError('--reduce: expected --distributed mpi beside it, got none. Leave it out.');
}

/** Failures that come to all ranks. */
const COMMON = [DivergenceError, UnlikeRanksError, LostRankError];

/**
 * Tells why the command failed, on a silent rank if it is alone with it. A rank of a job ends there and then: the others may wait
 * for it, and its launcher ends them.
 */
export async function tellFailure(error: unknown, code: number): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  if (!unmute()) tell(`convlet: ${message}`);
  else {
    const { least, most } = HEAD_START_MILLISECONDS;
    await setTimeout(Math.min(Math.max(performance.now(), least), most));
    const isCommon = COMMON.some((type) => error instanceof type);
    if (!isCommon) tell(`convlet: rank ${launchedRank()}: ${message}`);
  }
  if (isInJob) process.exit(code);
}
