/** The learning rate of a run: the default length, rates that follow the epochs, and runs that go on. */
import {
  type Checkpoint,
  createModel,
  type FitOptions,
  optimizers,
  type Schedule,
  schedules,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { Rate } from '../../src/model/rate.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';
import { libraryVectors } from '../support/vectors.ts';

const { cosine, linear, oneCycle, reduceOnPlateau, step, warmup } = schedules;
const backend = useBackend();
const data = strokes(70); // three steps an epoch, the last of 6 images
const test = strokes(20);

async function run(learningRate: number | Schedule, given: FitOptions = {}) {
  const model = createModel(backend(), spec, { seed: 3 });
  const checkpoints: Checkpoint[] = [];
  const { epochs } = await model.fit(data, {
    epochs: 4,
    batchSize: 32,
    optimizer: optimizers.momentum({ learningRate }),
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    ...given,
  });
  return { hash: await model.weightsSha256(), checkpoints, epochs };
}

describe('a schedule without a length', () => {
  it.each([
    ['linear', linear({ from: 0.1, to: 0 }), linear({ from: 0.1, to: 0, length: 4 })],
    ['cosine in steps', cosine({ from: 0.1, unit: 'step' }), cosine({ from: 0.1, length: 4 })],
    [
      'warmup',
      warmup({ then: cosine({ from: 0.1 }) }),
      warmup({ length: 12, then: cosine({ from: 0.1 }), unit: 'step' }),
    ],
    ['oneCycle', oneCycle({ peak: 0.1 }), oneCycle({ peak: 0.1, length: 12, unit: 'step' })],
  ])('%s takes the epochs of the run', async (_name, short, long) => {
    expect((await run(short)).hash).toBe((await run(long)).hash);
  });

  it('counts updates, not batches, if batches share one', async () => {
    const accumulate = 2; // two updates an epoch
    const inEpochs = await run(step({ from: 0.1, factor: 0.5, every: 1 }), { accumulate });
    const inSteps = await run(step({ from: 0.1, factor: 0.5, every: 2, unit: 'step' }), {
      accumulate,
    });
    expect(inSteps.hash).toBe(inEpochs.hash);
  });
});

interface Plateau {
  readonly attrs: {
    readonly base_lr: number;
    readonly factor: number;
    readonly patience: number;
    readonly threshold: number;
    readonly cooldown: number;
    readonly min_lr: number;
  };
  readonly lr: readonly number[];
  readonly metric: readonly number[];
}

const cases = libraryVectors<Plateau>(/^schedule_plateau/);

describe.skipIf(cases.length === 0)('PyTorch', () => {
  it.each(cases)('$name', ({ attrs, lr, metric }) => {
    const { base_lr: from, factor, patience, threshold: minDelta, cooldown, min_lr: least } = attrs;
    const learningRate = reduceOnPlateau({ from, factor, patience, minDelta, cooldown, least });
    const optimizer = optimizers.sgd({ learningRate });
    const length = { epochs: lr.length, stepsPerEpoch: 1 };
    let rate = new Rate(optimizer, length);
    expect(lr.length).toBeGreaterThan(100);
    for (const [k, expected] of lr.entries()) {
      expect(rate.rateOf(k), `step ${k}`).toBeCloseTo(expected, 15);
      const validationLoss = metric[k] ?? Number.NaN;
      rate.afterEpoch({ epoch: k + 1, loss: 0, seconds: 0, imagesPerSecond: 0, validationLoss });
      rate = new Rate(optimizer, length, rate.state); // and goes on from there
    }
  });
});

describe('reduceOnPlateau', () => {
  const event = (epoch: number, figure: number) => ({
    epoch,
    loss: figure,
    accuracy: figure,
    seconds: 0,
    imagesPerSecond: 0,
  });

  /** The rates of epochs with these figures. */
  function ratesOf(monitor: string, figures: readonly number[], given: object = {}): number[] {
    const plateau = reduceOnPlateau({ from: 1, factor: 0.5, patience: 1, monitor, ...given });
    const rate = new Rate(optimizers.sgd({ learningRate: plateau }), {
      epochs: figures.length,
      stepsPerEpoch: 3,
    });
    return figures.map((figure, i) => {
      const before = rate.rateOf(3 * i);
      rate.afterEpoch(event(i + 1, figure));
      return before;
    });
  }

  it('waits for smaller losses and for larger accuracies', () => {
    expect(ratesOf('loss', [4, 3, 3, 3, 3, 3, 2])).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.25]);
    expect(ratesOf('accuracy', [0.1, 0.2, 0.2, 0.2, 0.3, 0.1])).toEqual([1, 1, 1, 1, 0.5, 0.5]);
  });

  it('asks for a share of the best figure, cools down, and stops at the least rate', () => {
    expect(ratesOf('loss', [4, 3.8, 3.7, 3.5, 3], { minDelta: 0.1 })).toEqual([1, 1, 1, 0.5, 0.5]);
    expect(ratesOf('loss', [1, 1, 1, 1, 1, 1, 1, 1], { cooldown: 2 })).toEqual([
      1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25,
    ]);
    expect(ratesOf('loss', [1, 1, 1, 1, 1, 1, 1], { least: 0.4 })).toEqual([
      1, 1, 1, 0.5, 0.5, 0.4, 0.4,
    ]);
  });

  it('after a warm-up follows the epochs that began after it', () => {
    const learningRate = warmup({
      length: 1.5,
      then: reduceOnPlateau({ from: 1, patience: 0, monitor: 'loss' }),
    });
    const rate = new Rate(optimizers.sgd({ learningRate }), { epochs: 9, stepsPerEpoch: 2 });
    const rates: number[] = [];
    for (let epoch = 1; epoch < 6; epoch++) {
      rates.push(rate.rateOf(2 * epoch - 2), rate.rateOf(2 * epoch - 1));
      rate.afterEpoch(event(epoch, 1));
    }
    const fall = [1, 1, 1, 1, 0.1, 0.1];
    expect(rates.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      0,
      0.333333,
      0.666667,
      1,
      ...fall,
    ]);
  });

  it('is kept by checkpoints and their files, and goes on from any step to the same bytes', async () => {
    const plateau = reduceOnPlateau({ from: 0.1, patience: 0, minDelta: 0.2 });
    const given = { validationData: test, checkpointEvery: 1 };
    const whole = await run(plateau, given);
    expect(whole.hash).not.toBe((await run(0.1, given)).hash);
    const last = whole.checkpoints.at(-1)?.controls?.learningRate;
    expect(last?.[0]).toBeLessThan(0.05);
    expect(last?.[3]).toBeLessThan(5);
    for (const checkpoint of whole.checkpoints) {
      const bytes = encodeCheckpoint(checkpoint);
      const resume = decodeCheckpoint(bytes, 'f');
      expect(resume).toEqual(checkpoint);
      const rest = await run(plateau, { ...given, resume });
      expect(rest.hash).toBe(whole.hash);
      expect(rest.checkpoints.at(-1)?.controls ?? whole.checkpoints.at(-1)?.controls).toEqual({
        learningRate: last,
      });
    }
  });

  it('is refused at the start if there is nothing to follow', async () => {
    const missing = run(reduceOnPlateau({ from: 0.1 }));
    await expect(missing).rejects.toThrow(
      'fit: learningRate: expected a monitor of loss, accuracy, got "validationLoss". Give validationData',
    );
    await expect(missing).rejects.toThrow(TypeError);
    await expect(run(reduceOnPlateau({ from: 0.1, monitor: 'top5' }))).rejects.toThrow(
      'got "top5"',
    );
    const after = warmup({ length: 1, then: reduceOnPlateau({ from: 0.1 }) });
    await expect(run(after)).rejects.toThrow('got "validationLoss"');
    await expect(run(after, { validationData: test })).resolves.toBeDefined();
  });
});
