/**
 * The options of `convlet train` that say what is minimised, what is measured, and what steers the run. The values are those of `fit`,
 * and the library checks them.
 * @module
 */
import type { Command } from 'commander';
import { notNegative, openShare, positive, share } from '../base/options.ts';
import type { AugmentOptions } from '../data/augment.ts';
import * as losses from '../losses/index.ts';
import { DEFAULT_LOSS, type LossSpec, readLoss } from '../losses/registry.ts';
import * as metrics from '../metrics/index.ts';
import { type MetricName, readMetrics } from '../metrics/registry.ts';
import { type Average, readAverage } from '../model/averageWeights.ts';
import { type EarlyStopping, readEarlyStopping } from '../model/earlyStopping.ts';
import type { FitOptions } from '../model/fitOptions.ts';
import * as schedules from '../schedules/index.ts';
import { asUsage, numberOption, parseFields, parseValue, wholeNumber } from './options.ts';

/** What the options of `addFitFlags` are parsed to. */
export interface FitFlags {
  /** The `type` of a schedule and its options. */
  readonly schedule?: Readonly<Record<string, unknown>>;
  /** Epochs. */
  readonly warmup?: number;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
  readonly clipValue?: number;
  /** The `type` of a loss and its options. */
  readonly loss?: Readonly<Record<string, unknown>>;
  readonly labelSmoothing?: number;
  readonly classWeights?: unknown;
  readonly metrics?: readonly MetricName[];
  readonly validationSplit?: number;
  /** Of a recipe: it has no option of its own. */
  readonly augment?: AugmentOptions;
  readonly earlyStopping?: EarlyStopping;
  /** True for the defaults. */
  readonly averageWeights?: Average | true;
  readonly accumulate?: number;
  readonly shards?: number;
}

/** Adds the options. */
export function addFitFlags(command: Command): Command {
  const names = (room: object) => Object.keys(room).join(', ');
  const scheduleNames = names(schedules).replace(', warmup', ''); // --warmup
  return command
    .option(
      '--schedule <NAME[,OPTION=VALUE...]>',
      `how the learning rate changes: ${scheduleNames}; it begins at --learning-rate, the peak of oneCycle`,
      fields('--schedule', 'type'),
    )
    .option(
      '--warmup <EPOCHS>',
      'let the learning rate rise from 0 for so long before anything else',
      numberOption('--warmup', positive),
    )
    .option(
      '--weight-decay <DECAY>',
      'decay of the weights (default: 0.01 for adamw, 0 for others)',
      numberOption('--weight-decay', notNegative),
    )
    .option(
      '--clip-norm <LENGTH>',
      'shorten the gradient of all parameters to this length',
      numberOption('--clip-norm', positive),
    )
    .option(
      '--clip-value <LIMIT>',
      'cut every number of the gradient to this size',
      numberOption('--clip-value', positive),
    )
    .option(
      '--loss <NAME[,OPTION=VALUE...]>',
      `what is minimised: ${names(losses)} (default: ${DEFAULT_LOSS.type})`,
      fields('--loss', 'type'),
    )
    .option(
      '--label-smoothing <SHARE>',
      'share of each label that goes to all classes alike',
      numberOption('--label-smoothing', share),
    )
    .option(
      '--class-weights <balanced|WEIGHT,...>',
      'how much each class counts in the loss',
      (text: string) => parseValue('--class-weights', 'classWeights', text),
    )
    .option(
      '--metrics <NAME,...>',
      `what is measured beside the loss: ${names(metrics)} (default: accuracy)`,
      (text: string) => asUsage(() => readMetrics('--metrics', text.split(','))),
    )
    .option(
      '--validation-split <SHARE>',
      'hold out a share of the training images to validate on; the test images are left for the end',
      numberOption('--validation-split', openShare),
    )
    .option(
      '--early-stopping <EPOCHS[,OPTION=VALUE...]>',
      'end after so many epochs without a better figure, with the best weights; options: monitor (default: validationLoss), min-delta, restore-best',
      (text: string) => {
        const given = parseFields('--early-stopping', text, 'patience');
        return asUsage(() => readEarlyStopping('--early-stopping', given));
      },
    )
    .option(
      '--average-weights [DECAY]',
      'keep an average of the weights, and validate and end with it (default decay: 0.999)',
      (text: string) => {
        const given = parseFields('--average-weights', text, 'decay');
        return asUsage(() => readAverage('--average-weights', given));
      },
    )
    .option('--accumulate <N>', 'batches that share one update', wholeNumber('--accumulate', 1))
    .option(
      '--shards <N>',
      'parts of a batch; another number gives other bits (default: 8)',
      wholeNumber('--shards', 1, 256),
    );
}

function fields(flag: string, head: string): (text: string) => Readonly<Record<string, unknown>> {
  return (text) => parseFields(flag, text, head);
}

/** The loss that the options name; undefined if they name none. */
export function lossOf({ loss, labelSmoothing, classWeights }: FitFlags): LossSpec | undefined {
  if ((loss ?? labelSmoothing ?? classWeights) === undefined) return undefined;
  const spec = { ...(loss ?? DEFAULT_LOSS), ...defined({ labelSmoothing, classWeights }) };
  return asUsage(() => readLoss('--loss', spec));
}

/** Those of the options of `fit` that are given, but for the optimizer and the loss. */
export function controlsOf(flags: FitFlags): FitOptions {
  const { metrics, validationSplit, augment, earlyStopping, averageWeights, accumulate, shards } =
    flags;
  const average = averageWeights === true ? readAverage('', {}) : averageWeights;
  return defined({
    metrics,
    validationSplit,
    augment,
    earlyStopping,
    averageWeights: average,
    accumulate,
    shards,
  });
}

/** A copy without the fields that are undefined. */
export function defined<Fields extends object>(
  fields: Fields,
): { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as never; // as the type says
}
