/** A process joins the ranks that mpirun, Slurm or Kubeflow has started together with it. @module */
import { setTimeout } from 'node:timers/promises';
import { packageVersion } from '../host/nodeVersion.ts';
import { beginMpi } from './calls.ts';
import { MpiCommunicator } from './communicator.ts';
import { libraries, type MpiLibrary } from './libraries.ts';

let joined: Promise<MpiCommunicator> | undefined;

/**
 * Joins the other ranks, and waits for them: `fit(data, { distributed: await joinMpi() })`. A process joins once; later calls
 * give the same communicator.
 *
 * @throws {Error} in one line with what to do: if the process was not started by mpirun, if koffi or the library is absent, or
 * if ranks have different versions.
 */
export function joinMpi(): Promise<MpiCommunicator> {
  joined ??= join();
  return joined;
}

/** The number of this rank as its launcher tells it, before anything is loaded; undefined outside of a job. */
export function launchedRank(): number | undefined {
  const names = libraries.flatMap(({ variables }) => variables);
  const found = names.map((name) => process.env[name]).find((value) => value !== undefined);
  return found === undefined ? undefined : Number(found);
}

async function join(): Promise<MpiCommunicator> {
  const candidates = launchers();
  if (candidates.length === 0) {
    throw new Error(
      '--distributed mpi: expected to be started by mpirun, got a process on its own. Run: mpirun -n 2 npx convlet train --distributed mpi',
    );
  }
  const communicator = new MpiCommunicator(await beginMpi(candidates));
  await checkVersions(communicator, await packageVersion());
  return communicator;
}

/** The libraries that may belong to the launcher of this process. */
function launchers(): readonly MpiLibrary[] {
  const isSet = (name: string) => process.env[name] !== undefined;
  return libraries.filter(({ variables }) => variables.some(isSet));
}

/** Bytes in which a rank tells its version. */
const VERSION_BYTES = 64;

async function checkVersions(communicator: MpiCommunicator, version: string): Promise<void> {
  const versions = await gatherTexts(communicator, version, VERSION_BYTES);
  const other = versions.findIndex((text) => text !== versions[0]);
  if (other < 0) return;
  throw new Error(
    `--distributed mpi: expected the same version of convlet on every rank, got ${versions[0]} on rank 0 and ${versions[other]} on rank ${other}. Install the same everywhere.`,
  );
}

/** A text of every rank, in at most so many bytes, on all ranks. */
export async function gatherTexts(
  communicator: MpiCommunicator,
  text: string,
  bytes: number,
): Promise<string[]> {
  const { rank, size } = communicator;
  const all = new Uint8Array(new ArrayBuffer(size * bytes));
  new TextEncoder().encodeInto(text, all.subarray(rank * bytes, (rank + 1) * bytes));
  const bounds = Array.from({ length: size + 1 }, (_, other) => other * bytes);
  communicator.gather(all, bounds);
  while (!communicator.isDone(20)) await setTimeout(1);
  return Array.from({ length: size }, (_, other) =>
    new TextDecoder().decode(all.subarray(bounds[other], bounds[other + 1])).replace(/\0+$/, ''),
  );
}
