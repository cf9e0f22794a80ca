/**
 * The command `convlet`. Data go to stdout, messages and progress go to stderr.
 *
 * Exit codes: 0 done, 1 failed or bad data, 2 wrong usage, 130 after Ctrl-C, 143 after SIGTERM.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { importOptional } from '../base/optional.ts';
import { addBench } from './bench.ts';
import { addEvaluate } from './evaluate.ts';
import { addExport } from './export.ts';
import { addInspect } from './inspect.ts';
import { UsageError } from './options.ts';
import { addPredict } from './predict.ts';
import { addTrain } from './train.ts';

export async function main(): Promise<void> {
  // a reader that stops early, as in `convlet train | head`, is no failure
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );
  try {
    const commander = await importOptional(
      'commander',
      'the command line',
      () => import('commander'),
    );
    const program = new commander.Command('convlet')
      .description('Train small convolutional networks on WebAssembly SIMD kernels.')
      .version(await packageVersion())
      .exitOverride()
      .showHelpAfterError('Run with --help to see the commands and options.');
    addTrain(program);
    addEvaluate(program);
    addPredict(program);
    addExport(program);
    addInspect(program);
    addBench(program);
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version; // our own file
}

/** Prints the error in one line. @returns the exit code. */
function report(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2; // it has printed its own message
  process.stderr.write(`convlet: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  );
}
