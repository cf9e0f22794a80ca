/** The options of `fit` that steer a run and stay in its checkpoints: held-out images, augmentation, stopping, averages, groups and parts. @module */
import { checkOptions, type OptionChecks, openShare, whole } from '../base/options.ts';
import { type Augment, type AugmentOptions, augment, readAugment } from '../data/augment.ts';
import {
  type Average,
  type AverageOptions,
  averageWeights,
  readAverage,
} from './averageWeights.ts';
import {
  type EarlyStopping,
  type EarlyStoppingOptions,
  earlyStopping,
  readEarlyStopping,
} from './earlyStopping.ts';

export interface ControlOptions {
  /**
   * Share of the training images, above 0 and below 1, that is held out as validation data: of each class alike, drawn by the
   * model's seed.
   */
  readonly validationSplit?: number;
  /**
   * Moves, turns, scales, shears and mirrors the training images: each anew in each epoch, by the model's seed, before
   * the model normalises them.
   */
  readonly augment?: AugmentOptions;
  /** Batches that share an update: the gradient is the mean over all their images. @default 1 */
  readonly accumulate?: number;
  /** Parts into which a batch is cut. Part of the recipe: another number gives other bits. @default 8 */
  readonly shards?: number;
  /** Keeps an average of the weights, which validation and evaluation use, and which becomes the weights when `fit` ends. */
  readonly averageWeights?: AverageOptions;
  /** Ends training when a figure of the epochs has not become better for a while. */
  readonly earlyStopping?: EarlyStoppingOptions;
}

/** Most parts of a batch. */
const MOST_SHARDS = 256;

export const controlChecks: OptionChecks<ControlOptions> = {
  validationSplit: openShare,
  augment,
  accumulate: whole(1),
  shards: whole(1, MOST_SHARDS),
  averageWeights,
  earlyStopping,
};

/** The same with the defaults within. */
export interface Controls
  extends Pick<ControlOptions, 'validationSplit' | 'accumulate' | 'shards'> {
  readonly augment?: Augment;
  readonly averageWeights?: Average;
  readonly earlyStopping?: EarlyStopping;
}

/** Takes the controls out of any fields. @throws {TypeError | RangeError} naming the option. */
export function readControls(where: string, fields: Readonly<Record<string, unknown>>): Controls {
  const own = Object.keys(controlChecks).map((name) => [name, fields[name]]);
  const { augment, averageWeights, earlyStopping, ...counts } = checkOptions<ControlOptions>(
    where,
    Object.fromEntries(own),
    controlChecks,
  );
  return {
    ...counts,
    ...(augment && { augment: readAugment(`${where}: augment`, augment) }),
    ...(averageWeights && {
      averageWeights: readAverage(`${where}: averageWeights`, averageWeights),
    }),
    ...(earlyStopping && {
      earlyStopping: readEarlyStopping(`${where}: earlyStopping`, earlyStopping),
    }),
  };
}
