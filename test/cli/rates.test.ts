/** The learning rates in the report are those that the updates had. */
import { learningRateAt, optimizers, schedules } from 'convlet';
import { expect, it } from 'vitest';
import { sampleRates } from '../../src/cli/rates.ts';
import type { Run } from '../../src/cli/run.ts';

const losses = [1, 1, 1, 1];
const epochs = losses.map((loss, index) => ({
  epoch: index + 1,
  loss,
  validationLoss: loss,
  seconds: 1,
  imagesPerSecond: 1,
}));

/** 10 updates of 2 batches of 5 images in every epoch. */
function runOf(optimizer: Run['settings']['optimizer'], checkpoint?: Partial<Run['checkpoint']>) {
  const settings = { optimizer, epochs: epochs.length, batchSize: 5, accumulate: 2 };
  return { settings, trained: 100, epochs, checkpoint } as unknown as Run;
}

it('follow a schedule update by update, to the end of the run', () => {
  const learningRate = schedules.cosine({ from: 0.1, length: 4 });
  const samples = sampleRates(runOf(optimizers.sgd({ learningRate })));
  expect(samples).toHaveLength(41);
  for (const [step, { epoch, rate }] of samples.slice(0, 40).entries()) {
    expect(epoch).toBeCloseTo(step / 10);
    expect(rate).toBe(learningRateAt(learningRate, step, { stepsPerEpoch: 10 }));
  }
  expect(samples.at(-1)).toEqual({ epoch: 4, rate: samples.at(-2)?.rate });
});

it('follow the epochs under reduceOnPlateau', () => {
  const learningRate = schedules.reduceOnPlateau({ from: 1, factor: 0.5, patience: 1 });
  const samples = sampleRates(runOf(optimizers.sgd({ learningRate })));
  const at = (epoch: number) => samples.find((sample) => sample.epoch === epoch)?.rate;
  expect([0, 1, 2, 3].map(at)).toEqual([1, 1, 1, 0.5]);
});

it('have the constant rate of the checkpoint before it, and none without epochs', () => {
  const checkpoint = {
    optimizer: optimizers.sgd({ learningRate: 0.5 }),
    history: epochs.slice(0, 2),
  };
  const samples = sampleRates(runOf(optimizers.sgd({ learningRate: 0.25 }), checkpoint));
  const rates = samples.map(({ rate }) => rate);
  expect(rates).toEqual([...new Array(20).fill(0.5), ...new Array(21).fill(0.25)]);
  expect(sampleRates({ ...runOf(optimizers.sgd()), epochs: [] })).toEqual([]);
});

it('are, before a checkpoint of fewer epochs, those over these', () => {
  const optimizer = optimizers.sgd({ learningRate: schedules.cosine({ from: 1 }) });
  const checkpoint = { optimizer, history: epochs.slice(0, 2), settings: { epochs: 2 } };
  const samples = sampleRates(runOf(optimizer, checkpoint));
  expect(samples[19]?.rate).toBeLessThan(0.01); // at the end of the first run
  expect(samples[20]?.rate).toBeCloseTo(0.5); // in the middle of the whole
});
