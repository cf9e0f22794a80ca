/** How a layer runs over tensors, and what a random one draws from. @module */
import { wrongKind } from '../base/checks.ts';
import { type OptionCheck, type OptionChecks, whole } from '../base/options.ts';
import type { Mode } from '../layers/layer.ts';
import type { RunOptions } from './layerRun.ts';

/** How a layer runs, and what a random one draws from. */
export interface LayerOptions {
  /** @default 'evaluate' */
  readonly mode?: Mode;
  /** Of the model. @default 1 */
  readonly seed?: number;
  /** Of the model's life, counted from 1. @default 1 */
  readonly epoch?: number;
  /** Batch of the epoch, counted from 0. @default 0 */
  readonly step?: number;
}

const modeCheck: OptionCheck = (where, name, value) => {
  if (value === 'train' || value === 'evaluate') return;
  throw wrongKind(where, name, "'train' or 'evaluate'", value);
};

export const runChecks: OptionChecks<LayerOptions> = {
  mode: modeCheck,
  seed: whole(0, 2 ** 32 - 1),
  epoch: whole(0, 2 ** 32 - 1),
  step: whole(0),
};

/** Checked options with their defaults, and those beside them. */
export function splitRunOptions<Other extends object>(
  given: LayerOptions & Other,
): { readonly settings: RunOptions; readonly others: object } {
  const { mode = 'evaluate', seed = 1, epoch = 1, step = 0, ...others } = given;
  return { settings: { mode, seed, epoch, step }, others };
}
