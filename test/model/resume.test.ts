/**
 * A run under any combination of training controls that is interrupted at random steps, and goes on in new models from its
 * checkpoints, ends with the bytes and the figures of the run that was never interrupted.
 */
import {
  type Checkpoint,
  createModel,
  type Dataset,
  type FitOptions,
  type History,
  type Model,
  optimizers,
  schedules,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Case, cases, FEATURES, featuresOf, untimed } from '../support/controls.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const RUNS = 60;
const DEATH = new Error('the process has died');

/** All that a run comes to. */
async function resultOf(model: Model, history: History, { task }: Case) {
  return {
    sha256: await model.weightsSha256(),
    epochs: history.epochs.map(untimed),
    bestEpoch: history.bestEpoch,
    isStopped: history.stopped,
    evaluation: model.evaluate(task.test as Dataset),
  };
}

/** The run in parts, each in a new model. */
async function inParts(given: Case) {
  const { task, options, parts } = given;
  let kept: Checkpoint | undefined;
  let resumed = 0;
  for (let part = 0; ; part++) {
    const model = createModel(backend(), task.spec, { seed: 3 });
    if (kept !== undefined) resumed++;
    const steps = parts[part] ?? Number.POSITIVE_INFINITY; // the last part goes to the end
    const isDying = given.dies[part] === true;
    let done = 0;
    const history = await model
      .fit(task.data, {
        ...(kept === undefined ? options : { ...needed(options), resume: kept }),
        ...(Number.isFinite(steps) && !isDying && { maxSteps: steps }),
        onCheckpoint(checkpoint) {
          kept = decodeCheckpoint(encodeCheckpoint(checkpoint), 'memory');
        },
        onStepEnd() {
          if (++done >= steps && isDying) throw DEATH;
        },
      })
      .catch((error) => {
        if (error !== DEATH) throw error;
      });
    if (history?.stopped === false)
      return { resumed, result: await resultOf(model, history, given) };
    model.dispose();
  }
}

/** What a checkpoint does not say. */
function needed({ epochs = 1, validationData, checkpointEvery }: FitOptions): FitOptions {
  return {
    epochs,
    ...(validationData && { validationData }),
    ...(checkpointEvery && { checkpointEvery }),
  };
}

async function atOnce(given: Case, onEpochEnd: (model: Model) => void = () => {}) {
  const model = createModel(backend(), given.task.spec, { seed: 3 });
  const options = { ...given.options, onEpochEnd: () => onEpochEnd(model) };
  return resultOf(model, await model.fit(given.task.data, options), given);
}

it('a run in parts ends as the run at once, under any controls', async () => {
  let [early, resumed] = [0, 0];
  const times = new Map(FEATURES.map((name) => [name, 0]));
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const whole = await atOnce(given);
      const parts = await inParts(given);
      expect(whole.isStopped).toBe(false);
      expect(parts.result).toEqual(whole);
      resumed += parts.resumed;
      for (const name of featuresOf(given)) times.set(name, (times.get(name) ?? 0) + 1);
      if (whole.epochs.length < (given.options.epochs ?? 0)) early++;
    }),
    { seed: 16, numRuns: RUNS },
  );
  for (const [name, count] of times) expect(count, name).toBeGreaterThan(2);
  expect(early).toBeGreaterThan(2); // some are stopped early
  expect(resumed).toBeGreaterThan(RUNS);
});

it('evaluation, prediction and copies between epochs do not disturb a run', async () => {
  const use = (given: Case) => (model: Model) => {
    const { data, test } = given.task;
    model.evaluate(data as Dataset, { batchSize: 50 }); // more images than a batch has
    model.evaluate(test as Dataset, { batchSize: 3 });
    model.predict(test.images, { outputs: ['left'] });
    model.weights();
  };
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      expect(await atOnce(given, use(given))).toEqual(await atOnce(given));
    }),
    { seed: 17, numRuns: RUNS / 3 },
  );
});

describe('a run that goes on with other options', () => {
  const data = strokes(40);
  const plateau = (from: number, monitor: string) =>
    schedules.reduceOnPlateau({ from, patience: 0, minDelta: 0.9, monitor });

  /** Two epochs under `before`, and the checkpoint after each epoch that `after` goes on with. */
  async function change(before: FitOptions, after: FitOptions) {
    const kept: Checkpoint[] = [];
    const onCheckpoint = (checkpoint: Checkpoint) => void kept.push(checkpoint);
    const options: FitOptions = { epochs: 2, batchSize: 20, validationData: data };
    await createModel(backend(), spec).fit(data, { ...options, ...before, onCheckpoint });
    const resume = kept.at(-1);
    await createModel(backend(), spec).fit(data, {
      ...options,
      epochs: 3,
      ...after,
      resume,
      onCheckpoint,
    });
    return { before: resume?.controls, after: kept.at(-1)?.controls };
  }

  it('begins another schedule anew, and goes on with the same one', async () => {
    const optimizer = (from: number, monitor: string) =>
      optimizers.sgd({ learningRate: plateau(from, monitor) });
    const same = await change({ optimizer: optimizer(0.1, 'loss') }, {});
    expect(same.before?.learningRate?.[0]).toBeCloseTo(0.01, 12);
    expect(same.after?.learningRate?.[0]).toBeCloseTo(0.001, 12);
    const spelled = { ...optimizer(0.1, 'loss') };
    expect(await change({ optimizer: optimizer(0.1, 'loss') }, { optimizer: spelled })).toEqual(
      same,
    );
    const other = await change(
      { optimizer: optimizer(0.1, 'loss') },
      { optimizer: optimizer(0.05, 'validationLoss') },
    );
    expect(other.after?.learningRate?.[0]).toBeCloseTo(0.05, 12); // its first epoch is its best
  });

  it('begins early stopping by another figure anew, and goes on with the same one', async () => {
    const earlyStopping = (monitor: string, patience: number) => ({
      earlyStopping: { monitor, patience, minDelta: 9 },
    });
    const same = await change(earlyStopping('loss', 5), earlyStopping('loss', 7));
    expect(same.after?.earlyStopping?.slice(0, 2)).toEqual([1, 2]); // best in epoch 1, then two worse
    const other = await change(earlyStopping('loss', 5), earlyStopping('validationLoss', 5));
    expect(other.after?.earlyStopping?.slice(0, 2)).toEqual([3, 0]);
  });
});
