/** The learning rates that a run had, for its report. @module */
import { updateCount } from '../data/batches.ts';
import { Rate } from '../model/rate.ts';
import type { RateSample } from '../node/report/runReport.ts';
import type { Run } from './run.ts';

/** About as many as a plot has pixels. */
const SAMPLES = 800;

/**
 * The rates of some of the updates, in order; each holds until the next. Epochs before a checkpoint that had another
 * constant rate have that one.
 */
export function sampleRates(run: Run): RateSample[] {
  const { settings, trained, epochs, checkpoint } = run;
  const { optimizer, batchSize, accumulate } = settings;
  const stepsPerEpoch = updateCount(trained, batchSize, accumulate);
  const length = { epochs: settings.epochs, stepsPerEpoch };
  const rate = new Rate(optimizer, length);
  const before = checkpoint && new Rate(checkpoint.optimizer, length);
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
