/** Kills a run again and again, at random moments, and resumes it each time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeCheckpoint } from 'convlet/node';
import { testRandom } from './random.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Killed {
  /** Fewer than asked for if the run ended before. */
  readonly kills: number;
  /** Of these, while a checkpoint was being written: its unfinished file was left behind. */
  readonly whileWriting: number;
  readonly weightsSha256: string;
}

/** A run of the command to its end. @throws {Error} with what it said, where it fails. */
export async function runToEnd(args: readonly string[]): Promise<{ weightsSha256: string }> {
  return resultOf([cli, ...args]);
}

/** The same run, killed so many times on its way, and resumed into the same folder each time. */
export async function runWithKills(
  args: readonly string[],
  out: string,
  kills: number,
  seed: number,
): Promise<Killed> {
  const checkpoint = join(out, 'checkpoint.convlet');
  const resumeOrBegin = () =>
    existsSync(checkpoint) ? ['train', '--resume', checkpoint, '--json'] : [...args, '--overwrite'];
  return programWithKills(() => [cli, ...resumeOrBegin()], out, kills, seed);
}

/**
 * A program that keeps `checkpoint.convlet` in the folder `out`, killed so many times.
 * @param command What `node` is told each time. The last line that the program prints at its end is JSON with `weightsSha256`.
 */
export async function programWithKills(
  command: () => readonly string[],
  out: string,
  kills: number,
  seed: number,
): Promise<Killed> {
  const random = testRandom(seed);
  const checkpoint = join(out, 'checkpoint.convlet');
  let [killed, whileWriting] = [0, 0];
  while (killed < kills) {
    const run = start(command());
    await momentToKill(run, out, random);
    if (!run.kill('SIGKILL')) break;
    await ended(run);
    killed++;
    if (readdirSync(out).some((name) => name.startsWith('.checkpoint.convlet.'))) whileWriting++;
    if (existsSync(checkpoint)) decodeCheckpoint(readFileSync(checkpoint), checkpoint);
  }
  return { kills: killed, whileWriting, ...(await resultOf(command())) };
}

async function resultOf(command: readonly string[]): Promise<{ weightsSha256: string }> {
  const run = start(command);
  let stdout = '';
  let stderr = '';
  run.stdout?.on('data', (text) => (stdout += text));
  run.stderr?.on('data', (text) => (stderr += text));
  const code = await ended(run);
  if (code !== 0) throw new Error(`expected exit code 0, got ${code}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/**
 * Now and then a moment from the start of the process on, else one after a few writes into its folder: so that the run
 * gets ahead, and dies before, within and after a write alike.
 */
async function momentToKill(run: ChildProcess, out: string, random: () => number): Promise<void> {
  if (random() < 0.2) return setTimeout(random() * 400);
  const writes = Math.floor(random() * 12);
  let seen = 0;
  await new Promise<void>((resolve) => {
    const watcher = watch(out, () => ++seen > writes && stop());
    const stop = () => {
      watcher.close();
      resolve();
    };
    run.once('exit', stop);
  });
  // a few thousandths of a second, which no timer measures
  for (const end = performance.now() + random() * 4; performance.now() < end; );
}

function start(command: readonly string[]): ChildProcess {
  return spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(run: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => run.once('close', resolve));
}
