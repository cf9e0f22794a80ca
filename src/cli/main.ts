/**
 * The command `convlet`. Data go to stdout, messages and progress go to stderr.
 *
 * Exit codes: 0 done, 1 failed or bad data, 2 wrong usage, 130 after Ctrl-C, 143 after SIGTERM.
 * @module
 */
import type { Command } from 'commander';
import { importOptional } from '../base/optional.ts';
import { packageVersion } from '../host/nodeVersion.ts';
import { addBench } from './bench.ts';
import { addCompareRuns } from './compareRuns.ts';
import { addEvaluate } from './evaluate.ts';
import { addExport } from './export.ts';
import { configurePrinting } from './help.ts';
import { addImport } from './import.ts';
import { addInspect } from './inspect.ts';
import { UsageError } from './options.ts';
import { addPrecision } from './precision.ts';
import { addPredict } from './predict.ts';
import { silenceOtherRanks, tellFailure } from './ranks.ts';
import { endWith, finishUnread, watchStreams } from './terminal.ts';
import { addTrain } from './train.ts';

export async function main(): Promise<void> {
  watchStreams();
  silenceOtherRanks(process.argv);
  try {
    const commander = await importOptional(
      'commander@14.0.3',
      'the command line',
      () => import('commander'),
    );
    const program = configurePrinting(new commander.Command('convlet'), commander.Help)
      .description('Train small convolutional networks on WebAssembly SIMD kernels.')
      .version(await packageVersion())
      .exitOverride()
      .showHelpAfterError('Run with --help to see the commands and options.');
    addTrain(program);
    addEvaluate(program);
    addPredict(program);
    addExport(program);
    addImport(program);
    addInspect(program);
    addPrecision(program);
    addCompareRuns(program);
    addBench(program);
    for (const command of program.commands) checkValues(command);
    await program.hook('preAction', (_, command) => finishFiles(command)).parseAsync();
  } catch (error) {
    endWith(await report(error));
  }
}

/** A command that writes files goes on to its end if nobody reads its output. */
function finishFiles({ options }: Command): void {
  if (options.some(({ long }) => long === '--out')) finishUnread();
}

/** Options take one value, which is not empty; those that are lists take it with commas. */
function checkValues(command: Command): void {
  for (const option of command.options) {
    let isGiven = false;
    command.on(`option:${option.name()}`, (value: unknown) => {
      const flag = option.long ?? option.flags;
      if (isGiven) throw new UsageError(`${flag}: expected it once, got it again. Leave one out.`);
      isGiven = true;
      if (value === '' && option.required) {
        throw new UsageError(`${flag}: expected a value, got "". Give it one, or leave it out.`);
      }
    });
  }
}

/** Prints the error in one line. @returns the exit code. */
async function report(error: unknown): Promise<number> {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2; // it has printed its own message
  const code = error instanceof UsageError ? 2 : 1;
  await tellFailure(error, code);
  return code;
}

function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  );
}
