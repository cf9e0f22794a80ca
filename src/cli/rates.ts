/** The learning rates that a run had, for its report. @module */
import { updateCount } from '../data/batches.ts';
import { Rate } from '../model/rate.ts';
import type { RateSample } from '../node/report/runReport.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import type { Run } from './run.ts';

/** About as many as a plot has pixels. */
const SAMPLES = 800;

/**
 * The rates of some of the updates, in order; each holds until the next. Epochs before a checkpoint have those of its own
 * optimizer, over as many epochs as there were to be then.
 */
export function sampleRates(run: Run): RateSample[] {
  const { settings, trained, epochs, checkpoint } = run;
  const { optimizer, batchSize, accumulate } = settings;
  const stepsPerEpoch = updateCount(trained, batchSize, accumulate);
  const rateOver = (one: OptimizerSpec, of: unknown) =>
    new Rate(one, { epochs: typeof of === 'number' ? of : settings.epochs, stepsPerEpoch });
  const rate = rateOver(optimizer, settings.epochs);
  const before = checkpoint && rateOver(checkpoint.optimizer, checkpoint.settings?.epochs);
  const stride = Math.max(1, Math.ceil((stepsPerEpoch * epochs.length) / SAMPLES));
  const samples: RateSample[] = [];
  for (const [index, event] of epochs.entries()) {
    const isBefore = index < (checkpoint?.history.length ?? 0);
    const current = isBefore ? (before ?? rate) : rate;
    for (let step = 0; step < stepsPerEpoch; step += stride) {
      const at = index * stepsPerEpoch + step;
      samples.push({ epoch: at / stepsPerEpoch, rate: current.rateOf(at) });
    }
    before?.afterEpoch(event);
    rate.afterEpoch(event);
  }
  const last = epochs.length * stepsPerEpoch - 1;
  if (last >= 0) samples.push({ epoch: epochs.length, rate: samples.at(-1)?.rate ?? 0 });
  return samples;
}
