/** `earlyStopping`: when training ends, and which weights the model keeps. */
import {
  createModel,
  type Dataset,
  type EarlyStoppingOptions,
  type EpochEvent,
  type FitOptions,
  optimizers,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { EarlyStopper, readEarlyStopping } from '../../src/model/earlyStopping.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();

/** The epoch after which training ends, and the best one, for figures of these epochs. */
function follow(figures: readonly number[], options: EarlyStoppingOptions) {
  const monitor = options.monitor ?? 'validationLoss';
  let stopper = new EarlyStopper(readEarlyStopping('fit', options));
  let copies = 0;
  for (const [i, figure] of figures.entries()) {
    const event = { epoch: i + 1, loss: 0, seconds: 0, imagesPerSecond: 0, [monitor]: figure };
    stopper.afterEpoch(event as EpochEvent, () => Float32Array.of(++copies));
    const { bestEpoch } = stopper;
    if (stopper.isOver) return { end: i + 1, bestEpoch, copies };
    // and goes on from what a checkpoint keeps
    const state = stopper.state();
    expect(state.every(Number.isFinite)).toBe(true);
    stopper = new EarlyStopper(readEarlyStopping('fit', options), state, stopper.bestParameters);
  }
  return { end: undefined, bestEpoch: stopper.bestEpoch, copies };
}

describe('training ends', () => {
  it('after patience epochs in a row without a better figure', () => {
    const losses = [4, 3, 3.5, 2, 2, 2.5, 3];
    expect(follow(losses, { patience: 1 })).toEqual({ end: 3, bestEpoch: 2, copies: 2 });
    expect(follow(losses, { patience: 2 })).toEqual({ end: 6, bestEpoch: 4, copies: 3 });
    expect(follow(losses, { patience: 3 })).toEqual({ end: 7, bestEpoch: 4, copies: 3 });
    expect(follow(losses, { patience: 4 })).toEqual({ end: undefined, bestEpoch: 4, copies: 3 });
  });

  it('counts only what is better by more than minDelta', () => {
    const losses = [4, 3.75, 3.5, 3.25, 3];
    expect(follow(losses, { patience: 2 }).bestEpoch).toBe(5);
    expect(follow(losses, { patience: 2, minDelta: 0.25 })).toMatchObject({
      copies: 3,
      bestEpoch: 5,
    });
    expect(follow(losses, { patience: 2, minDelta: 0.5 })).toMatchObject({ end: 3, bestEpoch: 1 });
  });

  it.each(['accuracy', 'validationAccuracy', 'top5', 'validationMacroF1'])(
    'takes the larger %s for the better one',
    (monitor) => {
      const options = { patience: 2, monitor };
      expect(follow([0.1, 0.5, 0.4, 0.5], options)).toMatchObject({ end: 4, bestEpoch: 2 });
    },
  );

  it.each(['loss', 'validationLoss', 'meanAbsoluteError', 'validationMeanSquaredError'])(
    'takes the smaller %s for the better one',
    (monitor) => {
      const options = { patience: 2, monitor };
      expect(follow([3, 1, 1.5, 1], options)).toMatchObject({ end: 4, bestEpoch: 2 });
    },
  );

  it('keeps no copies unless the best weights are to come back', () => {
    expect(follow([3, 2, 1], { patience: 1, restoreBest: false }).copies).toBe(0);
  });
});

describe('the weights of the best epoch', () => {
  const data = strokes(30);
  const test = strokes(40, 2);
  // so fast that the loss leaves its best value again
  const optimizer = optimizers.momentum({ learningRate: 0.12 });

  async function run(given: FitOptions = {}) {
    const model = createModel(backend(), spec, { seed: 2 });
    const hashes: string[] = [];
    const averages: number[] = [];
    const history = await model.fit(data, {
      epochs: 30,
      batchSize: 10,
      optimizer,
      validationData: test,
      ...given,
      async onEpochEnd() {
        hashes.push(await model.weightsSha256());
        averages.push(model.evaluate(test).loss);
      },
    });
    return { model, history, hashes, averages, hash: await model.weightsSha256() };
  }

  it('come back when training ends early, and are those that validation measured', async () => {
    const { model, history, hashes, hash } = await run({ earlyStopping: { patience: 2 } });
    const { epochs, bestEpoch = 0 } = history;
    const losses = epochs.map(({ validationLoss = Number.NaN }) => validationLoss);
    expect(epochs.length).toBeLessThan(30);
    expect(bestEpoch).toBe(epochs.length - 2);
    expect(losses[bestEpoch - 1]).toBe(Math.min(...losses));
    expect(hash).toBe(hashes[bestEpoch - 1]);
    expect(model.evaluate(test).loss).toBe(losses[bestEpoch - 1]);
    expect(history.stopped).toBe(false);
  });

  it('come back when the epochs are over, too', async () => {
    const { history, hashes, hash } = await run({ epochs: 20, earlyStopping: { patience: 99 } });
    const { bestEpoch = 0 } = history;
    expect(history.epochs).toHaveLength(20);
    expect(bestEpoch).toBeLessThan(20);
    expect(hash).toBe(hashes[bestEpoch - 1]);
  });

  it('do not come back if restoreBest is false', async () => {
    const { hashes, hash, history } = await run({
      earlyStopping: { patience: 2, restoreBest: false },
    });
    expect(hash).toBe(hashes.at(-1));
    expect(history.bestEpoch).toBe(history.epochs.length - 2);
  });

  it('do not come back after maxSteps, nor after a signal', async () => {
    const earlyStopping = { patience: 99 };
    const { hashes, hash, history } = await run({ earlyStopping, maxSteps: 60 });
    expect(history.stopped).toBe(true);
    expect(history.bestEpoch).toBeLessThan(20);
    expect(hash).toBe(hashes.at(-1));
    const controller = new AbortController();
    let steps = 0;
    const signalled = await run({
      earlyStopping,
      signal: controller.signal,
      onStepEnd: () => ++steps === 60 && controller.abort(),
    });
    expect(signalled.hash).toBe(hash);
  });

  it('are of the average, if there is one', async () => {
    const { model, history, averages } = await run({
      earlyStopping: { patience: 2 },
      averageWeights: { decay: 0.5 },
      epochs: 60,
    });
    const { epochs, bestEpoch = 0 } = history;
    expect(epochs.map(({ validationLoss }) => validationLoss)).toEqual(averages);
    expect(model.evaluate(test).loss).toBe(averages[bestEpoch - 1]);
  });

  it('follow the figure that is named', async () => {
    const monitor = 'validationAccuracy';
    const { history } = await run({ earlyStopping: { patience: 3, monitor } });
    const figures = history.epochs.map(({ validationAccuracy = 0 }) => validationAccuracy);
    expect(history.bestEpoch).toBe(figures.indexOf(Math.max(...figures)) + 1);
  });
});

describe('earlyStopping refuses', () => {
  const attempt = (earlyStopping: unknown, given: FitOptions = {}) =>
    createModel(backend(), spec).fit(strokes(20) as Dataset, {
      ...given,
      earlyStopping: earlyStopping as EarlyStoppingOptions,
    });

  it('a figure that there will not be, before the first step', async () => {
    const missing = attempt({ patience: 1 });
    await expect(missing).rejects.toThrow(TypeError);
    await expect(missing).rejects.toThrow(
      'fit: earlyStopping: expected a monitor of loss, accuracy, got "validationLoss". Give validationData or validationSplit, and name the metric.',
    );
    const top5 = attempt({ patience: 1, monitor: 'top5' });
    await expect(top5).rejects.toThrow(TypeError);
    await expect(top5).rejects.toThrow('Name the metric among metrics.');
    const named = attempt({ patience: 1, monitor: 'validationTop5' }, { validationSplit: 0.2 });
    await expect(named).rejects.toThrow('loss, accuracy, validationLoss, validationAccuracy');
    await attempt(
      { patience: 1, monitor: 'validationTop5' },
      { validationSplit: 0.2, metrics: ['top5'] },
    );
  });

  it.each<[unknown, string]>([
    [{}, 'patience'],
    [{ patience: 0 }, 'patience'],
    [{ patience: 1.5 }, 'patience'],
    [{ patience: 1, minDelta: -1 }, 'minDelta'],
    [{ patience: 1, minDelta: Number.NaN }, 'minDelta'],
    [{ patience: 1, monitor: 3 }, 'monitor'],
    [{ patience: 1, restoreBest: 'yes' }, 'restoreBest'],
    [{ patience: 1, wait: 3 }, '"wait"'],
    [3, 'earlyStopping'],
  ])('%j', async (options, name) => {
    await expect(attempt(options)).rejects.toThrow(name);
  });
});
